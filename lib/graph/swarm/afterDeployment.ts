import type { DomainKind } from "../incidence";
import type { Swarm, Tasks } from "./readSwarm";
import { byDomain, largest, roomOn, sumAt } from "./room";

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
export function lostAfterDeployment(swarm: Swarm, tasks: Tasks, kind: DomainKind, count: number): number | undefined {
    if (tasks.fixed) return undefined;
    const branches = branchesOf(swarm, tasks, kind);
    if (branches === undefined) return undefined;
    const share = Math.floor(tasks.wanted / branches.length);
    const more = tasks.wanted % branches.length;
    for (const { nodes } of branches) {
        const each = Math.ceil((share + (more > 0 ? 1 : 0)) / nodes.length);
        if (nodes.some((node) => surelyRoom(swarm, tasks, node) < each)) return undefined;
    }
    return mostOf(branches, share, more, count);
}

/** The nodes that may run it under one value of the spread label, and how many of them each domain has. */
interface Branch {
    readonly nodes: readonly number[];
    readonly inDomain: readonly number[];
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
        const inDomain = byDomain(
            list.map(() => 1),
            list.map((node) => kind.domainOf[node] as number),
            kind.names.length,
        );
        return { nodes: list, inDomain };
    });
    return branches.every((branch) => branch.nodes.length > 0) ? branches : undefined;
}

/** How many replicas a node has room for beside the most of everything else that it may run. */
function surelyRoom({ services, capacity }: Swarm, tasks: Tasks, node: number): number {
    const left = new Map(capacity[node]);
    for (const other of services) {
        if (other === tasks) continue;
        for (const [dimension, amount] of other.demand) {
            const there = left.get(dimension);
            if (there === undefined) continue;
            left.set(dimension, Math.max(0, there - amount * (other.most[node] as number)));
        }
    }
    return roomOn(left, tasks.demand, Math.min(tasks.maxPerNode, tasks.wanted));
}

/**
 * Chooses `count` domains and which branches have one replica more so that these domains hold the most. Where each domain is within one
 * branch: a branch after the other, by the number of domains chosen and of replicas given so far. Where each branch is within one
 * domain, a domain has the shares of its branches.
 */
function mostOf(branches: readonly Branch[], share: number, more: number, count: number): number | undefined {
    const parts = (branches[0]?.inDomain ?? []).map(
        (_, domain) => branches.filter(({ inDomain }) => (inDomain[domain] as number) > 0).length,
    );
    if (branches.every(({ inDomain }) => inDomain.filter((nodes) => nodes > 0).length === 1)) {
        const held = sumAt(parts, largest(parts, count));
        return held * share + Math.min(held, more);
    }
    if (parts.some((of) => of > 1)) return undefined;
    let best = new Map([["0,0", { domains: 0, extra: 0, lost: 0 }]]);
    for (const { nodes, inDomain } of branches) {
        const next: typeof best = new Map();
        for (const { domains, extra, lost } of best.values()) {
            for (const one of extra < more ? [0, 1] : [0]) {
                for (let taken = 0; domains + taken <= count; taken++) {
                    const size = sumAt(inDomain, largest(inDomain, taken));
                    const replicas = share + one;
                    const here = size * Math.floor(replicas / nodes.length) + Math.min(size, replicas % nodes.length);
                    const key = `${domains + taken},${extra + one}`;
                    if ((next.get(key)?.lost ?? -1) >= lost + here) continue;
                    next.set(key, { domains: domains + taken, extra: extra + one, lost: lost + here });
                }
            }
        }
        best = next;
    }
    return Math.max(...[...best.values()].map(({ lost }) => lost));
}
