import { type Dirent, existsSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, join } from "node:path";

/** A Pulumi package that a program may use, as its package.json names it. */
export interface RequiredPackage {
    name: string;
    version: string;
    server?: string;
    /** A package that a generic provider makes from a value, as `terraform-provider` does. The value is base64. */
    parameterization?: { name: string; version: string; value: string };
}

interface PackageJson {
    name?: string;
    version?: string;
    pulumi?: Partial<RequiredPackage> & { resource?: boolean };
}

/**
 * Finds the Pulumi packages of a program as the released language host does: every package.json below any `node_modules`
 * of the program's folder, links followed and each folder visited once, with `pulumi.resource` set.
 */
export function requiredPackages(directory: string): RequiredPackage[] {
    const visited = new Set<string>();
    const found: RequiredPackage[] = [];
    const visit = (folder: string, inNodeModules: boolean): void => {
        if (visited.has(folder)) {
            return;
        }
        visited.add(folder);
        for (const entry of entries(folder)) {
            const path = resolveLink(join(folder, entry.name), entry);
            if (path === undefined) {
                continue;
            }
            if (statSync(path).isDirectory()) {
                // A policy pack's packages are not the program's.
                if (!existsSync(join(path, "PulumiPolicy.yaml"))) {
                    visit(path, inNodeModules || basename(folder) === "node_modules");
                }
            } else if (inNodeModules && entry.name === "package.json") {
                const dependency = readPackage(path);
                if (dependency) {
                    found.push(dependency);
                }
            }
        }
    };
    visit(realpathSync(directory), false);
    return found;
}

function entries(folder: string): Dirent[] {
    try {
        // Sorted, as Go's ReadDir gives them: `node_modules` comes before a local SDK in `sdks`, which a link there names.
        return readdirSync(folder, { withFileTypes: true })
            .filter((entry) => entry.isDirectory() || entry.isSymbolicLink() || entry.name === "package.json")
            .sort((a, b) => (a.name < b.name ? -1 : 1));
    } catch {
        return [];
    }
}

function resolveLink(path: string, entry: Dirent): string | undefined {
    if (!entry.isSymbolicLink()) {
        return path;
    }
    try {
        return realpathSync(path);
    } catch {
        return undefined;
    }
}

function readPackage(path: string): RequiredPackage | undefined {
    let info: PackageJson;
    try {
        info = JSON.parse(readFileSync(path, "utf8"));
    } catch {
        return undefined;
    }
    const version = info.pulumi?.version ?? info.version;
    const name = info.pulumi?.name ?? (info.name?.startsWith("@pulumi/") ? info.name.slice(8) : undefined);
    if (!info.pulumi?.resource || name === undefined || version === undefined) {
        return undefined;
    }
    return { ...info.pulumi, name, version: version.startsWith("v") ? version : `v${version}` };
}
