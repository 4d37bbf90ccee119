import { type Board, NOWHERE } from "./board";
import { Heap } from "./heap";
import { sizes, sortedBy } from "./orders";
import { Ranking } from "./ranking";

/** Keeps each replica of the previous placement on its host if it fits; small ones first, so that most can stay. */
export function keep(board: Board): void {
    const { previous, services } = board.problem;
    const { largest } = sizes(board.problem);
    const order = sortedBy(board.problem, (s) => [largest[s] ?? 0]);
    for (const s of order) {
        const { first, replicas } = services[s] ?? { first: 0, replicas: 0 };
        for (let replica = first; replica < first + replicas; replica++) {
            const host = previous[replica] ?? NOWHERE;
            // A skew that has grown too large, by a new zone for example, is no reason to stop what runs.
            if (host < 0 || !board.fitsButSkew(s, host)) continue;
            board.put(replica, host);
            board.fixed[replica] = 1;
        }
    }
}

/**
 * Places whatever is nowhere and fits, a service at a time, each replica on the host that ranks best. The replicas of a
 * service are equal and a placement changes the rank of one host alone, so the hosts of each domain wait in a heap: the
 * cost is services x hosts + replicas x (domains + log hosts).
 */
export function fill(board: Board, order: readonly number[], costs: readonly number[]): void {
    for (const s of order) fillService(board, s, new Ranking(board, s, costs));
}

function fillService(board: Board, s: number, ranking: Ranking): void {
    const { services, topologies, hosts, goal } = board.problem;
    const { first, replicas, spread } = services[s] ?? { first: 0, replicas: 0, spread: undefined };
    const all = Array.from({ length: replicas }, (_, i) => first + i);
    const homeless = all.filter((replica) => board.hostOf[replica] === NOWHERE);
    if (homeless.length === 0) return;
    const heaps = new Map<number, Heap>();
    for (const host of hosts.keys()) {
        if (!board.fitsButSkew(s, host)) continue;
        const domain = spread === undefined ? 0 : (topologies[spread.topology]?.domainOf[host] ?? 0);
        const heap = heaps.get(domain) ?? new Heap((a, b) => ranking.before(a, b));
        ranking.update(host);
        heap.push(host);
        heaps.set(domain, heap);
    }
    const emptier = (a: number, b: number): number =>
        spread === undefined || goal !== "spread"
            ? 0
            : board.count(s, a, spread.topology) - board.count(s, b, spread.topology);

    for (const replica of homeless) {
        let best: { readonly heap: Heap; readonly domain: number; readonly host: number } | undefined;
        for (const [domain, heap] of heaps) {
            while (heap.top !== undefined && !board.fitsButSkew(s, heap.top)) heap.pop();
            const host = heap.top;
            if (host === undefined || !board.keepsSkew(s, host)) continue;
            const order = best === undefined ? -1 : emptier(domain, best.domain);
            if (best === undefined || order < 0 || (order === 0 && ranking.before(host, best.host))) {
                best = { heap, domain, host };
            }
        }
        if (best === undefined) return;
        board.put(replica, best.host);
        ranking.update(best.host);
        best.heap.settle();
    }
}
