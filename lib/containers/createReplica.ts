import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostParts } from "../dockerHost";
import { mergeArgs } from "../passThrough";
import { type HeldPorts, hostPort, turnFor } from "./assignPorts";
import { containerOptions } from "./containerOptions";
import type { ContainerSetSpec } from "./containerSetSpec";
import { createVolumes } from "./createVolumes";
import type { Endpoint, FusionContainerSetArgs } from "./FusionContainerSet";
import type { HealthTarget } from "./healthScript";
import { checkedPort } from "./healthSpec";
import type { Rollout } from "./Rollout";
import type { RoundPlanner } from "./RoundPlanner";

/** What the containers of a set are made from. */
export interface ContainerPlan {
    set: pulumi.ComponentResource;
    spec: ContainerSetSpec;
    planner: RoundPlanner;
    /** In the order of `spec.hosts`. */
    hosts: readonly DockerHostParts[];
    /** By digest. */
    image: pulumi.Output<string>;
    version: pulumi.Output<string>;
    /** To be remembered; see {@link setVersion}. */
    salt: pulumi.Output<string | undefined>;
    rollout: Rollout;
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

/** Containers and images cannot outlive their machine. */
export const withMachine = ({ machine }: DockerHostParts): pulumi.CustomResourceOptions =>
    machine === undefined ? {} : { deletedWith: machine.domain, replaceWith: [machine.disk] };

/** Where one replica goes. */
interface ReplicaPlan {
    name: string;
    vm: string;
    slots: readonly number[];
    host: DockerHostParts;
    address: string;
    pulled: docker.RemoteImage;
    /** Resolves when the replica may be touched. */
    turn: Promise<void>;
}

/** Makes one replica's container, and what follows from it. */
export function createReplica(plan: ContainerPlan, place: ReplicaPlan): Replica {
    const { set, spec, image, version, args } = plan;
    const { name, vm, slots, host, address, pulled, turn: start } = place;
    const stopFirst = spec.update.order === "stop-first";
    const before = plan.planner.heldBy(name);
    const held = version.apply((now): HeldPorts => {
        // On a machine that is made anew no older version stands beside, and its balancer finds it where it was.
        const last = before && (stopFirst || host.machine?.anew) ? { ...before, version: now } : before;
        return { vm, version: now, slots, turn: turnFor(now, slots, last) };
    });
    const ports = held.apply(({ turn }) => publishedPorts(spec, slots, turn, address));
    // With the turn: a way back to an older version must not meet the name of the container that still serves.
    const containerName = held.apply(({ version: now, turn }) => `${name}-${now}-${turn}`);
    const volumes = createVolumes(plan, { replica: name, vm, host });
    const own: docker.ContainerArgs = {
        // Registered when its turn has come; nothing in the state depends on what that waits for.
        name: pulumi.all([containerName, start]).apply(([text]) => text),
        hostname: containerName,
        image,
        ...(args.command !== undefined && { command: pulumi.output(args.command).apply((words) => [...words]) }),
        envs: pulumi.output({ ...args.env, FUSION_HOST: vm, FUSION_REPLICA: name }).apply((env) =>
            Object.entries(env)
                .map(([key, value]) => `${key}=${value}`)
                .sort(),
        ),
        ports,
        labels: [
            { label: "fusion.set", value: spec.name },
            { label: "fusion.version", value: version },
        ],
        networkMode: "bridge",
        restart: "unless-stopped",
        destroyGraceSeconds: args.stopSeconds ?? STOP_SECONDS,
        ...containerOptions(args),
        ...(volumes.mounts.length > 0 && { volumes: volumes.mounts }),
    };
    const container = new docker.Container(name, mergeArgs(own, args.container), {
        parent: set,
        provider: host.provider,
        dependsOn: [...host.ready, pulled, ...volumes.made],
        // All others start beside their predecessors.
        deleteBeforeReplace: stopFirst,
        ...withMachine(host),
    });
    const endpoint = ports.apply((published) => endpointOf(spec, { name, vm, address }, published));
    const target = pulumi.all([containerName, host.ssh, ports]).apply(([made, ssh, published]): HealthTarget => {
        const probe = probeOf(spec, address, published);
        return { replica: name, container: made, vm, ssh, ...(probe && { probe }) };
    });
    return { name, vm, container, target, endpoint, held };
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
    const port = published[0]?.external ?? 0;
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
