import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { cacheDir } from "../paths";
import { type Progress, step } from "../progress";
import { requireDebian } from "./debian";
import { makeRoot } from "./debian-root";
import { locked, shortHash } from "./lock";

const PACKAGES = ["docker.io", "containerd", "runc"];

/** Their libraries are those of the machine, which libvirt's packages bring with them. */
const PROGRAMS = [
    ...["usr/bin/docker", "usr/sbin/dockerd", "usr/sbin/docker-proxy"],
    ...["usr/bin/containerd", "usr/bin/containerd-shim-runc-v2", "usr/sbin/runc"],
];

/**
 * The folder of Docker's programs, from the packages that the guests have too, but not installed: no service of the machine's
 * own may start. Made at the first call on a machine (about 20 s), then cached.
 */
export async function dockerPrograms(): Promise<string> {
    const recipe = shortHash(readFileSync(__filename, "utf8"), 12);
    const folder = join(cacheDir, `docker-${requireDebian()}-${recipe}`);
    if (!existsSync(folder)) {
        await mkdir(cacheDir, { recursive: true });
        const say = () => console.error("  waiting for another process that unpacks Docker");
        await locked(`${cacheDir}/docker`, say, async () => {
            if (!existsSync(folder)) {
                await step("unpacking Docker", (progress) => unpack(folder, progress));
            }
        });
    }
    return folder;
}

async function unpack(folder: string, progress: Progress): Promise<void> {
    const work = join(cacheDir, "docker.work");
    // The lock is held, so what is there was left by a run that was ended.
    await rm(work, { recursive: true, force: true });
    const root = join(work, "root");
    const programs = join(work, "programs");
    await mkdir(programs, { recursive: true });
    await makeRoot(root, { variant: "extract", packages: PACKAGES }, work, progress);
    for (const program of PROGRAMS) {
        await cp(join(root, program), join(programs, basename(program)), { dereference: true });
    }
    await rename(programs, folder);
    await rm(work, { recursive: true });
}
