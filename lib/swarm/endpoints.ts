import type { Endpoint } from "../containers/endpoint";
import { checkedPort } from "../containers/healthSpec";
import { publishedPorts, type Turn } from "./servicePorts";
import type { SwarmSetSpec } from "./serviceSpec";

/** What a balancer calls the tasks that a host has in a turn. */
export interface TaskServer {
    name: string;
    vm: string;
    turn: Turn;
}

/**
 * Where a service may answer: each node that may run it, at the ports of both turns; where ports are fixed, or the whole swarm's, at
 * those. Which of them do is for health checks to find out. The names are `<set>-<host>`, and with `-b` those of the second turn.
 */
export const serviceEndpoints = (spec: SwarmSetSpec, pairs: readonly number[]): Endpoint[] =>
    nodesOf(spec)
        .flatMap(({ name: vm, address }) =>
            TURNS.map((turn) => ({
                ...{ name: serverName(spec, pairs, vm, turn), vm, address },
                ...portsIn(spec, pairs, turn),
            })),
        )
        .filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index);

/** What balancers call the tasks of a service on these hosts. */
export const taskServers = (spec: SwarmSetSpec, pairs: readonly number[], hosts: readonly string[]): TaskServer[] =>
    hosts.flatMap((vm) => TURNS.map((turn) => ({ name: serverName(spec, pairs, vm, turn), vm, turn })));

function serverName(spec: SwarmSetSpec, pairs: readonly number[], host: string, turn: Turn): string {
    const isFixed = portsIn(spec, pairs, 0).port === portsIn(spec, pairs, 1).port;
    return `${spec.name}-${host}${turn === 0 || isFixed ? "" : "-b"}`;
}

const TURNS = [0, 1] as const;

/** By the mesh every node answers for all. */
const nodesOf = ({ swarm, hosts }: SwarmSetSpec) => (swarm.publish === "mesh" ? hosts : swarm.nodes);

function portsIn(spec: SwarmSetSpec, pairs: readonly number[], turn: Turn): Pick<Endpoint, "port" | "checkPort"> {
    const ports = publishedPorts(spec, pairs, turn);
    const port = (ports.find(({ protocol }) => protocol === "tcp") ?? ports[0])?.published ?? 0;
    const check = ports.find(({ protocol, target }) => protocol === "tcp" && target === checkedPort(spec))?.published;
    return { port, ...(check !== undefined && check !== port && { checkPort: check }) };
}
