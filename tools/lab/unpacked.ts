import { existsSync, readFileSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir } from "../paths";
import { step } from "../progress";
import { requireDebian } from "./debian";
import { makeRoot } from "./debian-root";
import { locked, shortHash } from "./lock";
import { ensurePackages } from "./packages";

/** Programs from Debian packages that are not installed: no service of the machine's own may start, nothing of its own is replaced. */
export interface Unpacked {
    /** In the name of its folder. */
    name: string;
    /** The file of its recipe: where that changes, it is made anew. */
    recipe: string;
    packages: readonly string[];
    /** @default the machine's own */
    release?: string;
    /** Unpacks the packages into the folder `root`, with temporary files in `work`. @default with all that they depend on */
    fetch?: (root: string, work: string) => Promise<void>;
    /** Takes what is wanted from the packages' files in `root` to the empty folder `programs`. */
    take: (root: string, programs: string) => Promise<void>;
}

/** The folder of such programs. Made at the first call on a machine (about 20 s), with signatures verified by apt, then cached. */
export async function unpacked(what: Unpacked): Promise<string> {
    const recipe = shortHash(readFileSync(what.recipe, "utf8"), 12);
    const folder = join(cacheDir, `${what.name}-${what.release ?? requireDebian()}-${recipe}`);
    if (!existsSync(folder)) {
        await mkdir(cacheDir, { recursive: true });
        const say = () => console.error(`  waiting for another process that unpacks ${what.name}`);
        await locked(`${cacheDir}/${what.name}`, say, async () => {
            if (!existsSync(folder)) await make(what, folder);
        });
    }
    return folder;
}

async function make({ name, packages, release, fetch, take }: Unpacked, folder: string): Promise<void> {
    await ensurePackages();
    const work = join(cacheDir, `${name}.work`);
    // The lock is held, so what is there was left by a run that was ended.
    await rm(work, { recursive: true, force: true });
    const root = join(work, "root");
    const programs = join(work, "programs");
    await mkdir(programs, { recursive: true });
    const recipe = { variant: "extract", packages, ...(release !== undefined && { release }) } as const;
    await step(`unpacking ${name}`, (progress) =>
        fetch === undefined ? makeRoot(root, recipe, work, progress) : fetch(root, work),
    );
    await take(root, programs);
    await rename(programs, folder);
    await rm(work, { recursive: true });
}
