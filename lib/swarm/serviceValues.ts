import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { STOP_SECONDS } from "../containers/createReplica";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import type { VolumeArgs } from "../containers/volumeSpec";
import { stackName, stackPrefix } from "../stackName";
import type { ServiceFile } from "./createFiles";
import { goDuration } from "./goDuration";
import { serviceHealth } from "./serviceHealth";
import { publishedPorts } from "./servicePorts";
import type { SwarmSetSpec } from "./serviceSpec";
import type { Brought } from "./turn";

const MIB = 2 ** 20;

/**
 * What all tasks of a set have in common beside image, environment, command and ports, as far as it is given: all of it belongs to
 * their version, since Swarm replaces each task for it.
 */
export function taskOptions(spec: SwarmSetSpec, args: FusionContainerSetArgs) {
    const { limits, ...planned } = args.resources ?? {};
    const health = serviceHealth(spec, spec.swarm.healthIntervalSeconds);
    const volumes = args.volumes ?? [];
    return {
        stopGracePeriod: goDuration(args.stopSeconds ?? STOP_SECONDS),
        ...(args.stopSignal !== undefined && { stopSignal: args.stopSignal }),
        ...(health !== undefined && { healthcheck: health }),
        ...(volumes.length > 0 && { mounts: volumes.map((one) => mountOf(spec.name, one)) }),
        limits: amounts(limits),
        reservation: amounts(planned),
        networks: spec.swarm.networks,
        spreadOver: spec.swarm.spreadOver ?? "",
        maxPerNode: maxReplicas(spec) ?? 0,
        platform: args.platform ?? "",
    };
}

function mountOf(set: string, { name, path, hostPath, readOnly = false }: VolumeArgs) {
    const source = hostPath ?? `${stackPrefix()}--${set}-${name}`;
    return { type: hostPath === undefined ? "volume" : "bind", source, target: path, readOnly };
}

const amounts = ({ cpus, memoryMiB }: { cpus?: number; memoryMiB?: number } = {}) => ({
    ...(cpus !== undefined && { nanoCpus: Math.round(cpus * 1e9) }),
    ...(memoryMiB !== undefined && { memoryBytes: memoryMiB * MIB }),
});

/**
 * Not for one on each node, nor where a host port is one task's anyway: Swarm counts the task that is about to stop, so that no new one
 * could start beside it.
 */
const maxReplicas = ({ swarm: { publish, maxPerNode, replicas }, ports }: SwarmSetSpec): number | undefined =>
    replicas === undefined || (publish === "host" && ports.length > 0) ? undefined : maxPerNode;

/** What a service is made of that is known only with the version. */
export interface ServiceInputs {
    image: pulumi.Input<string>;
    brought: pulumi.Output<Brought>;
    pairs: readonly number[];
    files: readonly ServiceFile[];
    /** In Swarm's words, sorted. */
    constraints: readonly string[];
    /** How often these have been tried again. A version comes with it: to set it afterwards would be the update that Swarm goes back from. */
    tries: number;
    /** IDs of the overlay networks. */
    networks: readonly pulumi.Input<string>[];
}

/** A set as a service of Swarm, but for its name. */
export function serviceValues(
    spec: SwarmSetSpec,
    args: FusionContainerSetArgs,
    inputs: ServiceInputs,
): Omit<docker.ServiceArgs, "name"> {
    const { swarm, update } = spec;
    const { brought } = inputs;
    const order = brought.apply(({ mixed }) => (mixed ? "stop-first" : update.order));
    const pace = {
        parallelism: update.parallelism,
        delay: "0s",
        monitor: goDuration(swarm.monitorSeconds),
        maxFailureRatio: "0.0",
    };
    return {
        labels: brought.apply(({ version, turn, attempt }) => [
            ...(attempt > 0 ? [{ label: "fusion.attempt", value: String(attempt) }] : []),
            { label: "fusion.set", value: spec.name },
            { label: "fusion.stack", value: stackName() },
            { label: "fusion.tries", value: String(inputs.tries) },
            { label: "fusion.turn", value: String(turn) },
            { label: "fusion.version", value: version },
        ]),
        mode: swarm.replicas === undefined ? { global: true } : { replicated: { replicas: swarm.replicas } },
        taskSpec: taskSpec(spec, args, inputs),
        endpointSpec: {
            mode: "vip",
            ports: brought.apply(({ turn }) =>
                publishedPorts(spec, inputs.pairs, turn).map(({ target, published, protocol }) => ({
                    targetPort: target,
                    publishedPort: published,
                    protocol,
                    publishMode: swarm.publish === "mesh" ? "ingress" : "host",
                })),
            ),
        },
        updateConfig: { ...pace, order, failureAction: swarm.onFailure },
        // Whatever becomes of a task then: what served before is wanted on all nodes.
        rollbackConfig: { ...pace, order, failureAction: "continue" },
    };
}

function taskSpec(spec: SwarmSetSpec, args: FusionContainerSetArgs, inputs: ServiceInputs) {
    const {
        networks: _,
        spreadOver,
        maxPerNode,
        platform,
        limits,
        reservation,
        ...container
    } = taskOptions(spec, args);
    const { command, env = {} } = args;
    const [os = "", architecture = ""] = platform.split("/");
    const secrets = inputs.files.map(({ path, mode, secretName, secret }) => ({
        secretId: secret.id,
        secretName,
        fileName: path,
        fileMode: mode,
        fileUid: "0",
        fileGid: "0",
    }));
    return {
        containerSpec: {
            image: inputs.image,
            ...(command !== undefined && { args: pulumi.output(command).apply((words) => [...words]) }),
            env: { ...literal(env), ...ownEnv(spec, inputs.brought) },
            ...container,
            ...(secrets.length > 0 && { secrets }),
        },
        resources: {
            ...(Object.keys(limits).length > 0 && { limits }),
            ...(Object.keys(reservation).length > 0 && { reservation }),
        },
        restartPolicy: { condition: "any", delay: "2s", maxAttempts: 0, window: "0s" },
        placement: {
            constraints: [...inputs.constraints],
            ...(spreadOver !== "" && { prefs: [`spread=node.labels.${spreadOver}`] }),
            ...(maxPerNode > 0 && { maxReplicas: maxPerNode }),
            ...(platform !== "" && { platforms: [{ os, architecture }] }),
        },
        networksAdvanceds: inputs.networks.map((id) => ({ id })),
        runtime: "container",
    };
}

/** Swarm fills in templates in values, which the user's are not. */
const literal = (env: Readonly<Record<string, pulumi.Input<string>>>): Record<string, pulumi.Output<string>> =>
    Object.fromEntries(
        Object.entries(env).map(([key, value]) => [
            key,
            pulumi.output(value).apply((text) => text.replaceAll("{{", '{{"{{"}}')),
        ]),
    );

const ownEnv = ({ name, swarm }: SwarmSetSpec, brought: pulumi.Output<Brought>) => ({
    FUSION_HOST: "{{.Node.Hostname}}",
    FUSION_REPLICA: `${name}-{{${swarm.replicas === undefined ? ".Node.Hostname" : ".Task.Slot"}}}`,
    // Swarm has forgotten the ports of a task that is about to stop: this says which of the two it has.
    FUSION_TURN: brought.apply(({ turn }) => String(turn)),
    FUSION_VERSION: brought.apply(({ version }) => version),
});
