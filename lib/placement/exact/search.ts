import { NOWHERE } from "../board";
import type { Problem } from "../canonical";
import { keepsPins } from "../pins";
import type { Budget } from "../repair";
import { type EjectionSet, ejectionSets } from "./ejectionSets";
import { MOST_STEPS, Outlook } from "./outlook";
import { hostsOfCounts, State } from "./state";
import { Twins } from "./twins";
import { isWhole } from "./whole";

/** What a placement may cost at most; each may be infinite. */
export interface Limits {
    /** Replicas that ran before and are elsewhere then. */
    readonly moves: number;
    readonly missed: number;
    readonly value: number;
}

/** Replica to host; or that there is certainly none; or that the budget ended before that was known. */
export type Verdict = Int32Array | "none" | "unknown";

/** Deeper than this, recursion could end the program; problems of this size are not searched to the end anyway. */
const MOST_PLACED = 2000;

/** Larger tables than this (services times hosts) are not searched to the end. */
const MOST_CELLS = 20_000;

/** Whether a problem is small enough to be searched to the end. */
export function isSmall({ hosts, services }: Problem): boolean {
    return hosts.length * services.length <= MOST_CELLS;
}

/**
 * Looks for a placement of certain replicas within limits, by trying everything that could be one: depth first, the
 * service with the least room first, each host that takes it, or that takes it when others that ran there leave.
 * Finds one if there is one and the budget lasts. Two exceptions are told by the caller: that affinity could be kept by
 * moving what nothing pushes away is not tried, nor is moving for the objective's sake.
 *
 * @param kept replica to host or NOWHERE: where the search begins; of these only those that ran there may be ejected
 * @param wanted whether a replica that is nowhere is to be placed
 */
export function search(
    problem: Problem,
    kept: Int32Array,
    wanted: (replica: number) => boolean,
    limits: Limits,
    budget: Budget,
): Verdict {
    const state = new State(problem, kept, wanted);
    for (const host of problem.hosts.keys()) {
        for (const d of problem.dimensions.keys()) if (state.board.left(host, d) < 0) return "none";
    }
    const waiting = state.homeless.reduce((sum, count) => sum + count, 0);
    if (!isSmall(problem) || waiting > MOST_PLACED)
        return new Outlook(state, limits).next() === -1 ? "none" : "unknown";
    const walk = new Walk(state, limits, budget);
    if (walk.next()) {
        const hostOf = hostsOfCounts(state);
        // Counts say nothing of who: one that is pinned and was not kept may be elsewhere.
        return keepsPins(problem, hostOf) ? hostOf : "unknown";
    }
    return budget.left > 0 ? "none" : "unknown";
}

/** The depth-first walk; true means that the state is a placement as wanted, and it is left so. */
class Walk {
    private readonly outlook: Outlook;
    private readonly twins: Twins;

    constructor(
        private readonly state: State,
        private readonly limits: Limits,
        private readonly budget: Budget,
    ) {
        this.outlook = new Outlook(state, limits);
        this.twins = new Twins(state);
    }

    /** Goes on with the service that is hardest to place. */
    next(): boolean {
        const { waiting, problem } = this.state;
        const { hosts, services, dimensions } = problem;
        // What the outlook looks at: each service that waits on each host, and steps of several sizes in each dimension.
        const steps = dimensions.length * Math.min(MOST_STEPS, waiting) * (hosts.length + services.length);
        this.budget.left -= hosts.length * (1 + waiting) + Math.ceil(steps / 4);
        if (this.budget.left <= 0) return false;
        const s = this.outlook.next();
        if (s === -1) return false;
        if (s === undefined) return isWhole(this.state, this.limits);
        return this.rest(s, this.order(s), 0);
    }

    /**
     * Places what is left of a service, on hosts from `from` on in an order that stays: equal replicas in another order
     * would be the same placement.
     */
    private rest(s: number, order: readonly number[], from: number): boolean {
        const { state } = this;
        if (state.homeless[s] === 0) return this.next();
        if (!this.outlook.keepsSkew(s)) return false;
        const tried: number[] = [];
        for (let i = from; i < order.length; i++) {
            const host = order[i] ?? NOWHERE;
            this.budget.left--;
            if (this.budget.left <= 0) return false;
            if (state.wasEjected(s, host) || this.twins.among(tried, host)) continue;
            tried.push(host);
            for (const set of this.ways(s, host)) if (this.take(s, host, set, order, i)) return true;
        }
        return false;
    }

    private ways(s: number, host: number): readonly EjectionSet[] {
        if (this.state.board.fitsButSkew(s, host)) return [[]];
        const { ejections } = this.outlook;
        if (ejections <= 0) return [];
        const sets = ejectionSets(this.state, s, host, ejections);
        this.budget.left -= sets.length;
        return sets;
    }

    private take(s: number, host: number, set: EjectionSet, order: readonly number[], i: number): boolean {
        const { state } = this;
        for (const { service, host: from } of set) state.eject(service, from);
        state.place(s, host);
        if (this.outlook.isWithin() && this.rest(s, order, i)) return true;
        state.unplace(s, host);
        for (const { service, host: from } of [...set].reverse()) state.uneject(service, from);
        return false;
    }

    /** Hosts in use and the fullest first: what is left stays in one piece. */
    private order(s: number): number[] {
        const { board, problem, load } = this.state;
        const preferred = board.suits.preferred[s];
        const hosts = [...problem.hosts.keys()].filter((host) => board.isLabelled(s, host));
        const keys = new Map(
            hosts.map((host) => {
                const back = this.state.vacant(s, host) > 0 ? 0 : 1;
                const pushes = board.fitsAlone(s, host) ? 0 : 1;
                const liked = preferred?.[host] === 0 ? 1 : 0;
                const same = problem.goal === "spread" ? board.count(s, host) : load[host] === 0 ? 1 : 0;
                return [host, [back, pushes, liked, same, -board.share(host, s)]] as const;
            }),
        );
        return hosts.sort((a, b) => {
            const [x, y] = [keys.get(a) ?? [], keys.get(b) ?? []];
            const i = x.findIndex((value, at) => value !== y[at]);
            return i < 0 ? a - b : (x[i] ?? 0) - (y[i] ?? 0);
        });
    }
}
