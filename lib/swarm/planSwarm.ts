import { planManagers } from "./planManagers";
import type { SwarmMemory } from "./SwarmRecord";
import type { SwarmSpec } from "./swarmSpec";

/** What a deployment makes of a swarm. */
export interface SwarmDecision {
    /** Names of the hosts that are managers, sorted. */
    managers: readonly string[];
    /** Whom the scripts ask for the swarm: the managers, and where there is to be one only, the host that takes its place while it is away. */
    contacts: readonly string[];
}

/** Decides who manages the swarm. @param last what is remembered of one that has been founded */
export function planSwarm(
    { nodes, managers: count, recover }: SwarmSpec,
    last: SwarmMemory | undefined,
): SwarmDecision {
    const managers = planManagers(nodes, count, last?.managers ?? [], recover);
    const contacts = count > 1 ? managers : planManagers(nodes, 2, managers);
    return { managers, contacts: [...managers, ...contacts.filter((name) => !managers.includes(name))] };
}

/** What becomes of a swarm, in words; undefined where nothing does. */
export function tellSwarm(
    { name, nodes }: SwarmSpec,
    { managers }: SwarmDecision,
    last: SwarmMemory | undefined,
): string | undefined {
    const names = nodes.map((node) => node.name);
    if (last === undefined) {
        return `${name}: a swarm of ${names.length === 1 ? "1 node" : `${names.length} nodes`} is founded; ${list(managers)} manage${managers.length === 1 ? "s" : ""} it.`;
    }
    const joins = names.filter((node) => !last.nodes.includes(node));
    const leaves = last.nodes.filter((node) => !names.includes(node));
    const rises = managers.filter((node) => !last.managers.includes(node) && !joins.includes(node));
    const falls = last.managers.filter((node) => !managers.includes(node) && !leaves.includes(node));
    const lines = [
        [joins, (node: string) => `joins as a ${managers.includes(node) ? "manager" : "worker"}`],
        [rises, () => "becomes a manager"],
        [falls, () => "becomes a worker"],
        [leaves, () => "is drained and leaves"],
    ] as const;
    const words = lines.flatMap(([who, what]) => who.map((node) => `${node} ${what(node)}`));
    return words.length === 0 ? undefined : `${name}: ${words.join("; ")}.`;
}

const list = (names: readonly string[]): string =>
    names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
