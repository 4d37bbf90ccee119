import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { run } from "../run";
import { unpackBackports } from "./backports";
import { debianRelease } from "./debian";
import { unpacked } from "./unpacked";

const PACKAGES = [
    ...["qemu-system-x86", "qemu-system-common", "qemu-system-data", "qemu-system-modules-spice"],
    ...["qemu-system-modules-opengl", "seabios", "ipxe-qemu"],
];

const FILES = ["bin/qemu-system-x86_64", "share/qemu", "share/seabios", "lib"];

/** Debian's QEMU looks for its firmware and modules in the system's folders alone, where those of the older one are. */
const START = `#!/bin/sh
usr=\${0%/*}/../usr
export QEMU_MODULE_DIR="$usr/lib/x86_64-linux-gnu/qemu"
exec "$usr/bin/qemu-system-x86_64" -L "$usr/share/qemu" -L "$usr/share/seabios" -L "$usr/lib/ipxe/qemu" "$@"
`;

let newer: Promise<string | undefined> | undefined;

/**
 * A folder with a newer `qemu-system-x86_64` than Debian 12 has, for the front of libvirtd's PATH; undefined where the machine's
 * own is that new, or this one cannot be had. It starts a guest under emulation with a fifth less of the processor, and programs
 * in it with half.
 */
export function newerQemu(): Promise<string | undefined> {
    newer ??= debianRelease() === "bookworm" ? unpackedQemu() : Promise.resolve(undefined);
    return newer;
}

async function unpackedQemu(): Promise<string | undefined> {
    const fetch = (root: string, work: string) => unpackBackports(PACKAGES, root, work);
    try {
        return join(await unpacked({ name: "qemu", recipe: __filename, packages: PACKAGES, fetch, take }), "bin");
    } catch (error) {
        const why = error instanceof Error ? error.message.split("\n").slice(0, 3).join(" ") : String(error);
        console.error(`  the lab's guests run by the machine's own QEMU, which is slower: ${why}`);
        return undefined;
    }
}

async function take(root: string, programs: string): Promise<void> {
    for (const file of FILES) {
        await mkdir(dirname(join(programs, "usr", file)), { recursive: true });
        await cp(join(root, "usr", file), join(programs, "usr", file), { recursive: true, verbatimSymlinks: true });
    }
    const program = join(programs, "bin", "qemu-system-x86_64");
    await mkdir(dirname(program));
    await writeFile(program, START, { mode: 0o755 });
    await run(program, ["--version"]);
}
