import { type ContainerSetSpec, containerSetSpec } from "../containers/containerSetSpec";
import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { EVERY_HOST } from "../containers/placementSpec";
import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { constraintsOf, notOn } from "./constraints";
import { isApart, withoutRefused } from "./refusals";
import type { SwarmArgs } from "./serviceArgs";
import { isSwarmName, NAME_REMEDY } from "./swarmName";
import type { SwarmSpec } from "./swarmSpec";

/** How a set runs on a swarm, as validated plain values. */
export interface ServiceSpec {
    /** Tasks; undefined: one on each node that may run it. */
    replicas: number | undefined;
    publish: "host" | "mesh";
    /** The nodes that may run it, in the order of the program. */
    nodes: readonly DockerHostSpec[];
    /** In Swarm's words, sorted. */
    constraints: readonly string[];
    /** The label of nodes over whose values Swarm spreads the tasks. */
    spreadOver: string | undefined;
    /** Tasks that a node may have at once; undefined: as many as fit there. */
    maxPerNode: number | undefined;
    /** Overlay networks, sorted. */
    networks: readonly string[];
    onFailure: "rollback" | "pause";
    monitorSeconds: number;
    healthIntervalSeconds: number;
}

/** A set on a swarm: what all sets have, and how it is a service. */
export interface SwarmSetSpec extends ContainerSetSpec {
    swarm: ServiceSpec;
}

/** Checks the arguments of a set on a swarm; what is wrong, and what Swarm cannot do, goes to `faults`. */
export function swarmSetSpec(
    name: string,
    given: FusionContainerSetArgs,
    swarm: Pick<SwarmSpec, "nodes" | "networks">,
    faults: Faults,
): SwarmSetSpec {
    const args = withoutRefused(name, given, faults);
    if (typeof name === "string" && !isSwarmName(name)) {
        faults.add(name, `is no name of a service for Swarm: ${show(name)}; ${NAME_REMEDY}, or give the set hosts`);
    }
    const how = args.swarm ?? {};
    const { publish = "host" } = how;
    faults.oneOf(`${name}.swarm.publish`, publish, ["host", "mesh"]);
    const set = containerSetSpec(name, publish === "mesh" ? onMesh(args) : args, swarm.nodes, faults);
    const ports = set.ports.map((port, index) => ({ ...port, host: args.ports?.[index]?.host }));
    checkFixedPorts(name, publish, ports, faults);
    const service = serviceSpec(name, args, swarm, faults);
    const maxPerNode = how.maxPerNode ?? (isApart(name, given) ? 1 : undefined);
    const spec = { ...set, ports, swarm: { ...service, maxPerNode, publish } };
    checkRoom(name, spec, how, faults);
    return spec;
}

/** A port of the mesh is every version's, so that it lets two of them run beside each other. */
function onMesh(args: FusionContainerSetArgs): FusionContainerSetArgs {
    const { ports = [], ...rest } = args;
    return { ...rest, ports: ports.map(({ host: _, ...port }) => port) };
}

/** The library's own range is what other sets get their ports from. */
function checkFixedPorts(name: string, publish: string, ports: ContainerSetSpec["ports"], faults: Faults): void {
    for (const [index, { host }] of ports.entries()) {
        const path = `${name}.ports[${index}].host`;
        if (host !== undefined && publish === "mesh") faults.port(path, host);
        if (host !== undefined && host >= 30_000 && host <= 32_767) {
            faults.add(
                path,
                `is one of the ports that sets on swarms get, 30000 to 32767: ${show(host)}; give another`,
            );
        }
    }
}

function serviceSpec(
    name: string,
    { replicas = 1, placement = {}, swarm: how = {} }: FusionContainerSetArgs,
    swarm: Pick<SwarmSpec, "nodes" | "networks">,
    faults: Faults,
): Omit<ServiceSpec, "publish" | "maxPerNode"> {
    const { networks = [], rollbackOnFailure = true, monitorSeconds = 10, healthIntervalSeconds = 5, maxPerNode } = how;
    faults.integer(`${name}.swarm.monitorSeconds`, monitorSeconds, 1, 3600, "give seconds, such as 10");
    const interval = `${name}.swarm.healthIntervalSeconds`;
    faults.integer(interval, healthIntervalSeconds, 1, 3600, "give seconds, such as 5");
    if (maxPerNode !== undefined) {
        faults.integer(`${name}.swarm.maxPerNode`, maxPerNode, 1, 10_000, "give a number of tasks, such as 1");
    }
    for (const [index, network] of networks.entries()) {
        if (!Object.hasOwn(swarm.networks, network)) {
            const known = Object.keys(swarm.networks);
            const remedy = known.length === 0 ? "give the swarm networks" : `name one of ${show(known)}`;
            faults.add(`${name}.swarm.networks[${index}]`, `${show(network)} is none of the swarm's; ${remedy}`);
        }
    }
    const required = constraintsOf(`${name}.placement.require`, placement.require, swarm.nodes, faults);
    const spreadOver = placement.spreadOver === "host" ? undefined : placement.spreadOver;
    const labelled = bearing(`${name}.placement.spreadOver`, spreadOver, required.nodes, faults);
    return {
        replicas: replicas === EVERY_HOST ? undefined : Number(replicas),
        nodes: labelled,
        constraints: [...required.constraints, ...without(required.nodes, labelled)].sort(),
        spreadOver,
        networks: [...new Set(networks)].sort(),
        onFailure: rollbackOnFailure ? "rollback" : "pause",
        monitorSeconds,
        healthIntervalSeconds,
    };
}

/** As on plain hosts: one without the label is not used. */
function bearing(path: string, label: unknown, nodes: readonly DockerHostSpec[], faults: Faults) {
    if (label === undefined) return nodes;
    if (typeof label !== "string") {
        faults.add(path, `must be a label, got ${show(label)}; give one such as "zone"`);
        return nodes;
    }
    const bear = nodes.filter(({ labels }) => labels[label] !== undefined);
    if (bear.length === 0 && nodes.length > 0 && faults.size === 0) {
        faults.add(path, `is a label that none of the hosts has: ${show(label)}; label them, or leave it out`);
    }
    return bear;
}

const without = (nodes: readonly DockerHostSpec[], kept: readonly DockerHostSpec[]): string[] =>
    notOn(nodes.filter((node) => !kept.includes(node)).map(({ name }) => name));

/** Whether a node may have one task only, since its port there is one task's. */
const isOnePerNode = ({ swarm, ports }: Pick<SwarmSetSpec, "swarm" | "ports">): boolean =>
    swarm.publish === "host" && ports.length > 0;

/** The most tasks that a node may have at once; undefined: as many as fit there. */
export const mostPerNode = (set: Pick<SwarmSetSpec, "swarm" | "ports">): number | undefined =>
    isOnePerNode(set) ? 1 : set.swarm.maxPerNode;

/** Whether as many tasks have room as are wanted, and one more where it is to start before an old one stops. */
function checkRoom(name: string, { swarm, update, ports }: SwarmSetSpec, how: SwarmArgs, faults: Faults): void {
    const { replicas, nodes, maxPerNode } = swarm;
    const onePerNode = isOnePerNode({ swarm, ports });
    if (onePerNode && maxPerNode !== undefined && maxPerNode > 1) {
        const what = `cannot be ${show(maxPerNode)} with ports on the hosts: each is one task's on a node`;
        faults.add(`${name}.swarm.maxPerNode`, `${what}; leave it out, or give publish: "mesh"`);
    }
    // Where its constraints leave no node, that has been told.
    if (replicas === undefined || nodes.length === 0) return;
    const most = mostPerNode({ swarm, ports });
    const room = most === undefined ? Number.POSITIVE_INFINITY : most * nodes.length;
    const names = nodes.map((node) => node.name);
    if (replicas > room) {
        const why = onePerNode ? 'publish: "host" allows one a node' : `maxPerNode is ${most}`;
        const remedy = onePerNode ? 'give fewer, more hosts, or publish: "mesh"' : "give fewer, or more hosts";
        faults.add(`${name}.replicas`, `are ${replicas}, and ${why}, of which it may use ${show(names)}; ${remedy}`);
    } else if (!onePerNode && replicas === room && update.order === "start-first") {
        const what = `is ${most}, with ${replicas} replicas on ${nodes.length} hosts: no new task has room beside them`;
        const path = how.maxPerNode === undefined ? "placement.antiAffinity" : "swarm.maxPerNode";
        faults.add(`${name}.${path}`, `${what}; give update: { order: "stop-first" }, or more room`);
    }
}
