import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parse } from "yaml";
import { isRecord } from "../isRecord";

const FILES = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"];

/**
 * The folder of a Pulumi project: Pulumi tells a policy pack its name alone.
 *
 * @param starts folders in it or below it, the likeliest first
 * @returns undefined where none of them is
 */
export function projectFolder(project: string, starts: readonly string[]): string | undefined {
    return starts.flatMap(upwards).find((folder) => nameIn(folder) === project);
}

function upwards(folder: string): string[] {
    const parent = dirname(folder);
    return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

function nameIn(folder: string): unknown {
    const file = FILES.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (file === undefined) return undefined;
    try {
        // JSON is YAML.
        const project: unknown = parse(readFileSync(file, "utf8"));
        return isRecord(project) ? project.name : undefined;
    } catch {
        // Somebody else's, or one that Pulumi has refused already.
        return undefined;
    }
}
