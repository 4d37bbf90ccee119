import type { HypervisorSurvey } from "../hypervisor/survey";
import { commandLine } from "../shell";
import type { Finding, Wanted } from "./wanted";

/** Base images that no disk is made from. They stay until somebody deletes them. */
export function images(
    { baseImages, host, root }: HypervisorSurvey,
    { name, pool, owned, connection }: Wanted,
): Finding[] {
    if (pool === undefined) {
        return [];
    }
    return baseImages
        .map((image) => ({ ...image, path: `${pool.path}/${image.file}` }))
        .filter(({ usedBy, path }) => usedBy.length === 0 && !owned.images.has(path))
        .map(({ path, sizeMiB }) => ({
            severity: "info",
            path: `${name}.pool`,
            what: `the base image "${path}" on ${host}, ${sizeMiB} MiB, is used by no disk`,
            remedy: `${root ? "" : "sudo "}${commandLine(["rm", path])}${
                pool.name === undefined
                    ? ""
                    : ` && ${commandLine(["virsh", "--connect", connection.localUri, "pool-refresh", pool.name])}`
            }`,
        }));
}
