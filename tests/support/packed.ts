import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../tools/build";
import { versions } from "../../tools/engine/versions";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";

/**
 * An empty TypeScript project in which the library is installed as it is packed, with what a user installs beside it.
 *
 * @returns its folder, which is the caller's to remove
 */
export async function installPacked(): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), "fusion-packed-"));
    await build();
    const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", dir], { cwd: projectDir });
    const archive = packed.stdout.trim().split("\n").at(-1) ?? "";
    writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "empty", private: true }));
    const packages = [`./${archive}`, `@pulumi/pulumi@${versions.pulumi}`, "@types/node@22", "typescript@5.9"];
    await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], { cwd: dir });
    return dir;
}
