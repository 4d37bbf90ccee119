import type { Endpoint } from "../containers/endpoint";
import { checkedPort } from "../containers/healthSpec";
import { publishedPorts, type Turn } from "./servicePorts";
import type { SwarmSetSpec } from "./serviceSpec";

/**
 * Where a service may answer: each node that may run it, at the ports of both turns; where ports are fixed, or the whole swarm's, at
 * those. Which of them do is for health checks to find out. The names are `<set>-<host>`, and with `-b` those of the second turn.
 */
export function serviceEndpoints(spec: SwarmSetSpec, pairs: readonly number[], nodes = nodesOf(spec)): Endpoint[] {
    const [first, second] = ([0, 1] as const).map((turn) => portsIn(spec, pairs, turn));
    return nodes.flatMap(({ name: vm, address }) => {
        const at = { name: `${spec.name}-${vm}`, vm, address };
        return [
            ...(first === undefined ? [] : [{ ...at, ...first }]),
            ...(second === undefined || second.port === first?.port
                ? []
                : [{ ...at, name: `${at.name}-b`, ...second }]),
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
