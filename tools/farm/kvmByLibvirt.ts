import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../run";

/** A machine without a disk: its BIOS runs, finds nothing to boot, and waits. */
const probe = (name: string) => `<domain type="kvm">
  <name>${name}</name>
  <memory unit="MiB">64</memory>
  <vcpu>1</vcpu>
  <os><type>hvm</type></os>
  <cpu mode="host-passthrough"/>
  <on_crash>preserve</on_crash>
</domain>
`;

/**
 * Whether the hypervisor really runs a guest under KVM: a small transient one is started there and must have used its
 * processor without crashing. It is gone afterwards.
 *
 * @throws Error when the hypervisor cannot be reached, with what to look at
 */
export async function hypervisorStartsKvm(uri: string): Promise<boolean> {
    const virsh = (args: string[], input?: string) =>
        run("virsh", ["--connect", uri, ...args], { allowFailure: true, timeout: 60_000, ...(input && { input }) });
    const reached = await virsh(["version"]).catch(() => {
        throw new Error("virsh is missing on this machine; install the package libvirt-clients");
    });
    if (reached.code !== 0) {
        throw new Error(
            `The hypervisor ${uri} cannot be reached: ${reached.stderr.trim()}\n` +
                "Look at: whether libvirtd runs there; whether ssh logs in without a password and knows the host's key " +
                "(query keys keyfile and knownhosts); whether the user may use libvirt (group libvirt).",
        );
    }
    const name = `fusion-kvm-probe-${randomBytes(4).toString("hex")}`;
    try {
        const made = await virsh(["create", "/dev/stdin"], probe(name));
        if (made.code !== 0) {
            return false;
        }
        for (const wait of [500, 1000, 2000]) {
            await pause(wait);
            const state = (await virsh(["domstate", name])).stdout.trim();
            if (state !== "running") {
                return false;
            }
            const used = /vcpu\.0\.time=(\d+)/.exec((await virsh(["domstats", "--vcpu", name])).stdout)?.[1];
            if (Number(used ?? 0) > 1_000_000) {
                return true;
            }
        }
        return false;
    } finally {
        await virsh(["destroy", name]);
    }
}
