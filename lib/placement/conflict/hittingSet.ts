import type { Budget } from "../repair";

/**
 * The fewest numbers that have one of each set; undefined when it takes more than `most`. Sizes are tried one after
 * the other, each by branching over the members of a set that is not hit yet.
 */
export function smallestHittingSet(
    sets: readonly (readonly number[])[],
    most: number,
    budget: Budget,
): number[] | undefined | "unknown" {
    const chosen = new Set<number>();
    const visit = (left: number): boolean => {
        budget.left -= sets.length;
        const open = sets.filter((set) => !set.some((one) => chosen.has(one)));
        const [first] = open;
        if (first === undefined) return true;
        if (left < disjoint(open) || budget.left <= 0) return false;
        const smallest = open.reduce((best, set) => (set.length < best.length ? set : best), first);
        for (const one of smallest) {
            chosen.add(one);
            if (visit(left - 1)) return true;
            chosen.delete(one);
        }
        return false;
    };
    for (let size = 0; size <= most; size++) {
        if (visit(size)) return [...chosen].sort((a, b) => a - b);
        if (budget.left <= 0) return "unknown";
    }
    return undefined;
}

/** Sets that share no member each need one of their own. */
function disjoint(sets: readonly (readonly number[])[]): number {
    const seen = new Set<number>();
    let count = 0;
    for (const set of sets) {
        if (set.some((one) => seen.has(one))) continue;
        for (const one of set) seen.add(one);
        count++;
    }
    return count;
}
