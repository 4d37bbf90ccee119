uuid=$(printf '%s\n' "${PULUMI_COMMAND_STDOUT:-}" | sed -n 's/^domain //p' | tail -n 1)
ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -- 10.77.0.11 'sudo -n systemctl poweroff' </dev/null >/dev/null 2>&1 & asked=$!
{ echo "UUID='$uuid'"; printf '%s\n' 'set -eu
CONSOLE=/pool/vm1-console.log
NAME=vm1
PLACEHOLDER='\''pulumi-fusion: for a machine in /pool that is gone'\''
SECONDS_LEFT=90
URI=qemu:///system
fail() { echo "failed: $1" >&2; exit 1; }
virsh() { LC_ALL=C command virsh --connect "$URI" "$@"; }
# The domain'\''s state; empty where there is no such domain.
state() { virsh domstate "$NAME" 2>/dev/null | head -n 1; }

# virtlogd numbers what it has rotated.
rm -f "$CONSOLE" "$CONSOLE".[0-9]*
if [ -z "$(state)" ]; then
    [ -n "${UUID:-}" ] || exit 0
    echo "<domain type='\''qemu'\''><name>$NAME.gone</name><title>$PLACEHOLDER</title><uuid>$UUID</uuid><memory unit='\''MiB'\''>1</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>" |
        virsh define /dev/stdin >/dev/null
    echo "$NAME was gone already"
    exit 0
fi
end=$(($(date +%s) + SECONDS_LEFT))
asked=0
while :; do
    case $(state) in
    running | idle | "in shutdown") ;;
    *) echo "$NAME is not running: $(state)"; exit 0 ;;
    esac
    now=$(date +%s)
    if [ "$now" -ge "$end" ]; then echo "$NAME did not shut down within $SECONDS_LEFT s and is powered off"; exit 0; fi
    # A guest that is just starting may not hear the first time.
    if [ $((now - asked)) -ge 10 ]; then virsh shutdown "$NAME" --mode acpi >/dev/null 2>&1 || true; asked=$now; fi
    sleep 1
done
'; } | sh -s; code=$?
kill $asked 2>/dev/null; exit $code