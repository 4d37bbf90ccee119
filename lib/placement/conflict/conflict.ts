import { type Board, NOWHERE } from "../board";
import type { Problem } from "../canonical";
import { isSmall } from "../exact/search";
import type { Budget } from "../repair";
import type { PlacementConflict } from "../types";
import { feasible } from "./feasible";
import { smallestHittingSet } from "./hittingSet";
import { contradictions } from "./presolve";
import { type Requirement, requirementsOf } from "./requirements";

/** More requirements than this say nothing to a reader, and take long to tell apart. */
const MOST = 500;

/** Requirements in conflict, and whether each of them is known to be needed for that. */
interface Core {
    readonly requirements: readonly Requirement[];
    readonly isMinimal: boolean;
}

/**
 * Which requirements of a problem cannot be kept together, as few as possible: a set of which all are needed is found
 * first, then sets of the smallest size that any conflict can still have are tried until one is in conflict itself
 * (implicit hitting sets; Ignatiev, Previti, Liffiton and Marques-Silva 2015).
 *
 * @param board the placement in which replicas were left without a host
 * @param effort what may be looked at, as in the searches
 * @returns undefined when all can be placed as if nothing ran before, or neither counting nor search finds a reason
 */
export function findConflict(board: Board, effort: number): PlacementConflict | undefined {
    const { problem } = board;
    const budget = { left: effort };
    const all = requirementsOf(problem);
    const start = counted(board, all, budget) ?? searched(board, all, budget);
    if (start === undefined) return undefined;
    const { requirements, isMinimal } = shrunk(problem, start, budget);
    if (!isMinimal) return answer(requirements, false);
    if (!isSmall(problem))
        return answer(requirements, !problem.pinned && isSmallest(problem, all, requirements.length, budget));
    const found = smallest(problem, all, requirements, budget);
    // Which domains a spread compares hangs on the labels that are required, so that with more requirements there may be less
    // of a conflict. The search takes it for otherwise.
    // Pins are left out, so that one requirement and a pin may be a smaller conflict.
    const isWhole = found.smallest && !problem.pinned;
    const hasSpread = problem.services.some(({ spread }) => spread !== undefined);
    return { ...found, smallest: isWhole && (!hasSpread || found.requirements.length === 1) };
}

/** The fewest requirements that are in conflict by counting alone. */
function counted(board: Board, all: readonly Requirement[], budget: Budget): readonly Requirement[] | undefined {
    const { problem } = board;
    let best: readonly Requirement[] | undefined;
    for (const { services, isPart } of contradictions(board)) {
        const named = new Set(services);
        const own = all.filter((one) => named.has(one.services[0] ?? -1) && isPart(one));
        // What others state about a service may be part of the reason too.
        const about = all.filter((one) => one.services.some((s) => named.has(s)));
        for (const some of [own, about]) {
            if (best !== undefined && some.length >= best.length) continue;
            if (feasible(problem, some, budget) !== false) continue;
            best = some;
            break;
        }
    }
    return best;
}

/** Requirements in conflict as a search finds: all those of one service that was left out, or all there are. */
function searched(board: Board, all: readonly Requirement[], budget: Budget): readonly Requirement[] | undefined {
    const { problem } = board;
    const inConflict = (some: readonly Requirement[]): boolean => feasible(problem, some, budget) === false;
    const own = new Map<number, Requirement[]>();
    for (const one of all) {
        const known = own.get(one.services[0] ?? 0);
        if (known === undefined) own.set(one.services[0] ?? 0, [one]);
        else known.push(one);
    }
    const out = new Set<number>();
    for (const [replica, host] of board.hostOf.entries()) if (host === NOWHERE) out.add(board.service(replica));
    for (const s of out) {
        const some = own.get(s) ?? [];
        if (budget.left > 0 && inConflict(some)) return some;
    }
    if (!isSmall(problem) || all.length > MOST) return undefined;
    return inConflict(all) ? all : undefined;
}

/** Leaves out whatever is not needed for the conflict, many at once as long as that goes and the budget lasts. */
function shrunk(problem: Problem, start: readonly Requirement[], budget: Budget): Core {
    let core = [...start];
    let isMinimal = true;
    for (let size = Math.ceil(core.length / 2); ; size = Math.ceil(size / 2)) {
        for (let at = 0; at < core.length; ) {
            const rest = [...core.slice(0, at), ...core.slice(at + size)];
            const verdict = budget.left > 0 ? feasible(problem, rest, budget) : "unknown";
            if (verdict === false) {
                core = rest;
                continue;
            }
            if (verdict === "unknown" && size === 1) isMinimal = false;
            at += size;
        }
        if (size <= 1) return { requirements: core, isMinimal };
    }
}

/** Whether fewer than `count` requirements are certainly in no conflict. Answered for 1 and 2: more take a search. */
function isSmallest(problem: Problem, all: readonly Requirement[], count: number, budget: Budget): boolean {
    if (count <= 1) return true;
    return count === 2 && all.every((one) => budget.left > 0 && feasible(problem, [one], budget) === true);
}

/** The smallest conflict there is, or the one that is known where the budget ends first. */
function smallest(
    problem: Problem,
    all: readonly Requirement[],
    known: readonly Requirement[],
    budget: Budget,
): PlacementConflict {
    const corrections: number[][] = [];
    // A conflict has a requirement of each correction: without it there would be none.
    while (budget.left > 0) {
        const least = smallestHittingSet(corrections, known.length - 1, budget);
        if (least === "unknown") break;
        if (least === undefined) return answer(known, true);
        const some = least.map((i) => all[i]).filter((one) => one !== undefined);
        const verdict = feasible(problem, some, budget);
        if (verdict === false) return answer(some, true);
        const correction = verdict === "unknown" ? undefined : correctionOf(problem, all, least, budget);
        if (correction === undefined) break;
        corrections.push(correction);
    }
    return answer(known, false);
}

/** Adds requirements as long as there is no conflict, many at once as long as that goes; what is left over. */
function correctionOf(
    problem: Problem,
    all: readonly Requirement[],
    start: readonly number[],
    budget: Budget,
): number[] | undefined {
    const inside = new Set(start);
    const outside: number[] = [];
    const parts = [[...all.keys()].filter((i) => !inside.has(i))];
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
        if (part.length === 0) continue;
        if (budget.left <= 0) return undefined;
        const tried = all.filter((_, i) => inside.has(i) || part?.includes(i));
        const verdict = feasible(problem, tried, budget);
        if (verdict === true) for (const i of part) inside.add(i);
        else if (part.length > 1) {
            const half = part.length >> 1;
            parts.push(part.slice(half), part.slice(0, half));
        } else if (verdict === "unknown") return undefined;
        else outside.push(...part);
    }
    return outside;
}

function answer(requirements: readonly Requirement[], isSmallest: boolean): PlacementConflict {
    const named = requirements.map(({ path, says }) => ({ path, says }));
    return { requirements: named.sort((a, b) => (a.path < b.path ? -1 : 1)), smallest: isSmallest };
}
