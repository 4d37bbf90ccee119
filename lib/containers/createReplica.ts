import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type DockerHostParts, withMachine } from "../dockerHost";
import type { ContainerImage } from "../images/ContainerImage";
import { mergeArgs } from "../passThrough";
import { stackName } from "../stackName";
import { type HeldPorts, hostPort, turnFor } from "./assignPorts";
import { containerOptions } from "./containerOptions";
import type { ContainerSetSpec } from "./containerSetSpec";
import { createVolumes } from "./createVolumes";
import type { Endpoint } from "./endpoint";
import type { FusionContainerSetArgs } from "./FusionContainerSet";
import type { HealthTarget } from "./healthScript";
import { checkedPort } from "./healthSpec";
import { passedThrough } from "./passedThrough";
import type { Rollout } from "./Rollout";
import type { RoundPlanner } from "./RoundPlanner";
import type { ReleaseMemory } from "./release";

/** What a part of the replicas runs. */
export interface Track {
    /** The image, as containers are given it. */
    reference: pulumi.Output<string>;
    version: pulumi.Output<string>;
}

/** What the containers of a set are made from. */
export interface ContainerPlan {
    set: pulumi.ComponentResource;
    spec: ContainerSetSpec;
    planner: RoundPlanner;
    rollout: Rollout;
    /** In the order of `spec.hosts`. */
    hosts: readonly DockerHostParts[];
    image: ContainerImage;
    stable: Track;
    /** Of the canary; the same as `stable` without one. */
    trial: Track;
    /** What servers weigh in balancers while a canary has a share of the requests. */
    weights: pulumi.Output<{ canary: number; other: number } | undefined>;
    /** To be remembered; see {@link setVersion}. */
    salt: pulumi.Output<string | undefined>;
    /** To be remembered; see {@link secretPrints}. */
    prints: pulumi.Output<Record<string, string> | undefined>;
    /** What is to be remembered of the images when the deployment is completed. */
    brings: pulumi.Output<ReleaseMemory>;
    /** Whether the deployment before was completed, so that nothing of an earlier one is left on hosts. */
    wasDone: boolean;
    /** Whether an old container stops before the new one starts: not in the deployment that brings that about. */
    stopsFirst: boolean;
    /** Replica to the turn of the container that has answered last: it may serve, whatever has failed since. */
    passed: ReadonlyMap<string, number>;
    args: FusionContainerSetArgs;
}

/** Seconds that a container has to end by itself where nothing else is said. */
export const STOP_SECONDS = 30;

/** A replica, made: its container, and what must be remembered of it. */
export interface Replica {
    name: string;
    vm: string;
    container: docker.Container;
    target: pulumi.Output<HealthTarget>;
    endpoint: pulumi.Output<Endpoint>;
    held: pulumi.Output<HeldPorts>;
}

/** Where one replica goes. */
export interface ReplicaPlan {
    name: string;
    vm: string;
    slots: readonly number[];
    host: DockerHostParts;
    address: string;
    held: pulumi.Output<HeldPorts>;
}

/** Whether a replica is one that a canary is tried with: the last ones are. */
export const isCanary = ({ canaries, replicaNames }: ContainerSetSpec, name: string): boolean =>
    canaries > 0 && replicaNames.slice(-canaries).includes(name);

export const trackOf = ({ spec, stable, trial }: ContainerPlan, name: string): Track =>
    isCanary(spec, name) ? trial : stable;

/** What is remembered of one replica: where it is, and which of its ports are in use now. */
export function heldNow(
    plan: ContainerPlan,
    { name, vm, slots, host }: Omit<ReplicaPlan, "held">,
): pulumi.Output<HeldPorts> {
    const wanted = plan.planner.lastOf(plan.spec.name)?.held.get(name);
    const running = plan.planner.runningOf(name);
    // In the place of the old one, or on a machine made anew, where no older one stands: its balancer finds it where it was.
    const inItsPlace = plan.stopsFirst || host.machine?.anew === true;
    return trackOf(plan, name).version.apply((version): HeldPorts => {
        const now = { vm, version, slots };
        const isThere = running?.vm === vm && running.slots.join() === slots.join();
        // A deployment that failed may have left what is wanted as it was.
        if (isThere && (inItsPlace || running.version === version)) {
            return { ...now, turn: running.turn };
        }
        const last = wanted ?? running;
        return { ...now, turn: turnFor(now, last && inItsPlace ? { ...last, version } : last, plan.passed.get(name)) };
    });
}

/** With the turn: a way back to an older version must not meet the name of the container that still serves. */
export const containerName = ({ name, held }: ReplicaPlan): pulumi.Output<string> =>
    held.apply(({ version, turn }) => `${name}-${version}-${turn}`);

/**
 * Makes one replica's container, and what follows from it.
 *
 * @param image the resource that brings the image to the host
 * @param how when the replica may be touched, and whether its container stops before the next one starts
 */
export function createReplica(
    plan: ContainerPlan,
    replica: ReplicaPlan,
    image: pulumi.Resource,
    { start, stopsFirst }: { start: Promise<void>; stopsFirst: boolean },
): Replica {
    const { set, spec } = plan;
    const { name, vm, slots, host, address, held } = replica;
    const ports = held.apply(({ turn }) => publishedPorts(spec, slots, turn, address));
    const volumes = createVolumes(plan, { replica: name, vm, host });
    const own = containerArgs(plan, replica, ports, start);
    const container = new docker.Container(
        name,
        mergeArgs(
            { ...own, ...(volumes.mounts.length > 0 && { volumes: volumes.mounts }) },
            passedThrough(`${spec.name}.container`, plan.args.container),
        ),
        {
            parent: set,
            provider: host.provider,
            dependsOn: [...host.ready, image, ...volumes.made],
            // All others start beside their predecessors.
            deleteBeforeReplace: stopsFirst,
            ...withMachine(host),
        },
    );
    const endpoint = ports.apply((published) => endpointOf(spec, { name, vm, address }, published));
    const target = pulumi
        .all([containerName(replica), host.ssh, ports])
        .apply(([made, ssh, published]): HealthTarget => {
            const probe = probeOf(spec, address, published);
            return { replica: name, container: made, vm, ssh, ...(probe && { probe }) };
        });
    return { name, vm, container, target, endpoint, held };
}

function containerArgs(
    plan: ContainerPlan,
    replica: ReplicaPlan,
    ports: pulumi.Output<ReturnType<typeof publishedPorts>>,
    start: Promise<void>,
): docker.ContainerArgs {
    const { spec, args } = plan;
    const { reference, version } = trackOf(plan, replica.name);
    const ownName = containerName(replica);
    const env = { ...args.env, FUSION_HOST: replica.vm, FUSION_REPLICA: replica.name };
    return {
        // Registered when its turn has come; nothing in the state depends on what that waits for.
        name: pulumi.all([ownName, start]).apply(([text]) => text),
        // The kernel takes no more.
        hostname: ownName.apply((text) => text.slice(0, 63).replace(/[-.]+$/, "")),
        image: reference,
        ...(args.command !== undefined && { command: pulumi.output(args.command).apply((words) => [...words]) }),
        envs: pulumi.output(env).apply((all) =>
            Object.entries(all)
                .map(([key, value]) => `${key}=${value}`)
                .sort(),
        ),
        ports,
        labels: [
            { label: "fusion.stack", value: stackName() },
            { label: "fusion.host", value: replica.vm },
            { label: "fusion.set", value: spec.name },
            { label: "fusion.version", value: version },
        ],
        networkMode: "bridge",
        restart: "unless-stopped",
        destroyGraceSeconds: args.stopSeconds ?? STOP_SECONDS,
        ...containerOptions(args),
    };
}

type Published = readonly { internal: number; external: number; protocol: string }[];

/** The host's port that leads to the one that the health check asks. */
const checkPortOf = (spec: ContainerSetSpec, published: Published): number | undefined =>
    published.find(({ internal, protocol }) => protocol === "tcp" && internal === checkedPort(spec))?.external;

function endpointOf(
    spec: ContainerSetSpec,
    at: Pick<Endpoint, "name" | "vm" | "address">,
    published: Published,
): Endpoint {
    const port = (published.find(({ protocol }) => protocol === "tcp") ?? published[0])?.external ?? 0;
    const other = checkPortOf(spec, published);
    return { ...at, port, ...(other !== undefined && other !== port && { checkPort: other }) };
}

function probeOf(spec: ContainerSetSpec, address: string, published: Published): HealthTarget["probe"] {
    const check = spec.healthCheck;
    const port = checkPortOf(spec, published);
    if (check?.command !== undefined) {
        return { kind: "command", words: check.command };
    }
    return check === undefined || port === undefined
        ? undefined
        : { kind: check.http ? "http" : "tcp", address, port, path: check.http?.path ?? "/" };
}

/** The ports of one replica, bound to the host's own address: Docker's rules go before a firewall's. */
function publishedPorts(spec: ContainerSetSpec, slots: readonly number[], turn: number, address: string) {
    let next = 0;
    return spec.ports.map(({ container, host, protocol }) => ({
        internal: container,
        external: host ?? hostPort(slots[next++] ?? 0, turn),
        ip: address,
        protocol,
    }));
}
