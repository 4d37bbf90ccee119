import type { SwarmNode, SwarmService } from "../graph";
import { isRecord } from "../isRecord";
import { amounts, texts } from "./recordFields";
import type { SwarmFile } from "./swarmGraph";

const RECORD = "fusion:index:ServiceRecord";

/** A node whose capacity Docker on the machine may report to be more than a program says. */
type ToldNode = SwarmNode & { readonly capacityAtMost: Readonly<Record<string, number>> };

interface ToldSwarm {
    readonly nodes: Map<string, ToldNode>;
    readonly services: SwarmService[];
}

/**
 * What the records of a stack's sets on swarms say: for each swarm its nodes, and what binds it to where tasks run. Sorted by the swarms'
 * names.
 *
 * @param name as messages call where the state came from
 */
export function swarmsIn(name: string, resources: readonly Record<string, unknown>[]): SwarmFile[] {
    const swarms = new Map<string, ToldSwarm>();
    for (const { type, urn, outputs, delete: gone } of resources) {
        if (type !== RECORD || typeof urn !== "string" || gone === true || !isRecord(outputs)) continue;
        const { swarm, hosts } = outputs;
        if (typeof swarm !== "string") continue;
        const known: ToldSwarm = swarms.get(swarm) ?? { nodes: new Map(), services: [] };
        swarms.set(swarm, known);
        for (const [host, told] of Object.entries(isRecord(hosts) ? hosts : {})) {
            const node = { name: host, labels: texts(told, "labels"), capacity: amounts(told, "capacity") };
            known.nodes.set(host, { ...node, capacityAtMost: {} });
        }
        known.services.push(serviceOf(urn.split("::").at(-1) ?? "", outputs));
    }
    return [...swarms]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([swarm, { nodes, services }]) => {
            const sets = services.map((one) => one.name);
            const within = services.map((one) => ({
                ...one,
                dependsOn: (one.dependsOn ?? []).filter((on) => sets.includes(on)),
            }));
            return {
                source: `${name}: ${swarm}`,
                name: swarm,
                swarm: { nodes: [...nodes.values()], services: within },
            };
        });
}

function serviceOf(name: string, outputs: Record<string, unknown>): SwarmService {
    const { replicas, nodes, maxPerNode, spreadOver, needs, dependsOn } = outputs;
    const isGlobal = typeof replicas !== "number";
    return {
        ...{ name, replicas: isGlobal ? "global" : replicas, demand: amounts(outputs, "demand") },
        ...(Array.isArray(nodes) && { nodes: nodes.filter(isText) }),
        ...(!isGlobal && typeof maxPerNode === "number" && { maxPerNode }),
        ...(typeof spreadOver === "string" && { spreadOver }),
        ...(typeof needs === "number" && { needs }),
        ...(Array.isArray(dependsOn) && { dependsOn: dependsOn.filter(isText) }),
    };
}

const isText = (value: unknown): value is string => typeof value === "string";
