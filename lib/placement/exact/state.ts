import { Board, NOWHERE } from "../board";
import type { Problem } from "../canonical";
import { hostCosts } from "../objective";

/**
 * What the exact search changes and takes back: counts of replicas, a service and a host at a time. Replicas of a
 * service are equal, so that counts are all there is to decide; which of them moves is told by {@link hostsOfCounts}.
 */
export class State {
    readonly board: Board;
    /** Replicas that still have to be placed, by service. */
    readonly homeless: Int32Array;
    /** Replicas of each service on each host that may be ejected, service by service: they ran there before. */
    readonly ours: Int32Array;
    /** The same that have been ejected: none of the service is put there again, it would have been left. */
    readonly ejected: Int32Array;
    /** Of those the ones that are pinned there. */
    private readonly held: Int32Array;
    /** How many of each service ran on each host before, or are pinned to it. */
    readonly ran: Int32Array;
    /** Replicas on each host. */
    readonly load: Int32Array;
    /** Replicas that ran before and are not where they ran. */
    moves = 0;
    /** Replicas that are not on a host that they prefer. */
    missed = 0;
    /** The objective so far, but for `balance`. */
    value = 0;
    private readonly hosts: number;
    private readonly costs: readonly number[];

    /**
     * @param kept replica to host or NOWHERE: where the search begins
     * @param wanted whether a replica is to be placed that is nowhere
     */
    constructor(
        readonly problem: Problem,
        kept: Int32Array,
        wanted: (replica: number) => boolean,
    ) {
        const { services, hosts, previous, serviceOf } = problem;
        this.board = new Board(problem);
        this.hosts = hosts.length;
        this.costs = hostCosts(problem);
        this.homeless = new Int32Array(services.length);
        this.ours = new Int32Array(services.length * hosts.length);
        this.ejected = new Int32Array(services.length * hosts.length);
        this.held = new Int32Array(services.length * hosts.length);
        this.ran = new Int32Array(services.length * hosts.length);
        this.load = new Int32Array(hosts.length);
        for (const [replica, s] of serviceOf.entries()) {
            const before = homeOf(problem, replica);
            const host = kept[replica] ?? NOWHERE;
            if (before !== NOWHERE && (host !== NOWHERE || wanted(replica))) this.moves++;
            if (before >= 0) this.add(this.ran, s, before, 1);
            if (host === NOWHERE && wanted(replica)) this.add(this.homeless, 0, s, 1);
        }
        for (const [replica, s] of serviceOf.entries()) {
            const host = kept[replica] ?? NOWHERE;
            if (host === NOWHERE) continue;
            this.enter(s, host);
            if (previous[replica] !== host) continue;
            this.add(this.ours, s, host, 1);
            if (problem.pins[replica] === host) this.add(this.held, s, host, 1);
        }
    }

    /** How many services have replicas to be placed. */
    get waiting(): number {
        let services = 0;
        for (const count of this.homeless) if (count > 0) services++;
        return services;
    }

    count(s: number, host: number): number {
        return this.board.count(s, host);
    }

    oursOn(s: number, host: number): number {
        const place = s * this.hosts + host;
        return (this.ours[place] ?? 0) - (this.held[place] ?? 0);
    }

    /** Whether one of the service has been ejected from the host. */
    wasEjected(s: number, host: number): boolean {
        return (this.ejected[s * this.hosts + host] ?? 0) > 0;
    }

    /** How many of the service that ran on the host could still come back to it. */
    vacant(s: number, host: number): number {
        if (this.wasEjected(s, host) || !this.board.isLabelled(s, host)) return 0;
        return Math.max(0, (this.ran[s * this.hosts + host] ?? 0) - this.count(s, host));
    }

    place(s: number, host: number): void {
        this.add(this.homeless, 0, s, -1);
        this.enter(s, host);
    }

    unplace(s: number, host: number): void {
        this.leave(s, host);
        this.add(this.homeless, 0, s, 1);
    }

    eject(s: number, host: number): void {
        this.add(this.ours, s, host, -1);
        this.add(this.ejected, s, host, 1);
        this.unplace(s, host);
    }

    uneject(s: number, host: number): void {
        this.place(s, host);
        this.add(this.ejected, s, host, -1);
        this.add(this.ours, s, host, 1);
    }

    private enter(s: number, host: number): void {
        const here = this.count(s, host);
        if (here < (this.ran[s * this.hosts + host] ?? 0)) this.moves--;
        this.tally(s, host, here, 1);
        this.board.shift(s, host, 1);
        this.add(this.load, 0, host, 1);
    }

    private leave(s: number, host: number): void {
        this.board.shift(s, host, -1);
        this.add(this.load, 0, host, -1);
        const here = this.count(s, host);
        if (here < (this.ran[s * this.hosts + host] ?? 0)) this.moves++;
        this.tally(s, host, here, -1);
    }

    /** Counts what one more replica beside `here` of its service means, or what it meant. */
    private tally(s: number, host: number, here: number, sign: 1 | -1): void {
        if (this.board.suits.preferred[s]?.[host] === 0) this.missed += sign;
        const { goal } = this.problem;
        if (goal === "spread") this.value += sign * here;
        else if (goal !== "balance" && this.load[host] === 0) this.value += sign * (this.costs[host] ?? 0);
    }

    private add(table: Int32Array, row: number, column: number, amount: number): void {
        const place = row * this.hosts + column;
        table[place] = (table[place] ?? 0) + amount;
    }
}

/** Where a replica would rather be than move: the host that it is pinned to, else the one that it ran on. */
function homeOf({ pins, previous }: Problem, replica: number): number {
    const pin = pins[replica] ?? NOWHERE;
    return pin === NOWHERE ? (previous[replica] ?? NOWHERE) : pin;
}

/** Replica to host for some counts: who is pinned to a host or ran on a host stays there, who ran elsewhere has the next place, then the new. */
export function hostsOfCounts({ problem, board }: State): Int32Array {
    const { services, hosts, previous, pins } = problem;
    const hostOf = new Int32Array(problem.serviceOf.length).fill(NOWHERE);
    for (const [s, { first, replicas }] of services.entries()) {
        const left = hosts.map((_, host) => board.count(s, host));
        const rest: number[] = [];
        const all = Array.from({ length: replicas }, (_, i) => first + i);
        const isPinned = (replica: number): number => (pins[replica] === NOWHERE ? 1 : 0);
        for (const replica of problem.pinned ? all.sort((a, b) => isPinned(a) - isPinned(b) || a - b) : all) {
            const host = homeOf(problem, replica);
            if (host < 0 || (left[host] ?? 0) === 0) {
                rest.push(replica);
                continue;
            }
            hostOf[replica] = host;
            left[host] = (left[host] ?? 0) - 1;
        }
        const ran = (replica: number): number => (previous[replica] === NOWHERE ? 1 : 0);
        rest.sort((a, b) => ran(a) - ran(b) || a - b);
        const free = left.flatMap((count, host) => new Array<number>(count).fill(host));
        for (const [i, host] of free.entries()) hostOf[rest[i] ?? 0] = host;
    }
    return hostOf;
}
