import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "../paths";
import { step } from "../progress";
import { run } from "../run";

/** A real KVM gets the kernel from start to panic in about a second. */
const TIMEOUT_MS = 15_000;

/**
 * Whether a guest runs under KVM here. Some machines have a /dev/kvm that opens but runs no ordinary kernel, so a kernel is
 * started: it has to come as far as missing its root file system. The answer is kept until the machine's next boot.
 *
 * @param kernel path of the guests' kernel
 */
export async function kvmWorks(kernel: string): Promise<boolean> {
    if (!existsSync("/dev/kvm")) {
        return false;
    }
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const answer = join(cacheDir, `kvm-${boot}`);
    if (existsSync(answer)) {
        return readFileSync(answer, "utf8").trim() === "yes";
    }
    const works = await step("trying whether KVM starts a guest", () => startsKernel(kernel));
    await mkdir(cacheDir, { recursive: true });
    await writeFile(answer, works ? "yes\n" : "no\n");
    return works;
}

async function startsKernel(kernel: string): Promise<boolean> {
    const machine = ["-accel", "kvm", "-cpu", "host", "-m", "256", "-nodefaults", "-display", "none", "-no-reboot"];
    const boot = ["-kernel", kernel, "-append", "console=ttyS0 panic=-1", "-serial", "stdio"];
    const { stdout } = await run("qemu-system-x86_64", [...machine, ...boot], {
        timeout: TIMEOUT_MS,
        allowFailure: true,
    });
    return stdout.includes("Kernel panic - not syncing: VFS");
}
