import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Faults } from "../faults";
import { isRecord } from "../isRecord";
import { type Shape, shaped } from "../shape";
import { FusionSwarm } from "../swarm/FusionSwarm";
import type { FileArgs, FusionContainerSetArgs } from "./FusionContainerSet";
import { hostSpec } from "./hosts";

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
        hosts: args.hosts instanceof FusionSwarm ? args.hosts.spec.name : args.hosts.map((host) => hostSpec(host).name),
        ...(registryAuth !== undefined && { registryAuth: pulumi.secret(registryAuth) }),
        ...(files !== undefined && { files: secretFiles(files) }),
    };
}
