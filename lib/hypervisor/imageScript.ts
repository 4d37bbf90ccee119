import { script } from "../shell";

/** One base image on one hypervisor. */
export interface BaseImage {
    /** URL (http, https) or path on the hypervisor. */
    source: string;
    /** SHA-256 of the file at `source`, 64 hexadecimal digits. */
    sha256: string;
}

/** The name of the base volume in the hypervisor's pool; one for a checksum. */
export function baseVolumeName(image: BaseImage): string {
    return `base-${image.sha256.slice(0, 16)}.qcow2`;
}

/**
 * The script, run on the hypervisor, that brings a base image into a directory pool: fetched there, verified before use,
 * made a plain qcow2 (a compressed one costs every read of every guest), put in place in one step. An interrupted download
 * is resumed. It is not sent through libvirt's streams, which hang at random (digitalocean/go-libvirt#241).
 */
export function fetchImageScript(image: BaseImage, pool: { name: string; path: string }, libvirtUri: string): string {
    const target = `${pool.path}/${baseVolumeName(image)}`;
    return script(
        {
            SOURCE: image.source,
            SHA256: image.sha256,
            TARGET: target,
            DIR: pool.path,
            POOL: pool.name,
            URI: libvirtUri,
        },
        String.raw`
fail() { echo "$1" >&2; exit 1; }
exec 9<"$DIR"
flock -w 1800 9 || fail "another image has been fetched into $DIR for 30 minutes; run again when it is done"
trap 'rm -f "$TARGET.qcow2"' EXIT
if [ ! -f "$TARGET" ]; then
    case $SOURCE in
    http://* | https://*)
        file=$TARGET.download
        if command -v curl >/dev/null; then
            curl --fail --location --silent --show-error --retry 5 --continue-at - --output "$file" "$SOURCE" ||
                [ "$(sha256sum <"$file" | cut -d' ' -f1)" = "$SHA256" ] || fail "could not download $SOURCE"
        elif command -v wget >/dev/null; then
            wget --quiet --tries=5 --continue --output-document="$file" "$SOURCE" || fail "could not download $SOURCE"
        else
            fail "the hypervisor has neither curl nor wget; install one of them"
        fi
        ;;
    *)
        file=$SOURCE
        [ -f "$file" ] || fail "there is no image $file on the hypervisor; give the path of a file there, or a URL"
        ;;
    esac
    actual=$(sha256sum <"$file" | cut -d' ' -f1)
    if [ "$actual" != "$SHA256" ]; then
        rm -f "$TARGET.download"
        fail "$SOURCE has the SHA-256 $actual, not $SHA256; correct image.sha256, or find out who changed the image"
    fi
    qemu-img convert -O qcow2 "$file" "$TARGET.qcow2"
    mv "$TARGET.qcow2" "$TARGET"
    rm -f "$TARGET.download"
fi
virsh --connect "$URI" pool-refresh "$POOL" >/dev/null
echo "$TARGET"
`,
    );
}

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
 * that no resource knows. libvirt removes a pool's directory only when it is empty.
 */
export function emptyPoolScript(path: string): string {
    return script(
        { DIR: path },
        `
for pattern in 'base-????????????????.qcow2' 'base-????????????????.qcow2.*' '*-????????????.img' '*-????????????.img.partial'; do
    find "$DIR" -maxdepth 1 -type f -name "$pattern" -delete 2>/dev/null || true
done
`,
    );
}
