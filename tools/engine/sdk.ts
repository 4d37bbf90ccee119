// Writes the SDK of libvirt's Terraform provider to `sdks/libvirt`, as the released command does:
// pulumi package add terraform-provider dmacvicar/libvirt 0.8.3
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectDir } from "../paths";
import { run } from "../run";
import { ensureEngine } from ".";
import { buildPrograms } from "./goBuild";
import { recipes } from "./recipe";
import { versions } from "./versions";

async function main(): Promise<void> {
    const { env } = await ensureEngine();
    const [writer = ""] = await buildPrograms([recipes.sdkWriter]);
    const target = join(projectDir, "sdks", "libvirt");
    const written = mkdtempSync(join(tmpdir(), "fusion-sdk-"));
    try {
        // Outside of any project, since it has no stack to do with it.
        const source = ["terraform-provider", "dmacvicar/libvirt", versions.libvirt];
        const schema = await run("pulumi", ["package", "get-schema", ...source], { env, cwd: written });
        await run(join(writer, recipes.sdkWriter.program), [written], { input: schema.stdout });
        rmSync(target, { recursive: true, force: true });
        cpSync(written, target, { recursive: true });
    } finally {
        rmSync(written, { recursive: true, force: true });
    }
}

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
});
