import { hostCosts } from "../objective";
import { sizes } from "../orders";
import type { Limits } from "./search";
import type { State } from "./state";
import { tooFull } from "./whole";

/** So many sizes of steps are looked at: the largest say the most. */
export const MOST_STEPS = 12;

/**
 * What can still become of a state: the service to place next, or nothing when the limits cannot be kept any more.
 * Every bound here leaves requirements out, so that what it rules out is ruled out for certain.
 */
export class Outlook {
    private readonly largest: readonly number[];
    private readonly costs: readonly number[];
    private readonly mayReturn: boolean;

    constructor(
        private readonly state: State,
        private readonly limits: Limits,
    ) {
        const { problem } = state;
        this.largest = sizes(problem).largest;
        this.costs = hostCosts(problem);
        this.mayReturn = problem.services.some((_, s) => problem.hosts.some((_, host) => state.vacant(s, host) > 0));
    }

    /** How many replicas may still be ejected. */
    get ejections(): number {
        return this.limits.moves - this.state.moves + this.returns();
    }

    /** The service to place next: undefined when all is placed, -1 when it cannot be. */
    next(): number | undefined {
        const { state, limits } = this;
        const { services, hosts } = state.problem;
        const ejections = this.ejections;
        if (!this.isWithin()) return -1;
        let missed = state.missed;
        let value = state.value;
        let best: number | undefined;
        let bestRoom = Number.POSITIVE_INFINITY;
        const usable = new Uint8Array(hosts.length);
        for (let s = 0; s < services.length; s++) {
            const rest = state.homeless[s] ?? 0;
            if (rest === 0) continue;
            const slots = this.slots(s, rest, usable);
            if (ejections === 0 && slots.all < rest) return -1;
            missed += Math.max(0, rest - slots.preferred);
            value += state.problem.goal === "spread" ? slots.pairs : 0;
            if (ejections === 0 && (missed > limits.missed || value > limits.value)) return -1;
            if (services[s]?.together.some(({ service }) => (state.homeless[service] ?? 0) > 0)) continue;
            const room = slots.all - rest;
            const larger = best !== undefined && (this.largest[s] ?? 0) > (this.largest[best] ?? 0);
            if (best === undefined || room < bestRoom || (room === bestRoom && larger)) {
                best = s;
                bestRoom = room;
            }
        }
        if (best === undefined) return undefined;
        if (!this.sumsHold(ejections, usable)) return -1;
        return best;
    }

    /** Whether the figures so far are within the limits. What is still ejected may better all but the moves. */
    isWithin(): boolean {
        const { state, limits, ejections } = this;
        if (ejections !== 0) return ejections > 0;
        return state.missed <= limits.missed && state.value <= limits.value;
    }

    /** Whether the emptier domains can still be filled up by what is to be placed. */
    keepsSkew(s: number): boolean {
        return this.ejections > 0 || tooFull(this.state, s) <= (this.state.homeless[s] ?? 0);
    }

    private returns(): number {
        if (!this.mayReturn) return 0;
        const { state } = this;
        let returns = 0;
        for (const [s] of state.problem.services.entries()) {
            const rest = state.homeless[s] ?? 0;
            if (rest === 0) continue;
            let vacant = 0;
            for (let host = 0; host < state.problem.hosts.length; host++) vacant += state.vacant(s, host);
            returns += Math.min(rest, vacant);
        }
        return returns;
    }

    /** How many of a service find room, each host for itself; on preferred hosts; and the fewest pairs that makes. */
    private slots(s: number, rest: number, usable: Uint8Array): { all: number; preferred: number; pairs: number } {
        const { state } = this;
        const { board, problem } = state;
        const service = problem.services[s];
        const demand = service?.demand ?? [];
        const own = service?.apart.filter((link) => link.service === s) ?? [];
        const single = own.length > 0 || (service?.ports.length ?? 0) > 0;
        const wide = own.find(({ topology }) => topology > 0);
        const domains = new Set<number>();
        const preferred = board.suits.preferred[s];
        const steps: number[] = [];
        let all = 0;
        let liked = 0;
        for (let host = 0; host < problem.hosts.length; host++) {
            if (!board.fitsAlone(s, host)) continue;
            usable[host] = 1;
            let room = single ? 1 : rest;
            for (let d = 0; d < demand.length; d++) {
                const amount = demand[d] ?? 0;
                if (amount > 0) room = Math.min(room, Math.floor(board.left(host, d) / amount));
            }
            if (preferred?.[host] === 1) liked += room;
            if (wide !== undefined) {
                const domain = board.domain(host, wide.topology);
                if (domains.has(domain)) continue;
                domains.add(domain);
            }
            all += room;
            const here = board.count(s, host);
            for (let i = 0; i < room; i++) steps[here + i] = (steps[here + i] ?? 0) + 1;
        }
        let pairs = 0;
        let left = rest;
        for (let step = 0; step < steps.length && left > 0; step++) {
            const taken = Math.min(left, steps[step] ?? 0);
            pairs += taken * step;
            left -= taken;
        }
        return { all, preferred: preferred === undefined ? rest : liked, pairs };
    }

    /** Whether each dimension has room for what is to be placed, and the hosts it opens cost no more than allowed. */
    private sumsHold(ejections: number, usable: Uint8Array): boolean {
        const { state } = this;
        const { problem, board } = state;
        for (let d = 0; d < problem.dimensions.length; d++) {
            let need = 0;
            const amounts: number[] = [];
            for (const [s, { demand }] of problem.services.entries()) {
                const rest = state.homeless[s] ?? 0;
                const amount = demand[d] ?? 0;
                if (rest === 0 || amount === 0) continue;
                need += rest * amount;
                amounts.push(amount);
            }
            if (need === 0) continue;
            let room = 0;
            let inUse = 0;
            for (let host = 0; host < problem.hosts.length; host++) {
                const left = Math.max(0, board.left(host, d));
                if (ejections > 0 || usable[host] === 1) room += left;
                if ((state.load[host] ?? 0) > 0) inUse += left;
            }
            if (need > room) return false;
            if (!this.stepsHold(d, amounts, ejections)) return false;
            if (ejections === 0 && !this.opensFew(d, need - inUse, usable)) return false;
        }
        return true;
    }

    /**
     * Counts amounts in whole steps of some size, rounded down: what is to be placed has no more steps than there is
     * room for, and an ejected replica adds at most one step of room more than it needs itself (a dual feasible
     * function; Fekete and Schepers 2001).
     */
    private stepsHold(d: number, sizes: readonly number[], ejections: number): boolean {
        const { problem, board, homeless } = this.state;
        const largest = [...new Set(sizes)].sort((a, b) => b - a).slice(0, MOST_STEPS);
        for (const size of largest) {
            let steps = 0;
            for (const [s, { demand }] of problem.services.entries()) {
                const rest = homeless[s] ?? 0;
                if (rest > 0) steps += rest * Math.floor((demand[d] ?? 0) / size);
            }
            for (let host = 0; host < problem.hosts.length && steps > ejections; host++) {
                steps -= Math.floor(Math.max(0, board.left(host, d)) / size);
            }
            if (steps > ejections) return false;
        }
        return true;
    }

    /** Whether hosts that are not in use yet could take `amount` without costing too much, a part of a host allowed. */
    private opensFew(d: number, amount: number, usable: Uint8Array): boolean {
        const { state, limits } = this;
        const { goal, hosts } = state.problem;
        if (amount <= 0 || limits.value === Number.POSITIVE_INFINITY) return true;
        if (goal !== "fewest-hosts" && goal !== "binpack") return true;
        const offers: { cost: number; room: number }[] = [];
        for (let host = 0; host < hosts.length; host++) {
            const room = hosts[host]?.capacity[d] ?? 0;
            if (state.load[host] === 0 && usable[host] === 1 && room > 0) {
                offers.push({ cost: this.costs[host] ?? 0, room });
            }
        }
        offers.sort((a, b) => a.cost / a.room - b.cost / b.room);
        let rest = amount;
        let cost = state.value;
        for (const offer of offers) {
            if (rest <= offer.room) {
                // Rounded down by more than a division can err.
                cost += Math.ceil((offer.cost * rest) / offer.room - 1e-3);
                rest = 0;
                break;
            }
            cost += offer.cost;
            rest -= offer.room;
        }
        return rest <= 0 && cost <= limits.value;
    }
}
