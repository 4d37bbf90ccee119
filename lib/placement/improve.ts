import { type Board, NOWHERE } from "./board";
import { missedBound } from "./bounds";
import { missedBy, objectiveValue } from "./objective";
import { Ranking } from "./ranking";
import { type Budget, repair } from "./repair";
import { excessSkew } from "./skew";

/**
 * Betters a complete placement until nothing more can be won or the budget ends: preferences first, then the objective
 * down to `bound`.
 *
 * @param extra how many replicas that are fixed may be moved all the same; lowered by those that were
 */
export function improve(board: Board, costs: readonly number[], bound: number, budget: Budget, extra: Budget): void {
    const { goal } = board.problem;
    const counted = goal === "spread" || goal === "balance";
    if (counted || missedBy(board) > missedBound(board)) descend(board, costs, bound, budget, extra);
    if (!counted) vacate(board, costs, bound, budget, extra);
}

/** Moves single replicas to where the objective counts less, until none is left that gains. */
function descend(board: Board, costs: readonly number[], bound: number, budget: Budget, extra: Budget): void {
    const done = (): boolean => objectiveValue(board) <= bound && missedBy(board) <= missedBound(board);
    for (let gained = true; gained && budget.left > 0 && !done(); ) {
        gained = false;
        for (const replica of board.hostOf.keys()) {
            if ((board.problem.pins[replica] ?? NOWHERE) !== NOWHERE) continue;
            const isFixed = board.fixed[replica] === 1;
            if ((isFixed && extra.left <= 0) || budget.left <= 0) continue;
            budget.left -= board.problem.hosts.length;
            if (!relocate(board, replica, costs)) continue;
            gained = true;
            if (!isFixed) continue;
            // It has moved once: moving it again is no other move.
            board.fixed[replica] = 0;
            extra.left--;
        }
    }
}

function relocate(board: Board, replica: number, costs: readonly number[]): boolean {
    const s = board.service(replica);
    const from = board.hostOf[replica] ?? NOWHERE;
    if (isLeader(board, s, from)) return false;
    board.take(replica);
    const ranking = new Ranking(board, costs);
    ranking.begin(s);
    let best = from;
    ranking.update(from);
    for (const host of board.problem.hosts.keys()) {
        if (host === from || !board.fits(s, host)) continue;
        ranking.update(host);
        if (ranking.gain(from, host) > 0 && ranking.before(host, best)) best = host;
    }
    board.put(replica, best);
    if (best === from) return false;
    if (excessSkew(board) === 0) return true;
    board.take(replica);
    board.put(replica, from);
    return false;
}

/** Whether another replica stands on the host's domain only because this one does. */
function isLeader(board: Board, s: number, host: number): boolean {
    const followers = board.problem.services[s]?.followers ?? [];
    return followers.some(({ service, topology }) => {
        const domain = board.domain(host, topology);
        return board.count(s, domain, topology) === 1 && board.count(service, domain, topology) > 0;
    });
}

/** Empties hosts, the least loaded first, where their replicas find a place on the other hosts in use. */
function vacate(board: Board, costs: readonly number[], bound: number, budget: Budget, extra: Budget): void {
    const load = (host: number): number => board.residents[host]?.length ?? 0;
    const used = [...board.problem.hosts.keys()].filter((host) => load(host) > 0);
    for (const host of board.problem.hosts.keys()) board.closed[host] = load(host) > 0 ? 0 : 1;
    const fixedOn = (host: number): number =>
        board.residents[host]?.reduce((sum, replica) => sum + (board.fixed[replica] ?? 0), 0) ?? 0;
    const loose = used.filter((host) => fixedOn(host) <= extra.left);
    const shares = new Map(loose.map((host) => [host, board.share(host)]));
    // A dear host first; among equals the one with the least to move.
    loose.sort((a, b) => (costs[b] ?? 0) - (costs[a] ?? 0) || (shares.get(a) ?? 0) - (shares.get(b) ?? 0) || a - b);
    for (const [i, host] of loose.entries()) {
        if (budget.left <= 0 || objectiveValue(board) <= bound) break;
        const fixed = fixedOn(host);
        if (fixed > extra.left) continue;
        const before = board.hostOf.slice();
        const missed = missedBy(board);
        board.closed[host] = 1;
        for (const replica of [...(board.residents[host] ?? [])]) board.take(replica);
        // Each host gets its part of what is left: one hopeless host does not cost the others their turn.
        const part = { left: Math.ceil(budget.left / (loose.length - i)) };
        budget.left -= part.left;
        repair(board, part);
        budget.left += Math.max(0, part.left);
        if (board.homeless === 0 && missedBy(board) <= missed) {
            extra.left -= fixed;
            continue;
        }
        board.closed[host] = 0;
        board.restore(before);
    }
    board.closed.fill(0);
}
