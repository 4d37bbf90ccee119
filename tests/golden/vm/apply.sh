set -eu
CONSOLE=/pool/vm1-console.log
DESCRIPTION='it'\''s web'
DISKS='10 /pool/vm1-01234567.qcow2
20 /pool/vm1-data-data.qcow2'
LABELS='<machine><label name="&lt;&quot;&amp;">&apos;</label><label name="zone">a</label></machine>'
MEMORY=2048
NAME=vm1
URI=qemu:///system
VCPUS=2
fail() { echo "failed: $1" >&2; exit 1; }
virsh() { LC_ALL=C command virsh --connect "$URI" "$@"; }
# The domain's state; empty where there is no such domain.
state() { virsh domstate "$NAME" 2>/dev/null | head -n 1; }

was=$(state)
case $was in
"") fail "there is no domain $NAME on $(uname -n); run pulumi up again" ;;
"in shutdown")
    for _ in $(seq 120); do [ "$(state)" = "in shutdown" ] || break; sleep 1; done
    was=$(state) ;;
esac
out=$(mktemp)
trap 'rm -f "$out"' EXIT
must() { "$@" >"$out" 2>&1 || fail "$NAME: $(tail -n 1 "$out") (virsh $2)"; }
running() { case $was in running | idle | paused | pmsuspended) true ;; *) false ;; esac; }
fresh=
xml=$(virsh dumpxml --inactive --security-info "$NAME")
if ! running && ! printf '%s\n' "$xml" | grep -qF "$CONSOLE"; then
    # The provider has no word for it, and it takes effect at a start.
    printf '%s\n' "$xml" | sed "/<serial type=/a\\      <log file='$CONSOLE' append='on'/>" >"$out.xml"
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
IFS='
'
for line in $DISKS; do
    IFS=$old_ifs
    gib=${line%% *}; path=${line#* }
    have=$(virsh vol-info --bytes --vol "$path" 2>/dev/null | awk '$1 == "Capacity:" { print $2 }')
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
