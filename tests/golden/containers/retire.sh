set -eu
pids=
(printf '%s' 'pids=
(sh -c '\''set -eu
KEEP=web-0-0123abcd-1
REPLICA=web-0
SECONDS_TO_END=30
STACK=project/stack
VM=vm1
for old in $(docker ps --filter "label=fusion.stack=$STACK" --format '\''\'\'''\''{{.Names}}'\''\'\'''\'' | grep -E "^$REPLICA-[0-9a-f]{8}-[0-7]$" | grep -vxF "$KEEP"); do
    docker stop --time "$SECONDS_TO_END" "$old" >/dev/null
    echo "$old is stopped on $VM"
done
'\'') & pids="$pids $!"
(sh -c '\''set -eu
KEEP=web-1-0123abcd-1
REPLICA=web-1
SECONDS_TO_END=30
STACK=project/stack
VM=vm1
for old in $(docker ps --filter "label=fusion.stack=$STACK" --format '\''\'\'''\''{{.Names}}'\''\'\'''\'' | grep -E "^$REPLICA-[0-9a-f]{8}-[0-7]$" | grep -vxF "$KEEP"); do
    docker stop --time "$SECONDS_TO_END" "$old" >/dev/null
    echo "$old is stopped on $VM"
done
'\'') & pids="$pids $!"
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed' | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-76175d57550cf71b' -o ControlPersist=60 -l fusion -- 10.77.0.11 'sh -s' 2>&1) & pids="$pids $!"
failed=0
for pid in $pids; do wait "$pid" || failed=1; done
exit $failed
