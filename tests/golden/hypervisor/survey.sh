set -eu
IMAGES=yes
MARK='@fusion-survey '
POOL=/pool
URI=qemu:///system
LC_ALL=C PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export LC_ALL PATH
command -v virsh >/dev/null || { echo "virsh: not found" >&2; exit 127; }
part() { printf '\n%s%s\n' "$MARK" "$1"; }
ask() { timeout 15 virsh --quiet --connect "$URI" "$1"; }
# First alone, so that its exit code tells whether libvirt answers.
part uri; ask uri

set +e
exec 2>/dev/null
part libvirt; ask "version --daemon"
part domain-names; ask "list --all --uuid --name"
part autostart; ask "list --all --autostart --name"
part domains; ask "domstats --raw --nowait --state --balloon --vcpu"
part active; ask "net-list --uuid"
xml=
for uuid in $(ask "net-list --all --uuid"); do xml="$xml net-dumpxml $uuid;"; done
part networks; [ -z "$xml" ] || ask "$xml"
xml=
for uuid in $(ask "pool-list --all --uuid"); do xml="$xml pool-dumpxml $uuid;"; done
part pools; [ -z "$xml" ] || ask "$xml"
security=$(ask capabilities | sed -n '/<secmodel>/,/<\/secmodel>/p')
part security; echo "$security"


part facts
echo "host=$(uname -n)"
echo "user=$(id -un)"
echo "uid=$(id -u)"
echo "cpus=$(getconf _NPROCESSORS_ONLN)"
sed -n 's/^MemTotal: *\([0-9]*\) kB/memTotal=\1/p; s/^MemAvailable: *\([0-9]*\) kB/memAvailable=\1/p' /proc/meminfo
[ -c /dev/kvm ] && [ "$(stat -c %t:%T /dev/kvm)" != 1:3 ] && echo kvm=yes
echo "apparmor=$(cat /sys/module/apparmor/parameters/enabled)"
echo "bridgeNetfilter=$(cat /proc/sys/net/bridge/bridge-nf-call-iptables)"
echo "forward=$(timeout 5 iptables -S FORWARD | sed -n 's/^-P FORWARD //p')"
echo "firewallBackend=$(sed -n 's/^ *firewall_backend *= *"\([a-z]*\)".*/\1/p' /etc/libvirt/network.conf)"
part routes; { timeout 5 ip -4 -o route show; timeout 5 ip -6 -o route show; } | head -n 5000
part addresses; timeout 5 ip -o address show | head -n 5000
part devices; { ls /sys/class/net; timeout 5 ip -o link show | sed 's/^[0-9]*: \([^:@]*\).*/\1/'; } | sort -u
part programs
for program in haproxy socat docker qemu-img xorriso genisoimage curl wget; do
    command -v "$program" >/dev/null || continue
    version=
    case $program in
    haproxy) version=$(timeout 5 haproxy -v) ;;
    docker | qemu-img) version=$(timeout 5 "$program" --version) ;;
    esac
    echo "$program $(echo "$version" | head -n 1)"
done


part storage
there=$POOL
while [ ! -d "$there" ] && [ "$there" != / ]; do
    [ ! -e "$there" ] || echo "blockedBy=$there"
    there=$(dirname -- "$there")
done
[ "$there" = "$POOL" ] && echo exists=yes
[ -w "$there" ] && echo writable=yes
echo "owner=$(stat -c '%U:%G %a' -- "$there")"
echo "freeKiB=$(timeout 5 df -Pk -- "$there" | awk 'NR == 2 { print $4 }')"
qemu=$(echo "$security" | sed -n "s/.*<baselabel type='[a-z]*'>+\([0-9]*\):+\([0-9]*\)<.*/\1 \2/p" | head -n 1)
uid=$(echo "$qemu" | cut -d' ' -f1) gid=$(echo "$qemu" | cut -d' ' -f2)
[ -n "$uid" ] && echo "qemuUser=$(getent passwd "$uid" | cut -d: -f1 | grep . || echo "$uid")"
passes() {
    if [ "$(id -u)" = "$uid" ]; then [ -x "$1" ]
    elif [ "$(id -u)" = 0 ]; then
        if getent passwd "$uid" >/dev/null; then groups=--init-groups; else groups=--clear-groups; fi
        setpriv --reuid "$uid" --regid "$gid" $groups test -x "$1"
    fi
}
names=$(ls -A -- "$POOL") && { part files; echo "$names"; part more-storage; }
if [ -n "$uid" ]; then
    way=$there closed=
    while :; do
        passes "$way" || closed=$way
        [ "$way" != / ] || break
        way=$(dirname -- "$way")
    done
    [ -z "$closed" ] || echo "closedTo=$closed"
fi

if [ "$IMAGES" = yes ]; then

part images
for file in "$POOL"/base-*.qcow2; do [ -f "$file" ] && stat -c '%b %B %n' -- "$file"; done
list=
for uuid in $(ask "list --all --uuid"); do list="$list domblklist $uuid --details;"; done
part overlays
{
    for file in "$POOL"/*; do echo "$file"; done
    [ -z "$list" ] || ask "$list" | sed -n 's/^ *file  *[a-z]*  *[a-z0-9]*  *\(\/.*\)$/\1/p'
} | sort -u | while IFS= read -r file; do
    case $file in "$POOL"/base-*) continue ;; esac
    [ -f "$file" ] || continue
    if [ ! -r "$file" ]; then printf '?\t%s\n' "$file"; continue; fi
    # Cheaper than QEMU's program for each file: only a qcow2 image has another one below it.
    [ "$(head -c 3 -- "$file")" = QFI ] || continue
    base=$(timeout 5 qemu-img info --force-share --output=json -- "$file" | sed -n 's/^ *"full-backing-filename": "\(.*\)",*$/\1/p')
    [ -z "$base" ] || printf '%s\t%s\n' "$base" "$file"
done

fi
part end
