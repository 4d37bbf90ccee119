set -eu
ADDRESS=10.77.0.11
APPLY='set -eu
CONSOLE=/pool/vm1-console.log
DESCRIPTION='\''it'\''\'\'''\''s web'\''
DISKS='\''10 /pool/vm1-01234567.qcow2
20 /pool/vm1-data-data.qcow2'\''
LABELS='\''<machine><label name="&lt;&quot;&amp;">&apos;</label><label name="zone">a</label></machine>'\''
MEMORY=2048
NAME=vm1
URI=qemu:///system
VCPUS=2
fail() { echo "failed: $1" >&2; exit 1; }
virsh() { LC_ALL=C command virsh --connect "$URI" "$@"; }
# The domain'\''s state; empty where there is no such domain.
state() { virsh domstate "$NAME" 2>/dev/null | head -n 1; }

was=$(state)
case $was in
"") fail "there is no domain $NAME on $(uname -n); run pulumi up again" ;;
"in shutdown")
    for _ in $(seq 120); do [ "$(state)" = "in shutdown" ] || break; sleep 1; done
    was=$(state) ;;
esac
out=$(mktemp)
trap '\''rm -f "$out"'\'' EXIT
must() { "$@" >"$out" 2>&1 || fail "$NAME: $(tail -n 1 "$out") (virsh $2)"; }
running() { case $was in running | idle | paused | pmsuspended) true ;; *) false ;; esac; }
fresh=
xml=$(virsh dumpxml --inactive --security-info "$NAME")
if ! running && ! printf '\''%s\n'\'' "$xml" | grep -qF "$CONSOLE"; then
    # The provider has no word for it, and it takes effect at a start.
    printf '\''%s\n'\'' "$xml" | sed "/<serial type=/a\\      <log file='\''$CONSOLE'\'' append='\''on'\''/>" >"$out.xml"
    must virsh define "$out.xml"
    rm -f "$out.xml"
    fresh=yes
fi
count() { virsh vcpucount "$NAME" "$@" 2>/dev/null || true; }
if [ "$(count --current --config)" != "$VCPUS" ]; then must virsh setvcpus "$NAME" "$VCPUS" --config --hotpluggable; fi
must virsh setmem "$NAME" "$MEMORY"MiB --config
# The title, since the provider reads the description back and would make the domain anew.
must virsh desc "$NAME" --config --title --new-desc "$DESCRIPTION"
must virsh metadata "$NAME" --config --uri urn:pulumi-fusion --key fusion --set "$LABELS"
grown=
old_ifs=$IFS
IFS='\''
'\''
for line in $DISKS; do
    IFS=$old_ifs
    gib=${line%% *}; path=${line#* }
    have=$(virsh vol-info --bytes --vol "$path" 2>/dev/null | awk '\''$1 == "Capacity:" { print $2 }'\'')
    # The first disk of some images is larger than was asked; a disk never shrinks.
    if [ -n "$have" ] && [ "$have" -lt $((gib * 1073741824)) ]; then
        if running; then must virsh blockresize "$NAME" "$path" "$((gib * 1048576))"
        else must virsh vol-resize --vol "$path" "$gib"GiB
        fi
        grown="$grown ${path##*/}:$gib"
    fi
done
case $was in
running | idle)
    if [ "$(count --current --live)" != "$VCPUS" ]; then
        virsh setvcpus "$NAME" "$VCPUS" --live >"$out" 2>&1 ||
            echo "note: the guest has $(count --current --live) processors until its next start, then $VCPUS: $(tail -n 1 "$out")"
    fi
    must virsh setmem "$NAME" "$MEMORY"MiB --live
    must virsh desc "$NAME" --live --title --new-desc "$DESCRIPTION"
    must virsh metadata "$NAME" --live --uri urn:pulumi-fusion --key fusion --set "$LABELS" ;;
paused) must virsh resume "$NAME" ;;
pmsuspended) must virsh dompmwakeup "$NAME" ;;
*) must virsh start "$NAME" ;;
esac
[ -z "$grown" ] || echo "note: grown:$grown"
running || [ -n "$fresh" ] || echo "note: was $was and has been started"
echo "domain $(virsh domuuid "$NAME" | head -n 1)"
'
CONSOLE=/pool/vm1-console.log
DISKS='data /srv/data'
MADE='{"address":"10.77.0.11","autostart":true,"dataDisks":{"data":20},"definitions":0,"description":"","diskGiB":10,"domain":"","domainType":"kvm","firmware":"","generation":0,"hypervisor":"rack","identity":"ba9876543210","image":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","labels":"hypervisor=rack","maxMemoryMiB":2048,"maxVcpus":1,"memoryMiB":2048,"network":"rack 52:54:00:4d:00:0b","userData":"0123456789ab","vcpus":1}'
MOUNT='echo mounting'
NAME=vm1
SETTLE='for switch in /sys/devices/system/cpu/cpu*/online; do
    [ ! -e "$switch" ] || [ "$(cat "$switch")" = 1 ] || echo 1 | sudo -n tee "$switch" >/dev/null || true
done
set -- $(findmnt -n -v -o SOURCE,FSTYPE --mountpoint / 2>/dev/null) "" ""
name=$(basename "$(readlink -f "$1")")
if [ -b "$1" ] && [ -e "/sys/class/block/$name/partition" ]; then
    disk=$(basename "$(readlink -f "/sys/class/block/$name/..")")
    free=$(($(cat "/sys/class/block/$disk/size") - $(cat "/sys/class/block/$name/start") - $(cat "/sys/class/block/$name/size")))
    if [ $free -ge 4096 ]; then
        sudo -n growpart "/dev/$disk" "$(cat "/sys/class/block/$name/partition")" >/dev/null 2>&1 || true
        case $2 in
        ext*) sudo -n resize2fs "$1" ;;
        xfs) sudo -n xfs_growfs / ;;
        btrfs) sudo -n btrfs filesystem resize max / ;;
        esac >/dev/null 2>&1 || echo "note: the file system on / could not be grown"
    fi
fi
ZONE=Etc/UTC
data=/usr/share/zoneinfo/$ZONE
if [ ! -f "$data" ]; then
    echo "note: the time zone $ZONE is without effect, since the image has no data of it; add tzdata to packages"
elif [ "$(cksum <"$data")" != "$({ cksum </etc/localtime; } 2>/dev/null)" ]; then
    echo "note: the time zone $ZONE is without effect; see /var/log/cloud-init.log, and whether cloudInit or commands set another"
fi'
STARTS=0
TIMEOUT=900
WAIT='stale() {
    for file in /etc/systemd/system/docker.service.d/10-fusion-*.conf; do
        folder=$(sed -n '\''s/^RequiresMountsFor=//p'\'' "$file" 2>/dev/null) || continue
        label=${file##*/10-fusion-}
        label=${label%.conf}
        [ -z "$folder" ] || printf '\''%s\n'\'' "$DISKS" | grep -qxF "$label $folder" || echo "$label $folder"
    done
}
end=$(($(date +%s) + LEFT))
result=/run/cloud-init/result.json
if command -v cloud-init >/dev/null; then
    until [ -s $result ]; do
        [ "$(date +%s)" -lt "$end" ] || { echo "cloud-init is not done"; exit 0; }
        sleep 1
    done
    if ! grep -q '\''"errors": \[\]'\'' $result; then
        { tr -d '\''\n'\'' <$result; echo; } | sed '\''s/.*"errors": *\[//; s/\].*//'\'' | sed "s/\", *\"/\n/g" |
            sed "s/^ *\"*(*'\''*//; s/)\"* *$//; s/'\'', */: /" | sed '\''s/^/cloud-init: /'\''
        sudo -n tail -n 15 /var/log/cloud-init-output.log 2>/dev/null | sed '\''s/^/| /'\''
        echo "failed: cloud-init has errors, above by module"
        exit 0
    fi
fi
[ -z "$(stale)" ] || { echo "other disks"; exit 0; }
until docker info >/dev/null 2>&1; do
    [ "$(date +%s)" -lt "$end" ] || { echo "Docker does not answer: $(docker info 2>&1 | tail -n 1)"; exit 0; }
    sleep 1
done
echo ready'
on_hypervisor() { sh -s; }
on_guest() { ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -- 10.77.0.11 'sh -s'; }
start=$(date +%s)
# A connection that others share may still lead to the machine's predecessor.
ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -O exit -- 10.77.0.11 >/dev/null 2>&1 || true
applied=$(printf '%s\n' "$APPLY" | on_hypervisor) || exit 1
printf '%s\n' "$applied" | sed -n "s/^note: /$NAME: /p"
give_up() {
    printf 'log="%s"; { tail -c 6000 "$log" 2>/dev/null || sudo -n tail -c 6000 "$log" 2>/dev/null || { [ ! -e "$log" ] || echo "$log cannot be read"; }; } | tr -d "\\r" | tail -n 25\n' "$CONSOLE" | on_hypervisor 2>/dev/null | sed 's/^/console: /' >&2
    printf '%s\n' "$@" >&2
    exit 1
}
# The guest's clock may differ, so it is told how many seconds are left; not many at once, so that there is something to say.
ask() { left=$((TIMEOUT - took)); [ $left -lt 30 ] || left=30; { echo "LEFT=$left DISKS='$DISKS'"; echo "$WAIT"; } | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -- 10.77.0.11 'sh -s' 2>&1; }
mounted=
mount_disks() {
    said=$(printf '%s\n' "$MOUNT" | ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=15 -o ServerAliveInterval=15 -o ServerAliveCountMax=4 -o ControlMaster=auto -o 'ControlPath=~/.ssh/fusion-e223d4aa1e97d878' -o ControlPersist=60 -o UserKnownHostsFile=/dev/null -o GlobalKnownHostsFile=/dev/null -o HostKeyAlgorithms=ssh-ed25519 -o UpdateHostKeys=no -o 'KnownHostsCommand=/bin/sh -c '\''mkdir -p -m 700 "$0/.ssh"; echo "$1"'\'' %d '\''10.77.0.11 ssh-ed25519 HOST'\''' -l fusion -- 10.77.0.11 'sudo -n sh -s' 2>&1) || give_up "$said" "$NAME: its data disks are not all mounted"
    mounted=yes
}
took=0
told=0
pause=1
last=
while :; do
    # What ssh itself says ends in a carriage return.
    said=$(ask | tr -d '\r') || true
    answer=$(printf '%s\n' "$said" | tail -n 1)
    took=$(($(date +%s) - start))
    case $answer in
    ready) break ;;
    failed:*) printf '%s\n' "$said" | sed '$d' >&2
        give_up "$NAME: $answer" "look into it with: ssh to $ADDRESS, then: sudo cloud-init status --long; sudo tail /var/log/cloud-init-output.log" ;;
    "other disks") mount_disks
        answer="its data disks have changed" ;;
    *"Host key verification failed"*) answer="its ssh host key is not the one it was made with: $answer" ;;
    esac
    [ -n "$answer" ] || answer="ssh gave no answer"
    if [ "$answer" != "$last" ] || [ $((took - told)) -ge 30 ]; then
        echo "waiting for $NAME ($took s): $answer"
        last=$answer told=$took
    fi
    [ "$took" -lt "$TIMEOUT" ] || give_up "$NAME ($ADDRESS) is not ready after $took s; the last answer: $answer" \
        "its console, if it wrote one, is above; give it longer with readyTimeoutSeconds, or make it anew with lost: true"
    sleep $pause
    [ $pause -ge 5 ] || pause=$((pause + 1))
done
printf '%s\n' "$SETTLE" | on_guest | sed "s/^note: /$NAME: /" || true
[ -z "$DISKS" ] || [ -n "$mounted" ] || mount_disks
printf '%s\n' "$applied" | tail -n 1
# Last, since that is what stays on the screen.
echo "$NAME is ready after $took s"
