import { posix } from "node:path";
import { placeholderTitle } from "../hypervisor/poolScripts";
import { script } from "../shell";

/** A disk of a domain and the size that it is to have at least. */
export interface DiskSize {
    /** Path of the volume on the hypervisor. */
    path: string;
    gib: number;
}

/** What the hypervisor is told of a domain beside what it is defined with. */
export interface DomainSettings {
    name: string;
    /** By which the hypervisor reaches its own libvirt. */
    libvirtUri: string;
    vcpus: number;
    memoryMiB: number;
    description: string;
    /** The machine's labels, as XML. */
    labels: string;
    disks: readonly DiskSize[];
    /** Path of the file on the hypervisor that keeps what the guest writes to its console. */
    consoleLog: string;
}

const common = String.raw`
fail() { echo "failed: $1" >&2; exit 1; }
virsh() { LC_ALL=C command virsh --connect "$URI" "$@"; }
# The domain's state; empty where there is no such domain.
state() { virsh domstate "$NAME" 2>/dev/null | head -n 1; }
`;

/**
 * Run on the hypervisor: brings a domain that is defined to what is wanted, without a restart. Processors and memory are set
 * within their maxima, disks grow, what stands still is started. Run again, it changes nothing.
 */
export function applyScript(domain: DomainSettings): string {
    const { name, libvirtUri, vcpus, memoryMiB, description, labels, disks, consoleLog } = domain;
    const variables = {
        ...{ NAME: name, URI: libvirtUri, VCPUS: vcpus, MEMORY: memoryMiB, DESCRIPTION: description, LABELS: labels },
        ...{ CONSOLE: consoleLog, DISKS: disks.map(({ path, gib }) => `${gib} ${path}`).join("\n") },
    };
    return script(variables, common + apply);
}

const apply = String.raw`
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
    gib=\${line%% *}; path=\${line#* }
    have=$(virsh vol-info --bytes --vol "$path" 2>/dev/null | awk '$1 == "Capacity:" { print $2 }')
    # The first disk of some images is larger than was asked; a disk never shrinks.
    if [ -n "$have" ] && [ "$have" -lt $((gib * 1073741824)) ]; then
        if running; then must virsh blockresize "$NAME" "$path" "$((gib * 1048576))"
        else must virsh vol-resize --vol "$path" "$gib"GiB
        fi
        grown="$grown \${path##*/}:$gib"
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
`.replaceAll("\\$", "$");

/**
 * Run on the hypervisor before a domain is deleted: shuts the guest down cleanly, within `seconds`; what does not shut down
 * is powered off by its deletion. For a domain that is gone an empty one of its UUID is defined, because libvirt's provider fails to
 * delete one that is not there. It has another name: where the deployment before has deleted the domain already, this one is not
 * deleted, and must not be in its successor's way. `UUID` is set before: that of the domain that Pulumi knows.
 */
export function stopScript(name: string, libvirtUri: string, consoleLog: string, seconds: number): string {
    const variables = { NAME: name, URI: libvirtUri, CONSOLE: consoleLog, SECONDS_LEFT: seconds };
    return script({ ...variables, PLACEHOLDER: placeholderTitle(posix.dirname(consoleLog)) }, common + stop);
}

const stop = String.raw`
# virtlogd numbers what it has rotated.
rm -f "$CONSOLE" "$CONSOLE".[0-9]*
if [ -z "$(state)" ]; then
    [ -n "\${UUID:-}" ] || exit 0
    echo "<domain type='qemu'><name>$NAME.gone</name><title>$PLACEHOLDER</title><uuid>$UUID</uuid><memory unit='MiB'>1</memory><vcpu>1</vcpu><os><type>hvm</type></os></domain>" |
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
`.replaceAll("\\$", "$");
