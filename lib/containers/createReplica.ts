import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { type DockerHostParts, withMachine } from "../dockerHost";
import type { ContainerImage } from "../images/ContainerImage";
import { type HeldPorts, hostPort, turnFor } from "./assignPorts";
import type { ContainerSetSpec } from "./containerSetSpec";
import type { Endpoint, FusionContainerSetArgs } from "./FusionContainerSet";
import type { HealthTarget } from "./healthScript";
import type { RoundPlanner } from "./RoundPlanner";

/** What the containers of a set are made from. */
export interface ContainerPlan {
    set: pulumi.ComponentResource;
    spec: ContainerSetSpec;
    planner: RoundPlanner;
    /** In the order of `spec.hosts`. */
    hosts: readonly DockerHostParts[];
    image: ContainerImage;
    version: pulumi.Output<string>;
    /** To be remembered; see {@link setVersion}. */
    salt: pulumi.Output<string | undefined>;
    args: FusionContainerSetArgs;
}

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

/** What is remembered of one replica: where it is, and which of its ports are in use now. */
export function heldNow(
    { planner, version }: ContainerPlan,
    { name, vm, slots, host }: Omit<ReplicaPlan, "held">,
): pulumi.Output<HeldPorts> {
    const before = planner.heldBy(name);
    return version.apply((now): HeldPorts => {
        // On a machine that is made anew no older version stands beside, and its balancer finds it where it was.
        const last = before && host.machine?.anew ? { ...before, version: now } : before;
        return { vm, version: now, slots, turn: turnFor(now, slots, last) };
    });
}

/** With the turn: a way back to an older version must not meet the name of the container that still serves. */
export const containerName = ({ name, held }: ReplicaPlan): pulumi.Output<string> =>
    held.apply(({ version, turn }) => `${name}-${version}-${turn}`);

/** Makes one replica's container, once the image is on its host, and what follows from it. */
export function createReplica(plan: ContainerPlan, replica: ReplicaPlan, image: pulumi.Resource): Replica {
    const { set, spec, version, args } = plan;
    const { name, vm, slots, host, address, held } = replica;
    const ports = held.apply(({ turn }) => publishedPorts(spec, slots, turn, address));
    const ownName = containerName(replica);
    const fixedPort = spec.ports.some((port) => port.host !== undefined);
    const container = new docker.Container(
        name,
        {
            name: ownName,
            hostname: ownName,
            image: plan.image.reference,
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
            destroyGraceSeconds: 30,
        },
        {
            parent: set,
            provider: host.provider,
            dependsOn: [...host.ready, image],
            // A fixed port can serve one container at a time; all others start beside their predecessors.
            deleteBeforeReplace: fixedPort,
            ...withMachine(host),
        },
    );
    const check = spec.healthCheck;
    const asked = check?.http?.port ?? check?.tcp?.port ?? spec.ports[0]?.container;
    const checkPort = (published: { internal: number; external: number }[]) =>
        published.find(({ internal }) => internal === asked)?.external;
    const endpoint = ports.apply((published): Endpoint => {
        const port = published[0]?.external ?? 0;
        const other = checkPort(published);
        return { name, vm, address, port, ...(other !== undefined && other !== port && { checkPort: other }) };
    });
    const target = pulumi.all([ownName, host.ssh, ports]).apply(([made, ssh, published]): HealthTarget => {
        const port = checkPort(published);
        const base = { replica: name, container: made, vm, ssh };
        return check === undefined || port === undefined
            ? base
            : { ...base, probe: { kind: check.http ? "http" : "tcp", address, port, path: check.http?.path ?? "/" } };
    });
    return { name, vm, container, target, endpoint, held };
}

/** The ports of one replica, bound to the host's own address: Docker's rules go before a firewall's. */
function publishedPorts(spec: ContainerSetSpec, slots: readonly number[], turn: number, address: string) {
    let next = 0;
    return spec.ports.map(({ container, host }) => ({
        internal: container,
        external: host ?? hostPort(slots[next++] ?? 0, turn),
        ip: address,
        protocol: "tcp",
    }));
}
