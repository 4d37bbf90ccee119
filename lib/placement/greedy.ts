import { Board, NOWHERE } from "./board";
import type { Problem } from "./canonical";
import { Heap } from "./heap";
import type { Link } from "./link";
import { sizes, sortedBy } from "./orders";
import { Ranking } from "./ranking";
import { excessSkew } from "./skew";

/**
 * Keeps each replica of the previous placement on its host if it fits: those that are pinned there, then small ones first, so
 * that most can stay. New ones that are pinned come after them: they have no choice, but what runs stays.
 */
export function keep(board: Board): void {
    const { previous, pinned } = board.problem;
    const byDepth = pinned ? sortedBy(board.problem, () => []) : [];
    const isKept = (host: number, replica: number, s: number): boolean =>
        previous[replica] === host && board.fitsButSkew(s, host);
    for (const s of byDepth) placePinned(board, s, isKept);
    keepRunning(board);
    for (const s of byDepth) placePinned(board, s, (host, _, of) => board.fitsButSkew(of, host));
}

function keepRunning(board: Board): void {
    const { previous, services, origins, pins } = board.problem;
    if (origins.size === 0) return;
    const { largest } = sizes(board.problem);
    const order = sortedBy(board.problem, (s) => [largest[s] ?? 0]);
    for (const s of order) {
        const { first, replicas } = services[s] ?? { first: 0, replicas: 0 };
        for (let replica = first; replica < first + replicas; replica++) {
            const host = previous[replica] ?? NOWHERE;
            // A skew that has grown too large, by a new zone for example, is no reason to stop what runs.
            if (host < 0 || (pins[replica] ?? NOWHERE) >= 0 || !board.fitsButSkew(s, host)) continue;
            board.put(replica, host);
            board.fixed[replica] = 1;
        }
    }
}

/** Places those of a service that are pinned and nowhere, where they fit. */
function placePinned(board: Board, s: number, fits: (host: number, replica: number, s: number) => boolean): void {
    const { services, pins } = board.problem;
    const { first, replicas } = services[s] ?? { first: 0, replicas: 0 };
    for (let replica = first; replica < first + replicas; replica++) {
        const host = pins[replica] ?? NOWHERE;
        if (host === NOWHERE || board.hostOf[replica] !== NOWHERE || !fits(host, replica, s)) continue;
        board.put(replica, host);
        board.fixed[replica] = 1;
    }
}

/** Takes back the new ones that are pinned into a domain that is too full for the spread when all else is placed. */
export function dropSkewed(board: Board): void {
    const { pins, previous } = board.problem;
    for (let replica = board.hostOf.length - 1; replica >= 0 && excessSkew(board) > 0; replica--) {
        const host = board.hostOf[replica] ?? NOWHERE;
        if (host === NOWHERE || pins[replica] !== host || previous[replica] === host) continue;
        const before = excessSkew(board);
        board.take(replica);
        if (excessSkew(board) < before) board.fixed[replica] = 0;
        else board.put(replica, host);
    }
}

/** Replica to host of those that {@link keep} keeps, NOWHERE for all others. */
export function kept(problem: Problem): Int32Array {
    const board = new Board(problem);
    keep(board);
    return board.hostOf;
}

/**
 * Places whatever is nowhere and fits, a service at a time, each replica on the host that ranks best; replicas that ran
 * before come first. A service that others want to be with first sees to it that they can: one replica for each of
 * theirs where both have room.
 */
export function fill(board: Board, order: readonly number[], costs: readonly number[]): void {
    const { services, hosts } = board.problem;
    const ranking = new Ranking(board, costs);
    for (const s of order) {
        if (board.problem.pinned) placePinned(board, s, (host) => board.fits(s, host));
        if (board.problem.pinned) leadPinned(board, s);
        if (homelessOf(board, s).length === 0) continue;
        const all: number[] = [];
        for (let host = 0; host < hosts.length; host++) if (board.fitsButSkew(s, host)) all.push(host);
        for (const link of services[s]?.followers ?? []) {
            const shared = all.filter((host) => canFollow(board, s, link, host));
            const served = [...hosts.keys()].filter((host) => board.fits(link.service, host));
            fillService(board, s, shared, (services[link.service]?.replicas ?? 0) - served.length, ranking);
        }
        fillService(board, s, all, Number.POSITIVE_INFINITY, ranking);
    }
}

/** Puts one near each replica that is pinned, has no place yet and wants to be with the service. */
function leadPinned(board: Board, s: number): void {
    const { services, pins, topologies } = board.problem;
    for (const { service, topology } of services[s]?.followers ?? []) {
        const { first, replicas } = services[service] ?? { first: 0, replicas: 0 };
        for (let follower = first; follower < first + replicas; follower++) {
            const pin = pins[follower] ?? NOWHERE;
            if (pin === NOWHERE || board.hostOf[follower] !== NOWHERE) continue;
            const domain = board.domain(pin, topology);
            if (board.count(s, domain, topology) > 0) continue;
            const host = topologies[topology]?.members[domain]?.find((member) => board.fits(s, member));
            const [replica] = homelessOf(board, s);
            if (host !== undefined && replica !== undefined) board.put(replica, host);
        }
    }
}

/** Whether a follower would find room beside a replica of `s` that is put on the host. */
function canFollow(board: Board, s: number, { service, topology }: Link, host: number): boolean {
    const { services, topologies } = board.problem;
    if (topology > 0) {
        const near = topologies[topology]?.members[board.domain(host, topology)];
        return near?.some((other) => board.fitsAlone(service, other)) ?? false;
    }
    const more = services[service]?.demand ?? [];
    const both = services[s]?.demand.map((amount, d) => amount + (more[d] ?? 0)) ?? [];
    return board.fitsAlone(service, host) && both.every((amount, d) => amount <= board.left(host, d));
}

/**
 * Places up to `most` replicas of a service on some hosts. The replicas are equal and a placement changes the rank of
 * one host alone, so the hosts of each domain wait in a heap: the cost is hosts + replicas x (domains + log hosts).
 */
function fillService(board: Board, s: number, hosts: readonly number[], most: number, ranking: Ranking): void {
    const homeless = homelessOf(board, s).slice(0, Math.max(0, most));
    if (homeless.length === 0 || hosts.length === 0) return;
    ranking.begin(s);
    const heaps = heapsOf(board, s, hosts, ranking);
    for (const replica of homeless) {
        const best = bestOf(board, s, heaps, ranking);
        if (best === undefined) return;
        board.put(replica, best.host);
        ranking.update(best.host);
        best.heap.settle();
    }
}

/** Each domain of the service's spread with its hosts, the best on top; one domain where there is no spread. */
function heapsOf(board: Board, s: number, hosts: readonly number[], ranking: Ranking): Map<number, Heap> {
    const spread = board.problem.services[s]?.spread;
    const before = (a: number, b: number): boolean => ranking.before(a, b);
    const groups = new Map<number, number[]>();
    for (const host of hosts) {
        ranking.update(host);
        const domain = spread === undefined ? 0 : board.domain(host, spread.topology);
        const group = groups.get(domain);
        if (group === undefined) groups.set(domain, [host]);
        else group.push(host);
    }
    return new Map([...groups].map(([domain, group]) => [domain, new Heap(before, group)]));
}

interface Best {
    readonly heap: Heap;
    readonly domain: number;
    readonly host: number;
}

function bestOf(board: Board, s: number, heaps: ReadonlyMap<number, Heap>, ranking: Ranking): Best | undefined {
    const { services, goal } = board.problem;
    const spread = services[s]?.spread;
    const most = spread === undefined ? 0 : board.least(s) + spread.maxSkew - 1;
    // Where the objective spreads and no host is preferred, a fuller domain never wins: no need to look at its hosts.
    const spreads = spread !== undefined && goal === "spread";
    const emptiestOnly = spreads && board.suits.preferred[s] === undefined;
    let best: Best | undefined;
    let fewest = 0;
    for (const [domain, heap] of heaps) {
        const here = spread === undefined ? 0 : board.count(s, domain, spread.topology);
        if (here > most || (emptiestOnly && best !== undefined && here > fewest)) continue;
        while (heap.top !== undefined && !board.fitsButSkew(s, heap.top)) heap.pop();
        const host = heap.top;
        if (host === undefined) continue;
        const missed = best === undefined ? 0 : ranking.misses(host) - ranking.misses(best.host);
        const order = missed || (spreads ? here - fewest : 0);
        if (best === undefined || order < 0 || (order === 0 && ranking.before(host, best.host))) {
            best = { heap, domain, host };
            fewest = here;
        }
    }
    return best;
}

/** The replicas of a service that are nowhere and may go anywhere, those that ran before first. */
function homelessOf(board: Board, s: number): number[] {
    const { first, replicas } = board.problem.services[s] ?? { first: 0, replicas: 0 };
    const ran: number[] = [];
    const fresh: number[] = [];
    for (let replica = first; replica < first + replicas; replica++) {
        if (board.hostOf[replica] !== NOWHERE || (board.problem.pins[replica] ?? NOWHERE) >= 0) continue;
        if (board.problem.previous[replica] === NOWHERE) fresh.push(replica);
        else ran.push(replica);
    }
    return [...ran, ...fresh];
}
