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
 * Places whatever is nowhere and fits, a service at a time, each replica on the host that ranks best. A service that
 * others want to be with first sees to it that they can: one replica for each of theirs where both have room.
 */
export function fill(board: Board, order: readonly number[], costs: readonly number[]): void {
    const { services, hosts } = board.problem;
    for (const s of order) {
        if (homelessOf(board, s).length === 0) continue;
        const all = [...hosts.keys()].filter((host) => board.fitsButSkew(s, host));
        for (const follower of services[s]?.followers ?? []) {
            const shared = all.filter((host) => hasRoomForBoth(board, s, follower, host));
            const served = [...hosts.keys()].filter((host) => board.count(s, host) > 0 && board.fits(follower, host));
            fillService(board, s, shared, (services[follower]?.replicas ?? 0) - served.length, costs);
        }
        fillService(board, s, all, Number.POSITIVE_INFINITY, costs);
    }
}

function hasRoomForBoth(board: Board, s: number, follower: number, host: number): boolean {
    const { services } = board.problem;
    const more = services[follower]?.demand ?? [];
    const both = services[s]?.demand.map((amount, d) => amount + (more[d] ?? 0)) ?? [];
    return board.isLabelled(follower, host) && both.every((amount, d) => amount <= board.left(host, d));
}

/**
 * Places up to `most` replicas of a service on some hosts. The replicas are equal and a placement changes the rank of
 * one host alone, so the hosts of each domain wait in a heap: the cost is hosts + replicas x (domains + log hosts).
 */
function fillService(board: Board, s: number, hosts: readonly number[], most: number, costs: readonly number[]): void {
    const { services, goal } = board.problem;
    const spread = services[s]?.spread;
    const homeless = homelessOf(board, s).slice(0, Math.max(0, most));
    if (homeless.length === 0 || hosts.length === 0) return;
    const ranking = new Ranking(board, s, costs);
    const heaps = new Map<number, Heap>();
    for (const host of hosts) {
        const domain = spread === undefined ? 0 : board.domain(host, spread.topology);
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

function homelessOf(board: Board, s: number): number[] {
    const { first, replicas } = board.problem.services[s] ?? { first: 0, replicas: 0 };
    const all = Array.from({ length: replicas }, (_, i) => first + i);
    return all.filter((replica) => board.hostOf[replica] === NOWHERE);
}
