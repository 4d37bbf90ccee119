import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { DockerHostParts } from "../dockerHost";
import { type HeldPorts, hostPort, turnFor } from "./assignPorts";
import type { ContainerSetSpec } from "./containerSetSpec";
import type { Endpoint, FusionContainerSetArgs } from "./FusionContainerSet";
import { type HealthTarget, healthScript } from "./healthScript";
import { PlacementRecord } from "./PlacementRecord";
import type { RoundPlanner } from "./RoundPlanner";

interface ContainerPlan {
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
    args: FusionContainerSetArgs;
}

/** A replica, made: its container, and what must be remembered of it. */
interface Replica {
    name: string;
    vm: string;
    container: docker.Container;
    target: pulumi.Output<HealthTarget>;
    endpoint: pulumi.Output<Endpoint>;
    held: pulumi.Output<HeldPorts>;
}

/** Makes the images, containers and health gate of a set. */
export function createContainers(plan: ContainerPlan) {
    const images = new Map<string, docker.RemoteImage>();
    const replicas: Replica[] = [];
    for (const [name, { vm, slots }] of plan.planner.plan(plan.spec.name)) {
        const index = plan.spec.hosts.findIndex((host) => host.name === vm);
        const host = plan.hosts[index];
        const address = plan.spec.hosts[index]?.address;
        if (host !== undefined && address !== undefined) {
            const pulled = images.get(vm) ?? createImage(plan, vm, host);
            images.set(vm, pulled);
            replicas.push(createReplica(plan, { name, vm, slots, host, address, pulled }));
        }
    }
    const held = pulumi
        .all(replicas.map((replica) => replica.held))
        .apply((all) => Object.fromEntries(all.map((ports, index) => [replicas[index]?.name ?? "", ports])));
    new PlacementRecord(plan.spec.name, { held, salt: plan.salt }, { parent: plan.set });
    const gate = createGate(plan, replicas);
    // Known at preview, and there only after the gate: the URN is a known value that carries the dependency.
    const endpoints = pulumi
        .all([pulumi.all(replicas.map(({ endpoint }) => endpoint)), gate.urn])
        .apply(([all]) => all);
    return { endpoints };
}

/** The image on one host. It stays there when the set no longer needs it: others may, and a way back is quick. */
function createImage({ set, spec, image }: ContainerPlan, vm: string, host: DockerHostParts): docker.RemoteImage {
    return new docker.RemoteImage(
        `${spec.name}-${vm}`,
        { name: image, keepLocally: true },
        { parent: set, provider: host.provider, dependsOn: host.ready, ...withMachine(host) },
    );
}

/** Containers and images cannot outlive their machine. */
const withMachine = ({ machine }: DockerHostParts): pulumi.CustomResourceOptions =>
    machine === undefined ? {} : { deletedWith: machine.domain, replaceWith: [machine.disk] };

interface ReplicaPlan {
    name: string;
    vm: string;
    slots: readonly number[];
    host: DockerHostParts;
    address: string;
    pulled: docker.RemoteImage;
}

function createReplica(plan: ContainerPlan, { name, vm, slots, host, address, pulled }: ReplicaPlan): Replica {
    const { set, spec, image, version, args } = plan;
    const before = plan.planner.heldBy(name);
    const held = version.apply((now): HeldPorts => ({ vm, version: now, slots, turn: turnFor(now, slots, before) }));
    const ports = held.apply(({ turn }) => publishedPorts(spec, slots, turn, address));
    // With the turn: a way back to an older version must not meet the name of the container that still serves.
    const containerName = held.apply(({ version: now, turn }) => `${name}-${now}-${turn}`);
    const fixedPort = spec.ports.some((port) => port.host !== undefined);
    const container = new docker.Container(
        name,
        {
            name: containerName,
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
            destroyGraceSeconds: 30,
        },
        {
            parent: set,
            provider: host.provider,
            dependsOn: [...host.ready, pulled],
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
    const target = pulumi.all([containerName, host.ssh, ports]).apply(([made, ssh, published]): HealthTarget => {
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

/** What waits until the new containers answer. It is made anew with any of them. */
function createGate({ set, spec }: ContainerPlan, replicas: readonly Replica[]): command.local.Command {
    const containers = replicas.map(({ container }) => container);
    const timeout = spec.healthCheck?.timeoutSeconds ?? 300;
    return new command.local.Command(
        `${spec.name}-healthy`,
        {
            create: "sh -s",
            stdin: pulumi.all(replicas.map(({ target }) => target)).apply((targets) => healthScript(targets, timeout)),
        },
        {
            parent: set,
            dependsOn: containers,
            replaceWith: containers,
            customTimeouts: { create: `${timeout + 120}s`, update: `${timeout + 120}s` },
        },
    );
}
