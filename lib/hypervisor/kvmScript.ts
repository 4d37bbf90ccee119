import { askMachine } from "../askMachine";
import { script } from "../shell";
import type { LibvirtConnection } from "./libvirtUri";

// A machine without a disk: its BIOS runs, finds nothing to boot, and waits.
const PROBE = `<domain type="kvm">
  <name>@NAME@</name>
  <memory unit="MiB">64</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
  <cpu mode="host-passthrough"/>
  <on_crash>preserve</on_crash>
</domain>`;

/**
 * The script, run on a hypervisor, that starts a small guest under KVM and looks whether it uses its processor without
 * crashing. The guest is gone afterwards. It writes `works`, or `fails` and why.
 */
export function kvmScript(localUri: string): string {
    return script(
        { URI: localUri, PROBE },
        String.raw`
LC_ALL=C; export LC_ALL
name=fusion-kvm-probe-$(tr -d - </proc/sys/kernel/random/uuid | cut -c 1-8)
ask() { timeout 20 virsh --quiet --connect "$URI" "$@"; }
ask uri >/dev/null
file=$(mktemp)
trap 'rm -f "$file"; ask destroy "$name" >/dev/null 2>&1' EXIT
echo "$PROBE" | sed "s/@NAME@/$name/" >"$file"
why=$(ask create "$file" 2>&1 >/dev/null) || { echo "fails $(echo "$why" | sed 's/^error: //' | tail -n 1)"; exit 0; }
for pause in 0.3 0.5 1 2; do
    sleep $pause
    state=$(ask domstate "$name" 2>&1) || true
    [ "$state" = running ] || { echo "fails a guest is $state soon after its start"; exit 0; }
    used=0$(ask domstats --vcpu "$name" | sed -n 's/^ *vcpu\.0\.time=//p')
    [ "$used" -le 1000000 ] || { echo works; exit 0; }
done
echo "fails a guest starts and does nothing"
`,
    );
}

/** Whether guests run under KVM; undefined where the hypervisor did not answer. */
export type KvmAnswer = { works: true } | { works: false; why: string } | undefined;

/** Starts a guest under KVM on a hypervisor, which takes one to four seconds. */
export async function tryKvm({ ssh, localUri }: LibvirtConnection): Promise<KvmAnswer> {
    const { stdout } = await askMachine(ssh, kvmScript(localUri), 60);
    const [, word, why = ""] = /^(works|fails)(?: (.*))?$/m.exec(stdout) ?? [];
    if (word === undefined) {
        return undefined;
    }
    return word === "works" ? { works: true } : { works: false, why };
}

/** The one way to an answer, replaced where a test has no hypervisor. */
export const kvm = { try: tryKvm };
