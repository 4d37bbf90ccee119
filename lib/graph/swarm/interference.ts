import type { Swarm, Tasks } from "./readSwarm";
import { type Amounts, roomOn } from "./room";

/** Averages are rounded: one more is never lost by that. */
const ROUNDING = 1e-6;

/** What other services can do to the room of one, at most. */
export interface Interference {
    /** Replicas for which they can take the room, on all nodes together. */
    readonly taken: number;
    /** Replicas for which they must leave room, by node. */
    readonly leave: readonly number[];
}

/**
 * How much of its room the others can take from each service. Bounds of others' power: that a node has no room for one more than j
 * replicas takes c - (j + 1) a + 1 of some dimension (c the node's, a what one replica reserves). For that the others that may run
 * there must reserve so much in all (`leave`), and all nodes together draw on what the others reserve anywhere (`taken`). Since they
 * come in whole replicas that take of all dimensions at once, they may well be able to do less. Deciding exactly what they can do
 * contains bin covering, which is NP-hard (Assmann et al. 1984).
 */
export function interferences({ services, capacity }: Swarm): Interference[] {
    const everywhere = new Map<string, number>();
    const onNode = capacity.map(() => new Map<string, number>());
    for (const tasks of services) {
        for (const [dimension, amount] of tasks.demand) {
            add(everywhere, dimension, amount * tasks.wanted);
            for (const [node, most] of tasks.most.entries()) {
                add(onNode[node], dimension, amount * most);
            }
        }
    }
    return services.map((tasks) => {
        const others = onNode.map((reach, node) => less(reach, tasks, tasks.most[node] as number));
        const leave = tasks.least.map((least, node) => leastRoom(tasks, least, capacity[node], others[node]));
        return {
            leave,
            taken: mostTaken(tasks, leave, capacity, less(everywhere, tasks, tasks.wanted)),
        };
    });
}

function add(amounts: Map<string, number> | undefined, dimension: string, amount: number): void {
    amounts?.set(dimension, (amounts.get(dimension) ?? 0) + amount);
}

function less(all: Amounts, { demand }: Tasks, replicas: number): Amounts {
    return new Map([...all].map(([dimension, sum]) => [dimension, sum - (demand.get(dimension) ?? 0) * replicas]));
}

function minus(capacity: Amounts = new Map(), taken: Amounts = new Map()): Amounts {
    return new Map([...capacity].map(([name, amount]) => [name, Math.max(0, amount - (taken.get(name) ?? 0))]));
}

/** The room that is left on a node when all others that may run there do. */
function leastRoom(
    { demand }: Tasks,
    room: number,
    capacity: Amounts = new Map(),
    others: Amounts = new Map(),
): number {
    return roomOn(minus(capacity, others), demand, room);
}

/**
 * The most room that the others can take on all nodes with what they have: in each dimension as if the others were a fluid, and
 * all dimensions added up. The cheapest is taken first: of a node the part of a replica that is left over, then whole replicas; where
 * more is left over than one replica takes (`maxPerNode`), the node at its average price, which is less than any true one.
 */
function mostTaken(
    { demand, least }: Tasks,
    leave: readonly number[],
    capacity: readonly Amounts[],
    others: Amounts,
): number {
    let taken = 0;
    for (const [dimension, amount] of demand) {
        const steps: { price: number; count: number }[] = [];
        for (const [node, room] of least.entries()) {
            const count = room - (leave[node] as number);
            const there = capacity[node]?.get(dimension);
            if (amount === 0 || count === 0 || there === undefined) continue;
            const first = there - room * amount + 1;
            if (first > amount) steps.push({ price: (first + (count - 1) * amount) / count, count });
            else steps.push({ price: first, count: 1 }, { price: amount, count: count - 1 });
        }
        steps.sort((a, b) => a.price - b.price);
        let budget = others.get(dimension) ?? 0;
        for (const { price, count } of steps) {
            const bought = Math.min(count, Math.floor(budget / price + ROUNDING));
            taken += bought;
            if (bought < count) break;
            budget -= bought * price;
        }
    }
    const most = least.reduce((sum, room, node) => sum + room - (leave[node] as number), 0);
    return Math.min(taken, most);
}
