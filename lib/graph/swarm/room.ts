/** An amount a dimension. */
export type Amounts = ReadonlyMap<string, number>;

/**
 * How many replicas a node has room for, at most `most`. Swarm compares what a replica reserves with what the node has, a
 * dimension after the other (ResourceFilter), so the scarcest decides. A dimension that the node does not name is not limited.
 */
export function roomOn(capacity: Amounts, demand: Amounts, most: number): number {
    let room = most;
    for (const [dimension, amount] of demand) {
        const there = capacity.get(dimension);
        if (amount > 0 && there !== undefined) room = Math.min(room, Math.floor(there / amount));
    }
    return room;
}

/** The sum of what belongs to each domain. */
export function byDomain(perNode: readonly number[], domainOf: readonly number[], domains: number): number[] {
    const sums = new Array<number>(domains).fill(0);
    for (const [node, amount] of perNode.entries()) {
        const domain = domainOf[node] as number;
        sums[domain] = (sums[domain] as number) + amount;
    }
    return sums;
}

/** The numbers of the `count` largest, the largest first; of equal ones the first. */
export function largest(amounts: readonly number[], count: number): number[] {
    return [...amounts.keys()].sort((a, b) => (amounts[b] as number) - (amounts[a] as number) || a - b).slice(0, count);
}

export function sumOf(amounts: readonly number[]): number {
    return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** Sum of some of them, by number. */
export function sumAt(amounts: readonly number[], numbers: readonly number[]): number {
    return numbers.reduce((sum, i) => sum + (amounts[i] as number), 0);
}
