import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Faults } from "../faults";
import { isRecord } from "../isRecord";
import { checkOwned } from "../passThrough";
import { ArgumentError } from "../program";
import { type Shape, shaped } from "../shape";
import type { FileArgs, FusionContainerSetArgs } from "./FusionContainerSet";
import { hostSpec } from "./hosts";

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
    memory: "resources.limits.memoryMiB",
    cpus: "resources.limits.cpus",
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

/** Lists of which the library reads a part. */
const listed = ["labels", "mounts"] as const;

/** One that is an Output is checked when it is known. */
function checkList(path: string, key: (typeof listed)[number], list: unknown, faults: Faults): void {
    for (const [index, entry] of (Array.isArray(list) ? list : []).entries()) {
        if (!isRecord(entry)) {
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
 * What is passed through to containers, lists that are Outputs with the check that the others have had.
 *
 * @throws ArgumentError, by an Output, for what {@link checkContainer} refuses
 */
export function passedThrough(path: string, container: Partial<docker.ContainerArgs> = {}) {
    const late = listed.filter((key) => pulumi.Output.isInstance(container[key]));
    const checked = late.map((key) => [
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

/**
 * What the containers of a set have in common beside image, environment, command and ports, as far as it is given: all of it
 * belongs to their version. The user's own `container` is merged in last.
 */
export function containerOptions({ resources, files = {}, stopSeconds, stopSignal }: FusionContainerSetArgs) {
    const { cpus, memoryMiB } = resources?.limits ?? {};
    const uploads = Object.entries(secretFiles(files))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([file, { content, mode }]) => ({ file, content, permissions: mode }));
    return {
        // As the provider reads it back, which is another text than "1".
        ...(cpus !== undefined && { cpus: Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus) }),
        // Without swap: a container that takes more than it may is ended, and does not slow its host down.
        ...(memoryMiB !== undefined && { memory: memoryMiB, memorySwap: memoryMiB }),
        ...(stopSeconds !== undefined && { stopTimeout: stopSeconds }),
        ...(stopSignal !== undefined && { stopSignal }),
        ...(uploads.length > 0 && { uploads }),
    } satisfies Partial<docker.ContainerArgs>;
}

/** Whether a file is given with more than its content. */
export const isLong = (given: FileArgs): given is Exclude<FileArgs, pulumi.Input<string>> =>
    isRecord(given) && "content" in given;

/** Files of containers with their modes; their content is a secret, however it was given. */
export function secretFiles(files: Readonly<Record<string, FileArgs>>) {
    const all = Object.entries(files).map(([file, given]) => {
        const { content, mode = "0444" } = isLong(given) ? given : { content: given };
        return [file, { content: pulumi.secret(content), mode }] as const;
    });
    return Object.fromEntries(all);
}

/** A component's arguments as far as they can be read; what is not goes to `faults`. */
export function readArgs<T extends Pick<FusionContainerSetArgs, "hosts">>(
    name: string,
    given: T,
    shape: Shape,
    faults: Faults,
): T {
    const args = shaped(name, given, shape, faults);
    return { ...args, hosts: args.hosts ?? [] };
}

/**
 * What a component of containers shows as its inputs: hosts by their names, and as secrets what is always secret; nothing
 * where its arguments cannot be read.
 */
export function shownInputs<T extends Pick<FusionContainerSetArgs, "hosts" | "files" | "registryAuth">>(
    name: string,
    given: T,
    shape: Shape,
): pulumi.Inputs {
    const faults = new Faults();
    const args = readArgs(name, given, shape, faults);
    if (faults.size > 0) {
        return {};
    }
    const { registryAuth, files } = args;
    return {
        ...args,
        hosts: args.hosts.map((host) => hostSpec(host).name),
        ...(registryAuth !== undefined && { registryAuth: pulumi.secret(registryAuth) }),
        ...(files !== undefined && { files: secretFiles(files) }),
    };
}
