import { chmod, cp, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { run } from "../run";

/** Copies the libraries that `programs` of a Debian load, as its own loader finds them, and that loader. */
export async function copyLibraries(debian: string, root: string, programs: readonly string[]): Promise<void> {
    const folders = ["lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu"];
    const loader = join(debian, "lib64/ld-linux-x86-64.so.2");
    const path = folders.map((folder) => join(debian, folder)).join(":");
    const libraries = new Set<string>();
    for (const program of programs) {
        const { stdout } = await run(loader, ["--inhibit-cache", "--library-path", path, "--list", program]);
        for (const [, library] of stdout.matchAll(/=> (\/\S+) \(/g)) {
            libraries.add(library ?? "");
        }
    }
    for (const library of [...libraries].filter((file) => file.startsWith(debian)).sort()) {
        await put(library, join(root, "lib/x86_64-linux-gnu", basename(library)));
    }
    await put(loader, join(root, "lib64", basename(loader)));
    // Not linked: the C library loads it when a thread ends.
    await put(join(debian, "lib/x86_64-linux-gnu/libgcc_s.so.1"), join(root, "lib/x86_64-linux-gnu/libgcc_s.so.1"));
}

/** Copies a program or library itself, not the link that leads to it. */
export async function put(from: string, to: string): Promise<string> {
    await mkdir(dirname(to), { recursive: true });
    await cp(from, to, { dereference: true });
    await chmod(to, 0o755);
    return to;
}
