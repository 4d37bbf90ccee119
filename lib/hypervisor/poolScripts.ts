import { script } from "../shell";

/**
 * Shell text that lets libvirt see a file that was put into the pool `$POOL`. libvirt refuses while it makes a volume in the
 * same pool, so it is asked again, for a minute at the most.
 */
export const refreshPool = `
tries=0
until refused=$(virsh --connect "$URI" pool-refresh "$POOL" 2>&1 >/dev/null); do
    case $refused in *"asynchronous jobs"*) ;; *) echo "$refused" >&2; exit 1 ;; esac
    tries=$((tries + 1))
    [ $tries -lt 120 ] || { echo "$refused" >&2; exit 1; }
    sleep 0.5
done
`.trim();

/**
 * The title of a domain without disks that stands for one of a pool that was gone, so that the provider has something to delete.
 * It stays where the state knew no more of it, until its name is wanted again or the pool goes.
 */
export const placeholderTitle = (poolPath: string): string =>
    `pulumi-fusion: for a machine in ${poolPath} that is gone`;

/** Shell text: `is_placeholder DOMAIN`, by `$PLACEHOLDER`, its title. */
export const isPlaceholder = `
is_placeholder() {
    [ "$(virsh --connect "$URI" desc "$1" --title </dev/null 2>/dev/null | head -n 1)" = "$PLACEHOLDER" ] &&
        ! virsh --connect "$URI" domblklist "$1" --details </dev/null 2>/dev/null | grep -q "^ *[a-z]* *disk "
}
`.trim();

/** The script that takes a file of ours out of a pool again. */
export function removeFileScript(path: string, pool: string, libvirtUri: string): string {
    return script(
        { TARGET: path, POOL: pool, URI: libvirtUri },
        String.raw`
rm -f "$TARGET" "$TARGET.download" "$TARGET.qcow2" "$TARGET.partial"
virsh --connect "$URI" pool-refresh "$POOL" >/dev/null 2>&1 || true
`,
    );
}

/**
 * Shell text: `users IMAGE` names the disks that are made over a base image, those of running machines too. A running machine's
 * disk is QEMU's user's: where this user cannot read it, libvirt is asked, and where that cannot tell, it counts as made over any.
 */
const users = `
users() {
    {
        for file in "$DIR"/*; do echo "$file"; done
        virsh --connect "$URI" list --all --name 2>/dev/null | while read -r name; do
            [ -z "$name" ] || virsh --connect "$URI" domblklist "$name" --details </dev/null 2>/dev/null | awk '$1 == "file" { print $4 }'
        done
    } | sort -u | while IFS= read -r file; do
        [ -f "$file" ] || continue
        if magic=$(head -c 3 -- "$file" 2>/dev/null); then
            [ "$magic" = QFI ] || continue
            base=$(qemu-img info --force-share --output=json -- "$file" 2>/dev/null | sed -n 's/^ *"full-backing-filename": "\\(.*\\)",*$/\\1/p')
        elif xml=$(virsh --connect "$URI" vol-dumpxml --vol "$file" </dev/null 2>/dev/null); then
            base=$(echo "$xml" | sed -n '/<backingStore>/,/<\\/backingStore>/s/^ *<path>\\(.*\\)<\\/path>$/\\1/p')
        else
            base=$1
        fi
        [ "$base" != "$1" ] || echo "$file"
    done
}
`.trim();

/** The script that takes a base image out of a pool again; one that disks are still made over stays, and `fusion doctor` lists it. */
export function removeImageScript(path: string, pool: { name: string; path: string }, libvirtUri: string): string {
    return script(
        { TARGET: path, DIR: pool.path, POOL: pool.name, URI: libvirtUri },
        `
${users}
rm -f "$TARGET.download" "$TARGET.qcow2" "$TARGET.unpacked"
used=$(users "$TARGET")
if [ -n "$used" ]; then
    echo "$TARGET stays, since disks are made over it:" $used
else
    rm -f "$TARGET"
fi
virsh --connect "$URI" pool-refresh "$POOL" >/dev/null 2>&1 || true
`,
    );
}

/** The script that sees to it that the hypervisor has the programs that the other scripts need. */
export function preflightScript(): string {
    return script(
        {},
        `
fail() { echo "$1 on $(uname -n)" >&2; exit 1; }
for program in qemu-img virsh sha256sum flock base64; do
    command -v $program >/dev/null || fail "$program is missing; install qemu-utils, libvirt-clients and util-linux"
done
command -v xorriso >/dev/null || command -v genisoimage >/dev/null || command -v mkisofs >/dev/null ||
    fail "no program writes ISO images; install xorriso or genisoimage"
echo "$(uname -n) has what is needed"
`,
    );
}

/**
 * The script that empties a pool of what interrupted deployments have left in it: files that are ours by their names, and
 * that no resource knows, and that no disk is made over; and the domains that stand for machines that were gone. libvirt removes a pool's directory only when it is empty.
 */
export function emptyPoolScript(path: string, libvirtUri: string): string {
    const [hash12, hash16] = [12, 16].map((digits) => "[0-9a-f]".repeat(digits));
    return script(
        { DIR: path, URI: libvirtUri, PLACEHOLDER: placeholderTitle(path) },
        `
${users}
${isPlaceholder}
virsh --connect "$URI" list --inactive --name 2>/dev/null | while read -r name; do
    if [ -n "$name" ] && is_placeholder "$name"; then virsh --connect "$URI" undefine "$name" </dev/null >/dev/null || true; fi
done
for image in "$DIR"/base-${hash16}.qcow2; do
    if [ -f "$image" ] && [ -z "$(users "$image")" ]; then rm -f "$image"; fi
done
for pattern in 'base-${hash16}.qcow2.*' '*-${hash12}.img' '*-${hash12}.img.partial' '*-console.log' '*-console.log.[0-9]*'; do
    find "$DIR" -maxdepth 1 -type f -name "$pattern" -delete 2>/dev/null || true
done
`,
    );
}
