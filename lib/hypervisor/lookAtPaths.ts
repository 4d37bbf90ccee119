import { askMachine } from "../askMachine";
import { script } from "../shell";
import type { SshTarget } from "../ssh";

/** What is at a path on a hypervisor. */
export type PathKind = "file" | "directory" | "nothing";

/** The script, run on the hypervisor, that tells for each path what is there, a line each in their order. */
export function pathScript(paths: readonly string[]): string {
    return script(
        { PATHS: paths.join("\n") },
        `
printf '%s\\n' "$PATHS" | while IFS= read -r path; do
    if [ -d "$path" ]; then echo directory; elif [ -e "$path" ]; then echo file; else echo nothing; fi
done
`,
    );
}

/** Looks at paths on a hypervisor; what could not be found out is not in the answer. Asks nothing where there is none. */
export async function lookAtPaths(
    ssh: SshTarget | undefined,
    paths: readonly string[],
): Promise<Map<string, PathKind>> {
    const kinds = paths.length === 0 ? "" : (await askMachine(ssh, pathScript(paths), 20)).stdout;
    const found = new Map<string, PathKind>();
    for (const [index, kind] of kinds.split("\n").entries()) {
        const path = paths[index];
        if (path !== undefined && (kind === "file" || kind === "directory" || kind === "nothing")) {
            found.set(path, kind);
        }
    }
    return found;
}

/** The one way to an answer, replaced where a test has no hypervisor. */
export const pathLook = { at: lookAtPaths };
