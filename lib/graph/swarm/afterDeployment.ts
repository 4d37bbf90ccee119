import type { DomainKind } from "../incidence";
import type { Interference } from "./interference";
import type { Swarm, Tasks } from "./readSwarm";
import { largest, sumAt, sumOf } from "./room";

/**
 * The most replicas that the loss of `count` domains takes from a service that was just created, while nothing has failed since.
 *
 * Swarm's scheduler (scheduleNTasksOnSubtree and scheduleNTasksOnNodes in manager/scheduler/scheduler.go of moby/swarmkit) gives
 * each value of the spread label the same number of replicas, some one more, and within it each node the same number, some one
 * more. Which get one more is open, as ties are. By induction that stays so when the replicas come in several batches, as long as
 * no value and no node runs out of room. So it holds where
 *
 * - each node that may run the service surely has room for its share, whatever else runs there, and
 * - each value of the spread label that any node of the swarm bears has a node that may run it: what finds no room under one value
 *   is dealt out anew by itself, and one more may meet one more.
 *
 * @returns undefined where that is not so, and for a kind of domain that cuts across the values of the spread label
 */
export function lostAfterDeployment(
    swarm: Swarm,
    tasks: Tasks,
    kind: DomainKind,
    count: number,
    { leave }: Interference,
): number | undefined {
    if (tasks.fixed) return undefined;
    const branches = branchesOf(swarm, tasks, kind);
    if (branches === undefined) return undefined;
    const share = Math.floor(tasks.wanted / branches.length);
    const more = tasks.wanted % branches.length;
    for (const { nodes } of branches) {
        const each = Math.ceil((share + (more > 0 ? 1 : 0)) / nodes.length);
        if (nodes.some((node) => (leave[node] as number) < each)) return undefined;
    }
    return mostOf(branches, share, more, count);
}

/** The nodes that may run it under one value of the spread label, and how many of them each domain has that has one. */
interface Branch {
    readonly nodes: readonly number[];
    readonly inDomain: ReadonlyMap<number, number>;
}

function branchesOf({ nodes, labels }: Swarm, { spreadOver, eligible }: Tasks, kind: DomainKind): Branch[] | undefined {
    const members = new Map<string, number[]>();
    for (const [node, name] of nodes.entries()) {
        const value = spreadOver === "host" ? name : (labels.get(name)?.get(spreadOver ?? "") ?? "");
        // Without a preference there is one branch, of the nodes that may run it.
        const key = spreadOver === undefined ? "" : value;
        const list = members.get(key) ?? [];
        if (eligible[node] === true) list.push(node);
        members.set(key, list);
    }
    const branches = [...members.values()].map((list) => {
        const inDomain = new Map<number, number>();
        for (const node of list) {
            const domain = kind.domainOf[node] as number;
            inDomain.set(domain, (inDomain.get(domain) ?? 0) + 1);
        }
        return { nodes: list, inDomain };
    });
    return branches.every((branch) => branch.nodes.length > 0) ? branches : undefined;
}

/**
 * Chooses `count` domains and which branches have one replica more so that these domains hold the most. Where each domain is within one
 * branch: a branch after the other, by the number of domains chosen and of replicas given so far. Where each branch is within one
 * domain, a domain has the shares of its branches.
 */
function mostOf(branches: readonly Branch[], share: number, more: number, count: number): number | undefined {
    const parts = new Map<number, number>();
    for (const { inDomain } of branches) {
        for (const domain of inDomain.keys()) parts.set(domain, (parts.get(domain) ?? 0) + 1);
    }
    const branchesIn = [...parts.values()];
    if (branches.every(({ inDomain }) => inDomain.size === 1)) {
        const held = sumAt(branchesIn, largest(branchesIn, count));
        return held * share + Math.min(held, more);
    }
    if (branchesIn.some((of) => of > 1)) return undefined;
    // The most for so many domains chosen, a row each, and so many replicas given, a column each; -1 where that cannot be.
    const width = more + 1;
    let best = new Array<number>((count + 1) * width).fill(-1);
    best[0] = 0;
    for (const { nodes, inDomain } of branches) {
        const sizes = [...inDomain.values()].sort((a, b) => b - a);
        const next = [...best].fill(-1);
        for (let taken = 0; taken <= count; taken++) {
            const size = sumOf(sizes.slice(0, taken));
            for (const one of more > 0 ? [0, 1] : [0]) {
                const replicas = share + one;
                const here = size * Math.floor(replicas / nodes.length) + Math.min(size, replicas % nodes.length);
                for (const [at, lost] of best.entries()) {
                    const to = at + taken * width + one;
                    if (lost < 0 || to >= next.length || (at % width) + one > more) continue;
                    next[to] = Math.max(next[to] as number, lost + here);
                }
            }
        }
        best = next;
    }
    return best.reduce((most, lost) => Math.max(most, lost), 0);
}
