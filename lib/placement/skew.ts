import { type Board, NOWHERE } from "./board";

/**
 * By how many replicas the domains of all services are too full beside the emptiest. A domain that holds only replicas
 * that stayed where they ran is never too full: a skew that has grown by a new zone is no reason to stop what runs.
 */
export function excessSkew(board: Board): number {
    const { services } = board.problem;
    let excess = 0;
    services.forEach(({ spread, first, replicas }, s) => {
        if (spread === undefined) return;
        const most = board.least(s) + spread.maxSkew;
        const tooFull =
            board.suits.compared[s]?.filter((domain) => board.count(s, domain, spread.topology) > most) ?? [];
        if (tooFull.length === 0) return;
        const kept = new Map<number, number>();
        for (let replica = first; replica < first + replicas; replica++) {
            const host = board.hostOf[replica] ?? NOWHERE;
            if (host === NOWHERE || board.problem.previous[replica] !== host) continue;
            const domain = board.domain(host, spread.topology);
            kept.set(domain, (kept.get(domain) ?? 0) + 1);
        }
        for (const domain of tooFull) {
            excess += Math.max(0, board.count(s, domain, spread.topology) - Math.max(most, kept.get(domain) ?? 0));
        }
    });
    return excess;
}
