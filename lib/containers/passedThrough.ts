import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Faults } from "../faults";
import { isRecord } from "../isRecord";
import { checkOwned } from "../passThrough";
import { ArgumentError } from "../program";

/** What the set's own arguments say of a container, and which argument that is. */
export const owned: Readonly<Partial<Record<keyof docker.ContainerArgs, string>>> = {
    name: "the set's name",
    image: "image",
    platform: "platform",
    command: "command",
    envs: "env",
    uploads: "files",
    ports: "ports",
    volumes: "volumes, which know what must not be used twice",
    publishAllPorts: "ports",
    networkMode: "no argument: published ports are bound to the host's own address, for which it must be the bridge",
    networksAdvanced: "no argument: a container in other networks is taken out of the bridge",
    memory: "resources.limits.memoryMiB",
    memorySwap: "resources.limits.memoryMiB, which is without swap",
    cpus: "resources.limits.cpus",
    cpuQuota: "resources.limits.cpus",
    cpuPeriod: "resources.limits.cpus",
    destroyGraceSeconds: "stopSeconds",
    stopTimeout: "stopSeconds",
    stopSignal: "stopSignal",
    restart: "no argument: a container runs until it is replaced; use a FusionJob for what comes to an end",
    maxRetryCount: "no argument: a container is started again as often as it ends",
    mustRun: "no argument: a container must run",
    start: "no argument: a container is always started",
    rm: "no argument: a container must outlast its end, so that its last lines can be shown",
    attach: "healthCheck to wait for a container",
    logs: "healthCheck, which shows a container's last lines when it fails",
    wait: "healthCheck",
    waitTimeout: "healthCheck.timeoutSeconds",
};

/** Refuses in `container` what other arguments say; the paths begin with `path`. */
export function checkContainer(path: string, container: Partial<docker.ContainerArgs>, faults: Faults): void {
    checkOwned(path, container, owned, faults);
    for (const key of listed) checkList(path, key, container[key], faults);
}

/** Lists of which the library reads a part, and that part. */
const read = { labels: "label", mounts: "type" } as const;
const listed = ["labels", "mounts"] as const;

const isLater = (value: unknown): boolean => pulumi.Output.isInstance(value) || value instanceof Promise;

/** What is known only later is left to {@link passedThrough}. */
function checkList(path: string, key: (typeof listed)[number], list: unknown, faults: Faults): void {
    for (const [index, entry] of (Array.isArray(list) ? list : []).entries()) {
        if (isLater(entry) || !isRecord(entry) || isLater(entry[read[key]])) {
            continue;
        }
        if (key === "mounts" && entry.type !== "tmpfs") {
            faults.add(
                `${path}.mounts[${index}]`,
                `holds data, which volumes must know of; use volumes, or type "tmpfs"`,
            );
        }
        if (key === "labels" && typeof entry.label === "string" && entry.label.startsWith("fusion.")) {
            faults.add(`${path}.labels[${index}].label`, `begins with "fusion.", as the library's own; rename it`);
        }
    }
}

/**
 * What is passed through to containers, with a check of the lists that could not be read before.
 *
 * @throws ArgumentError, by an Output, for what {@link checkContainer} refuses
 */
export function passedThrough(path: string, container: Partial<docker.ContainerArgs> = {}) {
    const isLate = (key: (typeof listed)[number]): boolean => {
        const list: unknown = container[key];
        const part = (entry: unknown) => isLater(entry) || (isRecord(entry) && isLater(entry[read[key]]));
        return isLater(list) || (Array.isArray(list) && list.some(part));
    };
    const checked = listed.filter(isLate).map((key) => [
        key,
        pulumi.output({ list: container[key] }).apply(({ list }) => {
            const faults = new Faults();
            checkList(path, key, list, faults);
            if (faults.size > 0) throw new ArgumentError(faults);
            return list;
        }),
    ]);
    return { ...container, ...Object.fromEntries(checked) };
}
