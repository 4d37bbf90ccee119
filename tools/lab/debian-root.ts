import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Progress } from "../progress";
import { runContained } from "./contained";
import { aptOptions, aptSources, requireDebian, sourcesOf } from "./debian";

/** What a root file system is made of. */
export interface RootRecipe {
    packages: readonly string[];
    /** `apt`: a system that starts. `extract`: the packages' files alone, nothing configured. */
    variant: "apt" | "extract";
    /** Another Debian release than the machine's, from the mirrors where its own is found. @default the machine's */
    release?: string;
    /** mmdebstrap's further options. */
    options?: readonly string[];
}

/**
 * Makes a Debian root file system in the folder `root`.
 *
 * @param work a folder for temporary files, removed by the caller
 */
export async function makeRoot(root: string, recipe: RootRecipe, work: string, progress: Progress): Promise<void> {
    const own = requireDebian();
    const { release = own } = recipe;
    const sources = join(work, "sources.list");
    const config = join(work, "apt.conf");
    await writeFile(sources, `${sourcesOf(release, await aptSources(own), own).join("\n")}\n`);
    await writeFile(config, `${(await aptOptions()).join("\n")}\n`);
    const what = [`--variant=${recipe.variant}`, `--include=${recipe.packages.join(",")}`, `--aptopt=${config}`];
    await runContained("mmdebstrap", ["--mode=root", ...what, ...(recipe.options ?? []), release, root, sources], {
        env: { ...process.env, TMPDIR: work },
        onLine: (line) => line.startsWith("I: ") && progress.update(line.slice(3)),
    });
}
