import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { projectDir } from "../paths";
import { engineCache } from "./goBuild";
import { digest } from "./recipe";

const sourceDir = join(__dirname, "stand-ins");

/**
 * Bundles the programs that stand in for what is not served as Go modules, into the cache: they must go on working when the
 * checkout that made them is gone. Returns the folder, with `language-host.js` and `command-provider.js`.
 */
export async function bundleStandIns(): Promise<string> {
    const lock = readFileSync(join(projectDir, "node_modules", ".package-lock.json"), "utf8");
    const packages: Record<string, { version?: string }> = JSON.parse(lock).packages;
    const used = ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf", "esbuild"];
    const files = readdirSync(sourceDir).sort();
    const key = digest(
        ...used.map((name) => `${name} ${packages[`node_modules/${name}`]?.version}`),
        ...files.flatMap((file) => [file, readFileSync(join(sourceDir, file), "utf8")]),
    );
    const folder = join(engineCache, `stand-ins-${key}`);
    if (!existsSync(folder)) {
        const partial = `${folder}.${process.pid}`;
        mkdirSync(partial, { recursive: true });
        await build({
            absWorkingDir: projectDir,
            entryPoints: ["language-host", "command-provider"].map((name) => join(sourceDir, `${name}.ts`)),
            outdir: partial,
            bundle: true,
            platform: "node",
            target: "node22",
            logLevel: "error",
        });
        keepFirst(partial, folder);
    }
    return folder;
}

/** Gives a complete folder its name, or drops it when another process was first. */
export function keepFirst(partial: string, folder: string): void {
    try {
        renameSync(partial, folder);
    } catch (error) {
        rmSync(partial, { recursive: true, force: true });
        if (!existsSync(folder)) {
            throw error;
        }
    }
}
