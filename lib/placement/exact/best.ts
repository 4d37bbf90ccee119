import { NOWHERE, WHOLE } from "../board";
import type { Problem } from "../canonical";
import { link } from "../link";
import type { Budget } from "../repair";
import { type Limits, search, type Verdict } from "./search";

/** Among how many turns the budget is divided when it did not do for one. */
const PARTS = 8;

/** A number that was reached, and one that certainly nothing goes below. */
export interface Proven {
    /** Replica to host, when something was found. */
    readonly hostOf?: Int32Array;
    readonly bound: number;
}

/**
 * The fewest replicas that change their host: looks for a placement with `least` moves, with one more, and so on to
 * `most`, so that the first that is found is the best.
 *
 * @param kept see {@link search}
 */
export function fewestMoves(
    problem: Problem,
    kept: Int32Array,
    wanted: (replica: number) => boolean,
    range: { readonly least: number; readonly most: number },
    budget: Budget,
): Proven {
    const anywhere = { missed: Number.POSITIVE_INFINITY, value: Number.POSITIVE_INFINITY };
    // Moves that affinity alone asks for are not searched, so that only without it nothing found is a proof.
    const relaxed = withoutAffinity(problem);
    const part = Math.ceil(budget.left / PARTS);
    let bound = range.least;
    const most = Math.min(range.most, problem.origins.size);
    for (let moves = range.least; moves <= most && budget.left > 0; moves++) {
        // Once a number of moves is too hard to decide, more moves may be easy: each gets a part of what is left.
        const turn = bound === moves ? budget : { left: Math.min(part, budget.left) };
        const before = turn.left;
        const found = search(problem, kept, wanted, { ...anywhere, moves }, turn);
        if (turn !== budget) budget.left -= before - turn.left;
        if (typeof found !== "string") return { hostOf: found, bound };
        if (found === "unknown" && turn === budget) budget.left = part * PARTS;
        if (found === "unknown" || bound < moves) continue;
        if (relaxed === undefined || search(relaxed, kept, wanted, { ...anywhere, moves }, budget) === "none") bound++;
    }
    return { bound };
}

/** The problem without affinity; undefined where it has none. */
function withoutAffinity(problem: Problem): Problem | undefined {
    if (problem.services.every(({ together }) => together.length === 0)) return undefined;
    return { ...problem, services: link(problem.services.map((service) => ({ ...service, togetherRules: [] }))) };
}

/** The same problem as if nothing ran before and nothing were pinned. */
export function fromNothing(problem: Problem): Problem {
    const none = new Int32Array(problem.previous.length).fill(NOWHERE);
    return { ...problem, previous: none, origins: new Map(), pins: none, pinned: false };
}

/** What {@link lowest} looks for; the first three as in {@link search}. */
export interface Sought {
    readonly problem: Problem;
    readonly kept: Int32Array;
    readonly wanted: (replica: number) => boolean;
    /** What the other figures may be. */
    readonly limits: Limits;
    readonly figure: "missed" | "value";
    /** What has been reached, and what certainly nothing goes below. */
    readonly range: { readonly reached: number; readonly bound: number };
    /** The figure of a placement. */
    readonly read: (hostOf: Int32Array) => number;
    readonly budget: Budget;
}

/**
 * Lowers a figure as far as possible: asks for less than was found again and again, until there is certainly nothing
 * or the budget ends.
 */
export function lowest(sought: Sought): Proven & { readonly reached: number } {
    const { problem, figure, limits, read, budget } = sought;
    // The balance is a number of many small steps: halve, and leave alone what is too hard. The other figures have few,
    // and are proven by the last one down.
    const halves = figure === "value" && problem.goal === "balance";
    const part = Math.ceil(budget.left / PARTS);
    let { reached, bound } = sought.range;
    let hostOf: Int32Array | undefined;
    for (let from = bound; from < reached && budget.left > 0; ) {
        const goal = halves ? Math.floor((from + reached) / 2) : reached - 1;
        const turn = { left: halves ? Math.min(part, budget.left) : budget.left };
        budget.left -= turn.left;
        const found = searchWithin(problem, sought.kept, sought.wanted, { ...limits, [figure]: goal }, turn);
        budget.left += turn.left;
        if (typeof found !== "string") {
            hostOf = found;
            reached = read(found);
            continue;
        }
        if (found === "unknown" && !halves) break;
        if (found === "none") bound = goal + 1;
        from = goal + 1;
    }
    return { ...(hostOf ? { hostOf } : {}), bound, reached };
}

/** As {@link search}; a limit of the balance is a limit of what each host offers. */
function searchWithin(
    problem: Problem,
    kept: Int32Array,
    wanted: (replica: number) => boolean,
    limits: Limits,
    budget: Budget,
): Verdict {
    if (problem.goal !== "balance" || limits.value === Number.POSITIVE_INFINITY) {
        return search(problem, kept, wanted, limits, budget);
    }
    const hosts = problem.hosts.map((host) => ({
        ...host,
        capacity: host.capacity.map((amount) =>
            Math.min(amount, Number((BigInt(amount) * BigInt(limits.value)) / BigInt(WHOLE))),
        ),
    }));
    return search({ ...problem, hosts }, kept, wanted, { ...limits, value: Number.POSITIVE_INFINITY }, budget);
}
