import type { Board } from "./board";
import type { Problem } from "./canonical";

/** An order of the services to place them in. Each service comes after those of its affinity. */
export type Order = (board: Board) => number[];

/** Those with the fewest hosts to choose from first, then the largest: what is hard to place finds the most room. */
export const byChoice: Order = (board) => {
    const { problem } = board;
    const { largest, sum } = sizes(problem);
    const choice = problem.services.map((_, s) => {
        let hosts = 0;
        for (const host of problem.hosts.keys()) if (board.isLabelled(s, host) && board.hasRoom(s, host)) hosts++;
        return hosts;
    });
    return sortedBy(problem, (s) => [choice[s] ?? 0, -(largest[s] ?? 0), -(sum[s] ?? 0)]);
};

/** The largest first, by the dimension that a replica takes the largest share of: first-fit decreasing. */
export const byLargest: Order = ({ problem }) => {
    const { largest, sum } = sizes(problem);
    return sortedBy(problem, (s) => [-(largest[s] ?? 0), -(sum[s] ?? 0)]);
};

/** The largest first, by the sum over the dimensions. */
export const bySum: Order = ({ problem }) => {
    const { largest, sum } = sizes(problem);
    return sortedBy(problem, (s) => [-(sum[s] ?? 0), -(largest[s] ?? 0)]);
};

/**
 * For each service what one replica takes of all hosts' capacity: the largest share of any dimension, and their sum.
 */
export function sizes(problem: Problem): { readonly largest: readonly number[]; readonly sum: readonly number[] } {
    const total = problem.dimensions.map((_, d) =>
        problem.hosts.reduce((sum, host) => sum + (host.capacity[d] ?? 0), 0),
    );
    const shares = problem.services.map(({ demand }) => demand.map((amount, d) => amount / (total[d] || 1)));
    return {
        largest: shares.map((of) => Math.max(0, ...of)),
        sum: shares.map((of) => of.reduce((sum, share) => sum + share, 0)),
    };
}

/** The services by affinity first, then by the numbers of `key` from small to large. */
export function sortedBy(problem: Problem, key: (service: number) => readonly number[]): number[] {
    const keys = problem.services.map(({ depth }, s) => [depth, ...key(s)]);
    return [...keys.keys()].sort((a, b) => compare(keys[a] ?? [], keys[b] ?? []) || a - b);
}

function compare(a: readonly number[], b: readonly number[]): number {
    for (const [i, value] of a.entries()) {
        const difference = value - (b[i] ?? 0);
        if (difference !== 0) return difference;
    }
    return 0;
}
