import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { transformSync } from "esbuild";
import { projectDir } from "../../tools/paths";
import type { TestStackOptions } from "./stack";

/** The name of every test's stack. */
export const STACK = "dev";

/** Writes the files of a Pulumi project into an empty folder. */
export function writeProject(dir: string, options: TestStackOptions): void {
    const { project = "test", config = {}, modules, typescript } = options;
    mkdirSync(join(dir, ".state"));
    const keys = Object.entries(config).map(([key, value]) => [key.includes(":") ? key : `${project}:${key}`, value]);
    // JSON is YAML.
    writeFileSync(join(dir, `Pulumi.${STACK}.yaml`), JSON.stringify({ config: Object.fromEntries(keys) }));
    writeProgram(dir, options);
    writeFileSync(join(dir, "package.json"), JSON.stringify({ name: project, private: true }));
    const runtime = { name: "nodejs", options: { typescript: typescript !== undefined } };
    writeFileSync(join(dir, "Pulumi.yaml"), JSON.stringify({ name: project, runtime }));
    linkModules(join(dir, "node_modules"), modules);
}

/** Writes the program, compiled where Pulumi is not to do that: it would load the compiler for each run. */
export function writeProgram(dir: string, { program, typescript }: TestStackOptions): void {
    if (typescript !== undefined) {
        writeFileSync(join(dir, "index.ts"), program);
        return;
    }
    const { code } = transformSync(program, { loader: "ts", format: "cjs", platform: "node", target: "node22" });
    writeFileSync(join(dir, "index.js"), code);
}

function linkModules(target: string, modules?: string): void {
    if (modules !== undefined) {
        symlinkSync(modules, target);
        return;
    }
    mkdirSync(target, { recursive: true });
    symlinkSync(projectDir, join(target, "pulumi-fusion"));
    for (const name of ["@pulumi", "@types", "typescript"]) {
        symlinkSync(join(projectDir, "node_modules", name), join(target, name));
    }
}
