import type { Limits } from "./search";
import type { State } from "./state";

/** Whether a state in which everything is placed keeps what only the whole can tell: limits, affinity and skew. */
export function isWhole(state: State, limits: Limits): boolean {
    const { board, problem } = state;
    if (state.moves > limits.moves || state.missed > limits.missed || state.value > limits.value) return false;
    return problem.services.every(({ together }, s) => {
        if (tooFull(state, s) > 0) return false;
        if (together.length === 0) return true;
        return problem.hosts.every((_, host) => board.count(s, host) === 0 || board.missing(s, host) === undefined);
    });
}

/**
 * How many replicas of a service the emptier domains lack so that no domain that took a replica is too full beside
 * them. A domain that holds only what ran there may be as full as it is.
 */
export function tooFull({ board, problem, ours }: State, s: number): number {
    const spread = problem.services[s]?.spread;
    if (spread === undefined) return 0;
    const compared = board.suits.compared[s] ?? [];
    let most = 0;
    for (const domain of compared) {
        const here = board.count(s, domain, spread.topology);
        if (here <= most) continue;
        const members = problem.topologies[spread.topology]?.members[domain] ?? [];
        let stayed = 0;
        for (const host of members) stayed += ours[s * problem.hosts.length + host] ?? 0;
        if (here > stayed) most = here;
    }
    let lack = 0;
    for (const domain of compared) lack += Math.max(0, most - spread.maxSkew - board.count(s, domain, spread.topology));
    return lack;
}
