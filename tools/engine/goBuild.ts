import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { locked } from "../lab/lock";
import { cacheDir } from "../paths";
import { type Progress, step } from "../progress";
import { run } from "../run";
import { linkerFlags, type Recipe, recipeKey } from "./recipe";
import { atLeast, versions } from "./versions";

const goDir = join(__dirname, "go");

/** Where everything of the engine is kept. */
export const engineCache = join(cacheDir, "engine");

const folderOf = (recipe: Recipe): string => join(engineCache, `${recipe.name}-${recipeKey(recipe, goDir)}`);

/** The environment of every call of Go: versions exactly as committed, nothing of the user's own settings. */
const goEnv = (): NodeJS.ProcessEnv => ({
    ...process.env,
    GOFLAGS: "-mod=readonly -buildvcs=false",
    GOWORK: "off",
    // Some of these modules are missing from the checksum database; go.sum pins what they are.
    GONOSUMDB: [process.env.GONOSUMDB, "github.com/pulumi/*"].filter(Boolean).join(","),
});

/** Whether a program is in the cache already. */
export const isBuilt = (recipe: Recipe): boolean => existsSync(folderOf(recipe));

/**
 * Builds what is missing in the cache and returns the folders, in the order of the recipes.
 *
 * Each program is built into a folder of its own that gets its name when it is complete, so an interrupted build loses one
 * program at most, and Go's own cache keeps even that.
 */
export async function buildPrograms(needed: readonly Recipe[]): Promise<string[]> {
    if (needed.some((recipe) => !isBuilt(recipe))) {
        await checkGo();
        await locked(
            "engine-build",
            () => console.error("Another process builds the engine; waiting for it."),
            async () => {
                const missing = needed.filter((recipe) => !isBuilt(recipe));
                for (const [index, recipe] of missing.entries()) {
                    const title = `building ${recipe.name} from Go modules (${index + 1} of ${missing.length}`;
                    await step(`${title}; up to ${recipe.minutes} min the first time)`, (progress) =>
                        build(recipe, progress),
                    );
                }
            },
        );
    }
    return needed.map(folderOf);
}

/** @throws Error that says how to get Go when it is missing or too old */
async function checkGo(): Promise<void> {
    const remedy = `Install Go ${versions.go} or later (the package golang-${versions.go}-go where the system has one).`;
    let version: string;
    try {
        // Asked within the module: a Go since 1.21 gets the version that go.mod names from its module proxy.
        const options = { cwd: join(goDir, "plugins"), env: goEnv() };
        version = (await run("go", ["env", "GOVERSION"], options)).stdout.trim();
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`Pulumi cannot be downloaded here and must be built with Go, but ${reason}. ${remedy}`);
    }
    if (!atLeast(version, versions.go)) {
        throw new Error(`Pulumi cannot be downloaded here and must be built, but this Go is ${version}. ${remedy}`);
    }
}

async function build(recipe: Recipe, progress: Progress): Promise<void> {
    const folder = folderOf(recipe);
    const partial = `${folder}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    const options = {
        cwd: join(goDir, recipe.module),
        env: goEnv(),
        // `go: downloading MODULE VERSION`, and with -v the name of each package that is compiled.
        onLine: (line: string) => progress.update(line.replace(/^go: /, "").slice(0, 80)),
    };
    const output = join(partial, recipe.program);
    await run("go", ["build", "-v", "-ldflags", linkerFlags(recipe), "-o", output, recipe.package], options);
    if (recipe.generate) {
        const { package: generator, file } = recipe.generate;
        const flags = linkerFlags(recipe);
        const { stdout } = await run("go", ["run", "-ldflags", flags, generator], { ...options, onLine: undefined });
        writeFileSync(join(partial, file), stdout);
    }
    renameSync(partial, folder);
}
