import { type Board, WHOLE } from "./board";
import type { Problem } from "./canonical";

/** The value of a placement, as `PlacementObjective` in types.ts defines it. */
export function objectiveValue(board: Board): number {
    const { hosts, services, goal } = board.problem;
    const numbers = [...hosts.keys()];
    if (goal === "spread") {
        let pairs = 0;
        for (let s = 0; s < services.length; s++) {
            for (let host = 0; host < hosts.length; host++) {
                const same = board.count(s, host);
                if (same > 1) pairs += (same * (same - 1)) / 2;
            }
        }
        return pairs;
    }
    if (goal === "balance") {
        const shares = hosts.flatMap(({ capacity }, host) =>
            capacity.map((whole, d) => shareOf(BigInt(whole - board.left(host, d)), BigInt(whole))),
        );
        return shares.reduce((most, share) => Math.max(most, share), 0);
    }
    const costs = hostCosts(board.problem);
    return numbers.reduce((sum, host) => sum + (board.residents[host]?.length ? (costs[host] ?? 0) : 0), 0);
}

/** The replicas that are not on a host that they prefer. */
export function missedBy(board: Board): number {
    let missed = 0;
    for (const [s, preferred] of board.suits.preferred.entries()) {
        preferred?.forEach((likes, host) => {
            if (likes === 0) missed += board.count(s, host);
        });
    }
    return missed;
}

/** What the use of each host adds to the objective, where the objective counts hosts. */
export function hostCosts(problem: Problem): number[] {
    const { hosts, dimensions, goal } = problem;
    if (goal !== "binpack" || dimensions.length === 0) return hosts.map(() => 1);
    const total = dimensions.map((_, d) => hosts.reduce((sum, { capacity }) => sum + BigInt(capacity[d] ?? 0), 0n));
    return hosts.map(({ capacity }) => {
        const shares = capacity.map((amount, d) => shareOf(BigInt(amount), total[d] ?? 0n));
        return Math.ceil(shares.reduce((sum, share) => sum + share, 0) / dimensions.length);
    });
}

/** `part / whole` in millionths, rounded up. In BigInt, since the product leaves the exact range of a number. */
export function shareOf(part: bigint, whole: bigint): number {
    return part === 0n ? 0 : Number((part * BigInt(WHOLE) + whole - 1n) / whole);
}
