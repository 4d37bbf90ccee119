import { type Board, NOWHERE } from "../board";
import type { Problem } from "../canonical";
import { isSmall } from "../exact/search";
import type { Budget } from "../repair";
import type { PlacementConflict } from "../types";
import { feasible } from "./feasible";
import { smallestHittingSet } from "./hittingSet";
import { type Requirement, requirementsOf } from "./requirements";

/** More requirements than this say nothing to a reader, and take long to tell apart. */
const MOST = 500;

/**
 * Which requirements of a problem cannot be kept together, as few as possible: a set of which all are needed is found
 * first, then sets of the smallest size that any conflict can still have are tried until one is in conflict itself
 * (implicit hitting sets; Ignatiev, Previti, Liffiton and Marques-Silva 2015).
 *
 * @param board the placement in which replicas were left without a host
 * @param effort what may be looked at, as in the searches
 * @returns undefined when all can be placed as if nothing ran before, or nothing smaller than the whole is known
 */
export function findConflict(board: Board, effort: number): PlacementConflict | undefined {
    const { problem } = board;
    const budget = { left: effort };
    const start = beginning(board, budget);
    const core = start && shrunk(problem, start, budget);
    if (core === undefined) return undefined;
    return smallest(problem, core, budget);
}

/** Requirements in conflict to begin with: of one dimension, of one service that was left out, or all. */
function beginning(board: Board, budget: Budget): Requirement[] | undefined {
    const { problem } = board;
    const all = requirementsOf(problem);
    const inConflict = (some: readonly Requirement[]): boolean => feasible(problem, some, budget) === false;
    const out = new Set<number>();
    for (const [replica, host] of board.hostOf.entries()) if (host === NOWHERE) out.add(board.service(replica));
    for (const [d, dimension] of problem.dimensions.entries()) {
        const some = overload(problem, d, all, dimension);
        if (some !== undefined && some.length <= MOST && inConflict(some)) return some;
    }
    const own = new Map<number, Requirement[]>();
    for (const one of all) own.set(one.services[0] ?? 0, [...(own.get(one.services[0] ?? 0) ?? []), one]);
    for (const s of out) {
        const some = own.get(s) ?? [];
        if (budget.left > 0 && inConflict(some)) return some;
    }
    if (!isSmall(problem) || all.length > MOST) return undefined;
    return inConflict(all) ? all : undefined;
}

/** The demands, the largest first, that together exceed what all hosts offer in a dimension. */
function overload(
    problem: Problem,
    d: number,
    all: readonly Requirement[],
    dimension: string,
): Requirement[] | undefined {
    const total = ({ demand, replicas }: Problem["services"][number]): number => (demand[d] ?? 0) * replicas;
    let left = problem.hosts.reduce((sum, { capacity }) => sum + (capacity[d] ?? 0), 0);
    const order = [...problem.services].sort((a, b) => total(b) - total(a));
    const chosen = new Set<string>();
    for (const service of order) {
        chosen.add(service.name);
        left -= total(service);
        if (left >= 0) continue;
        return all.filter(
            ({ demands, services }) =>
                demands === dimension && chosen.has(problem.services[services[0] ?? 0]?.name ?? ""),
        );
    }
    return undefined;
}

/**
 * Leaves out whatever is not needed for the conflict, many at once as long as that goes; undefined when the budget
 * ended before each that is left was shown to be needed.
 */
function shrunk(problem: Problem, start: readonly Requirement[], budget: Budget): Requirement[] | undefined {
    let core = [...start];
    for (let size = Math.ceil(core.length / 2); ; size = Math.ceil(size / 2)) {
        for (let at = 0; at < core.length; ) {
            const rest = [...core.slice(0, at), ...core.slice(at + size)];
            const verdict = budget.left > 0 ? feasible(problem, rest, budget) : "unknown";
            if (verdict === false) {
                core = rest;
                continue;
            }
            if (verdict === "unknown" && size === 1) return undefined;
            at += size;
        }
        if (size <= 1) return core;
    }
}

/** The smallest conflict there is, or the one that is known where the budget ends first. */
function smallest(problem: Problem, known: readonly Requirement[], budget: Budget): PlacementConflict {
    const all = requirementsOf(problem);
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
