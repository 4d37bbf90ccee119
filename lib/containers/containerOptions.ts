import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostSpec } from "../dockerHost";
import type { Faults } from "../faults";
import { isRecord } from "../isRecord";
import { checkOwned } from "../passThrough";
import type { FileArgs, FusionContainerSetArgs } from "./FusionContainerSet";

/** What the set's own arguments say of a container, and which argument that is. */
const owned: Readonly<Partial<Record<keyof docker.ContainerArgs, string>>> = {
    name: "the set's name",
    image: "image",
    command: "command",
    envs: "env",
    uploads: "files",
    ports: "ports",
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
    const labels: unknown = container.labels;
    for (const [index, entry] of (Array.isArray(labels) ? labels : []).entries()) {
        if (isRecord(entry) && typeof entry.label === "string" && entry.label.startsWith("fusion.")) {
            faults.add(`${path}.labels[${index}].label`, `begins with "fusion.", as the library's own; rename it`);
        }
    }
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

/** Files of containers with their modes; their content is a secret, however it was given. */
export function secretFiles(files: Readonly<Record<string, FileArgs>>) {
    const all = Object.entries(files).map(([file, given]) => {
        const { content, mode = "0444" } = typeof given === "object" && "content" in given ? given : { content: given };
        return [file, { content: pulumi.secret(content), mode }] as const;
    });
    return Object.fromEntries(all);
}

/** What a component of containers shows as its inputs: hosts by their names, and as secrets what is always secret. */
export function shownInputs<T extends Pick<FusionContainerSetArgs, "hosts" | "files" | "registryAuth">>(
    args: T,
    hosts: readonly DockerHostSpec[],
) {
    const { registryAuth, files } = args;
    return {
        ...args,
        hosts: hosts.map((host) => host.name),
        ...(registryAuth !== undefined && { registryAuth: pulumi.secret(registryAuth) }),
        ...(files !== undefined && { files: secretFiles(files) }),
    };
}
