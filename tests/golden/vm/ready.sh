set -eu
ADDRESS=10.77.0.11
NAME=vm1
TIMEOUT=900
WAIT='end=$(($(date +%s) + LEFT))
result=/run/cloud-init/result.json
if command -v cloud-init >/dev/null; then
    until [ -s $result ]; do
        [ "$(date +%s)" -lt "$end" ] || { echo "cloud-init is not done"; exit 0; }
        sleep 1
    done
    if ! grep -q '\''"errors": \[\]'\'' $result; then
        echo "failed: cloud-init: $(tr -d '\''\n'\'' <$result)"
        exit 0
    fi
fi
until docker info >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || { echo "Docker does not answer: $(docker info 2>&1 | tail -n 1)"; exit 0; }
    sleep 1
done
echo ready'
start=$(date +%s)
# A connection that others share may still lead to the machine's predecessor.
ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -O exit -- 10.77.0.11 >/dev/null 2>&1 || true
# The guest's clock may differ, so it is told how many seconds are left.
ask() { { echo "LEFT=$((TIMEOUT - took))"; echo "$WAIT"; } | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -- 10.77.0.11 'sh -s' 2>&1; }
took=0
pause=1
last=
while :; do
    # What ssh itself says ends in a carriage return.
    answer=$(ask | tr -d '\r' | tail -n 1) || true
    took=$(($(date +%s) - start))
    case $answer in
    ready) echo "$NAME is ready after $took s"; exit 0 ;;
    failed:*) echo "$NAME: $answer" >&2
        echo "look into it with: ssh to $ADDRESS, then: sudo cloud-init status --long; sudo tail /var/log/cloud-init-output.log" >&2
        exit 1 ;;
    *"Host key verification failed"*) answer="its ssh host key is not the one it was made with: $answer" ;;
    esac
    [ -n "$answer" ] || answer="ssh gave no answer"
    if [ "$answer" != "$last" ]; then echo "waiting for $NAME ($took s): $answer"; last=$answer; fi
    if [ "$took" -ge "$TIMEOUT" ]; then
        echo "$NAME ($ADDRESS) is not ready after $took s; the last answer: $answer" >&2
        echo "see its console with virsh console, or give it longer with readyTimeoutSeconds" >&2
        exit 1
    fi
    sleep $pause
    [ $pause -ge 5 ] || pause=$((pause + 1))
done
