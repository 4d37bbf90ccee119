import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run";
import { aptOptions, aptSources, requireDebian, sourcesOf } from "./debian";

/**
 * Unpacks packages of the machine's release, in the versions of its backports where there are, without what they depend on:
 * backports are made for the libraries of the release.
 *
 * @param root the folder for the packages' files
 * @param work a folder for temporary files, removed by the caller
 */
export async function unpackBackports(packages: readonly string[], root: string, work: string): Promise<void> {
    const own = requireDebian();
    const main = (await aptSources(own)).filter((line) => line.includes(` ${own} `));
    const sources = [...main, ...sourcesOf(`${own}-backports`, main, own)];
    const folders = { "Dir::State::lists": "lists", "Dir::Cache": "cache" };
    const settings = [
        ...(await aptOptions()),
        `Dir::Etc::sourcelist "${join(work, "sources.list")}";`,
        'Dir::Etc::sourceparts "/dev/null";',
        ...Object.entries(folders).map(([name, folder]) => `${name} "${join(work, folder)}";`),
    ];
    await writeFile(join(work, "sources.list"), `${sources.join("\n")}\n`);
    await writeFile(join(work, "apt.conf"), `${settings.join("\n")}\n`);
    for (const folder of ["lists/partial", "cache/archives/partial", "packages"]) {
        await mkdir(join(work, folder), { recursive: true });
    }
    const env = { ...process.env, APT_CONFIG: join(work, "apt.conf") };
    const cwd = join(work, "packages");
    await run("apt-get", ["update", "--quiet"], { env });
    await run("apt-get", ["download", "--quiet", `--target-release=${own}-backports`, ...packages], { env, cwd });
    await run("sh", ["-ec", 'for file in *.deb; do dpkg-deb -x "$file" "$0"; done', root], { cwd });
}
