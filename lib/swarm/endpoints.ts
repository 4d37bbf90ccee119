import type { Endpoint } from "../containers/endpoint";
import { checkedPort } from "../containers/healthSpec";
import { publishedPorts, type Turn } from "./servicePorts";
import type { SwarmSetSpec } from "./serviceSpec";

/** Where tasks of a version in a turn answer on a node. */
export interface TaskEndpoint extends Endpoint {
    turn: Turn;
}

/**
 * Where a service may answer: each node that may run it, at the ports of both turns; where ports are fixed, or the whole swarm's, at
 * those. Which of them do is for health checks to find out. The names are `<set>-<host>`, and with `-b` those of the second turn.
 */
export const serviceEndpoints = (spec: SwarmSetSpec, pairs: readonly number[]): Endpoint[] =>
    taskEndpoints(spec, pairs)
        .filter(({ name }, index, all) => all.findIndex((other) => other.name === name) === index)
        .map(({ turn: _, ...endpoint }) => endpoint);

/** The same, turn by turn. */
export function taskEndpoints(spec: SwarmSetSpec, pairs: readonly number[]): TaskEndpoint[] {
    const [first, second] = [portsIn(spec, pairs, 0), portsIn(spec, pairs, 1)];
    const suffix = first.port === second.port ? "" : "-b";
    return nodesOf(spec).flatMap(({ name: vm, address }) => {
        const name = `${spec.name}-${vm}`;
        return [
            { name, vm, address, ...first, turn: 0 },
            { name: `${name}${suffix}`, vm, address, ...second, turn: 1 },
        ];
    });
}

/** By the mesh every node answers for all. */
const nodesOf = ({ swarm, hosts }: SwarmSetSpec) => (swarm.publish === "mesh" ? hosts : swarm.nodes);

function portsIn(spec: SwarmSetSpec, pairs: readonly number[], turn: Turn): Pick<Endpoint, "port" | "checkPort"> {
    const ports = publishedPorts(spec, pairs, turn);
    const port = (ports.find(({ protocol }) => protocol === "tcp") ?? ports[0])?.published ?? 0;
    const check = ports.find(({ protocol, target }) => protocol === "tcp" && target === checkedPort(spec))?.published;
    return { port, ...(check !== undefined && check !== port && { checkPort: check }) };
}
