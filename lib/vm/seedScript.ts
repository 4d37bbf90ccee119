import { createHash } from "node:crypto";
import { refreshPool } from "../hypervisor/poolScripts";
import { script } from "../shell";
import type { CloudInitDocuments } from "./renderCloudInit";

/** A name for a text, so that a changed one has another. */
export const textHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

/**
 * The script, run on the hypervisor, that writes the seed of a guest: an ISO 9660 image labelled `cidata`, readable by
 * root and QEMU alone. The documents come in the script, which goes through standard input: no command line and no log
 * shows them.
 */
export function seedScript(documents: CloudInitDocuments, path: string, pool: string, libvirtUri: string): string {
    const encoded = (text: string) => Buffer.from(text, "utf8").toString("base64");
    return script(
        {
            TARGET: path,
            POOL: pool,
            URI: libvirtUri,
            USER_DATA: encoded(documents.userData),
            META_DATA: encoded(documents.metaData),
            NETWORK_CONFIG: encoded(documents.networkConfig),
        },
        String.raw`
umask 077
if command -v xorriso >/dev/null; then iso="xorriso -as mkisofs"
elif command -v genisoimage >/dev/null; then iso=genisoimage
elif command -v mkisofs >/dev/null; then iso=mkisofs
else echo "the hypervisor has no program that writes ISO images; install xorriso or genisoimage" >&2; exit 1
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo "$USER_DATA" | base64 -d >"$dir/user-data"
echo "$META_DATA" | base64 -d >"$dir/meta-data"
echo "$NETWORK_CONFIG" | base64 -d >"$dir/network-config"
$iso -quiet -volid cidata -joliet -rational-rock -output "$dir/seed.iso" \
    "$dir/user-data" "$dir/meta-data" "$dir/network-config" 2>"$dir/log" || { cat "$dir/log" >&2; exit 1; }
# libvirt hands the file to QEMU's user when the machine starts.
cp "$dir/seed.iso" "$TARGET.partial"
mv "$TARGET.partial" "$TARGET"
${refreshPool}
echo "$TARGET"
`,
    );
}
