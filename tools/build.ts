// Compiles the library into `dist`, as it is packed: `npm run build`. Nothing is done when nothing has changed.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "./lab/lock";
import { projectDir } from "./paths";
import { step } from "./progress";
import { run } from "./run";

const dist = join(projectDir, "dist");
const stamp = join(dist, ".stamp");

/** Compiles `lib` and the SDK that it uses. */
export async function build(): Promise<void> {
    await locked(
        `build ${projectDir}`,
        () => {},
        async () => {
            const sources = digestOfSources();
            if (read(stamp) !== sources) {
                await step("compiling the library", () => compile());
                writeFileSync(stamp, sources);
            }
        },
    );
}

async function compile(): Promise<void> {
    const fresh = `${dist}.partial`;
    rmSync(fresh, { recursive: true, force: true });
    const tsc = join(projectDir, "node_modules", "typescript", "bin", "tsc");
    await run(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", fresh], { cwd: projectDir });
    copySdkPackage(fresh);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
}

/**
 * The SDK reads its version from the package.json beside it, and Pulumi's language host finds there which plugin a program
 * needs. What would have npm build the SDK is left out.
 */
function copySdkPackage(target: string): void {
    const { name, version, description, repository, pulumi } = JSON.parse(
        readFileSync(join(projectDir, "sdks", "libvirt", "package.json"), "utf8"),
    );
    const folder = join(target, "sdks", "libvirt");
    mkdirSync(folder, { recursive: true });
    const content = { name, version, description, repository, private: true, pulumi };
    writeFileSync(join(folder, "package.json"), `${JSON.stringify(content, null, 2)}\n`);
}

function digestOfSources(): string {
    const hash = createHash("sha256");
    const files = ["lib", "sdks"].flatMap((folder) =>
        readdirSync(join(projectDir, folder), { recursive: true, withFileTypes: true })
            .filter((entry) => entry.isFile())
            .map((entry) => join(entry.parentPath, entry.name)),
    );
    for (const file of ["tsconfig.json", "tsconfig.build.json", ...files.sort()]) {
        hash.update(`${file}\0`).update(readFileSync(join(projectDir, file.replace(`${projectDir}/`, ""))));
    }
    return hash.digest("hex");
}

function read(file: string): string | undefined {
    try {
        return readFileSync(file, "utf8");
    } catch {
        return undefined;
    }
}

if (require.main === module) {
    build().catch((error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    });
}
