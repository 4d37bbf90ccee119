import type { Swarm, Tasks } from "./readSwarm";

/** Amounts by dimension number, so that they are quick to compare. */
type Dense = readonly number[];

/**
 * Plays others against one service: shows placements in which little room is left for it. What it finds does occur; that nothing
 * worse does is for the bounds to say.
 */
export class Rival {
    private readonly demand: readonly Dense[];
    private readonly capacity: readonly Dense[];

    constructor(private readonly swarm: Swarm) {
        const dimensions = [...new Set(swarm.services.flatMap(({ demand }) => [...demand.keys()]))].sort();
        this.demand = swarm.services.map((tasks) => dimensions.map((name) => tasks.demand.get(name) ?? 0));
        this.capacity = swarm.capacity.map((of) => dimensions.map((name) => of.get(name) ?? Number.POSITIVE_INFINITY));
    }

    /**
     * How many replicas of a service run in the end in a state that may follow the loss of some nodes: the others were there first,
     * and took what they could of the nodes that are left, one after the other; the replicas that are missing ran on what is lost.
     *
     * @param number of the service
     * @param isLost by node
     * @param first replicas that must have been there before the others, as what is lost has no room for them
     * @returns undefined where there is certain room for fewer than these
     */
    leaves(number: number, isLost: readonly boolean[], first: number): number | undefined {
        const nodes = [...this.capacity.keys()].filter((node) => isLost[node] !== true);
        const order = this.byPrice(number, nodes);
        const found = [order, [...order].reverse()].flatMap((way) => this.play(number, way, first) ?? []);
        return found.length === 0 ? undefined : Math.min(...found);
    }

    /** Nodes on which a replica's room is the cheapest to take, first. */
    private byPrice(number: number, nodes: readonly number[]): number[] {
        const demand = this.demand[number] as Dense;
        const room = this.swarm.services[number]?.least ?? [];
        const price = nodes.map((node) => {
            const free = this.capacity[node] as Dense;
            const prices = demand.map((amount, d) =>
                amount === 0 ? Number.POSITIVE_INFINITY : ((free[d] as number) - amount + 1) / amount,
            );
            return Math.min(...prices) / Math.max(1, room[node] as number);
        });
        return [...nodes.keys()]
            .sort((a, b) => (price[a] as number) - (price[b] as number) || a - b)
            .map((i) => nodes[i] as number);
    }

    private play(number: number, nodes: readonly number[], first: number): number | undefined {
        const { services } = this.swarm;
        const free = this.capacity.map((amounts) => [...amounts]);
        const mine = this.capacity.map(() => 0);
        let missing = first;
        for (const node of [...nodes].reverse()) {
            if (missing === 0) break;
            const placed = this.put(number, node, missing, free[node] ?? []);
            mine[node] = placed;
            missing -= placed;
        }
        if (missing > 0) return undefined;
        const waiting = services.map(({ wanted }) => wanted);
        let rivals = this.rivals(number);
        for (const node of nodes) {
            const room = free[node] ?? [];
            for (const s of rivals) waiting[s] = (waiting[s] as number) - this.put(s, node, waiting[s] as number, room);
            rivals = rivals.filter((s) => (waiting[s] as number) > 0);
            if (rivals.length === 0) break;
        }
        const { least } = services[number] as Tasks;
        return nodes.reduce((sum, node) => {
            const more = this.put(number, node, (least[node] as number) - (mine[node] as number), free[node] ?? []);
            return sum + (mine[node] as number) + more;
        }, 0);
    }

    /** The others that reserve of what it reserves, those that take the most of it at once first. */
    private rivals(number: number): number[] {
        const demand = this.demand[number] as Dense;
        const weight = this.demand.map((other) =>
            other.reduce((sum, amount, d) => sum + ((demand[d] as number) > 0 ? amount / (demand[d] as number) : 0), 0),
        );
        return [...this.demand.keys()]
            .filter((s) => s !== number && (weight[s] as number) > 0)
            .sort((a, b) => (weight[b] as number) - (weight[a] as number) || a - b);
    }

    /** Puts up to so many replicas of a service on a node, and takes what they reserve. @returns how many */
    private put(s: number, node: number, most: number, free: number[]): number {
        const demand = this.demand[s] as Dense;
        let count = Math.min(most, this.swarm.services[s]?.most[node] ?? 0);
        for (const [d, amount] of demand.entries()) {
            if (amount > 0) count = Math.min(count, Math.floor((free[d] as number) / amount));
        }
        if (count <= 0) return 0;
        for (const [d, amount] of demand.entries()) free[d] = (free[d] as number) - amount * count;
        return count;
    }
}
