import { cp, mkdir, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { run } from "../run";
import { unpacked } from "./unpacked";

/** Debian 13 has HAProxy 3.0, the next line with long support after 2.6 of Debian 12. */
const RELEASE = "trixie";
const LIBRARIES = "usr/lib/x86_64-linux-gnu";

/**
 * HAProxy names the program that it was started as when it starts itself anew for a reload: that is this script then, and
 * not the program behind it, which would take the machine's own libraries.
 */
const START = `#!/bin/sh
lib=\${0%/*}/../lib
exec "$lib/ld.so" --argv0 "$0" --library-path "$lib" "$lib/haproxy" "$@"
`;

/**
 * A folder with a newer `haproxy` than the machine's, for the front of a PATH. It brings its own libraries, and leaves those of
 * the machine alone.
 */
export async function newerHaproxy(): Promise<string> {
    const folder = await unpacked({
        name: "haproxy",
        recipe: __filename,
        packages: ["haproxy"],
        release: RELEASE,
        take,
    });
    return join(folder, "bin");
}

async function take(root: string, programs: string): Promise<void> {
    const [bin, lib] = [join(programs, "bin"), join(programs, "lib")];
    await mkdir(bin);
    await mkdir(lib);
    const copy = (from: string, name = basename(from)) => cp(from, join(lib, name), { dereference: true });
    await copy(join(root, "usr/sbin/haproxy"));
    const loader = join(root, LIBRARIES, "ld-linux-x86-64.so.2");
    await copy(loader, "ld.so");
    const list = ["--list", "--library-path", join(root, LIBRARIES), join(lib, "haproxy")];
    const { stdout } = await run(loader, list);
    for (const [, file = ""] of stdout.matchAll(/ => (\/\S+)/g)) {
        if (!file.startsWith(root)) throw new Error(`HAProxy of ${RELEASE} would take the machine's own ${file}`);
        await copy(file);
    }
    await writeFile(join(bin, "haproxy"), START, { mode: 0o755 });
}
