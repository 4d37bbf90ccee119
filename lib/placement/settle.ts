import { Board, NOWHERE } from "./board";
import { lowerBound, missedBound } from "./bounds";
import { GONE, type Problem } from "./canonical";
import { fewestMoves, fromNothing, lowest } from "./exact/best";
import { isSmall } from "./exact/search";
import { fill, keep } from "./greedy";
import { improve } from "./improve";
import { countMoves } from "./moves";
import { hostCosts, missedBy, objectiveValue } from "./objective";
import { byChoice, byLargest, bySum, type Order, sizes } from "./orders";
import { push } from "./push";
import { repair } from "./repair";
import type { PlacementEffort } from "./types";

/** Replicas that each search may look at. On the machines it was measured on about a microsecond each. */
const BUDGETS: Record<PlacementEffort, number> = { fast: 200_000, good: 2_000_000, prove: 10_000_000 };

/** The same for a search that tries everything, where everything is little: a tenth of a microsecond each. */
const EXACT: Record<PlacementEffort, number> = { fast: 10_000_000, good: 30_000_000, prove: 100_000_000 };

/** In small problems the full search finds what there is: the others need not try for long. */
function repairBudget(problem: Problem): number {
    return isSmall(problem)
        ? Math.min(BUDGETS[problem.effort], 10 * problem.hosts.length * problem.serviceOf.length)
        : BUDGETS[problem.effort];
}

/** A placement, and what certainly no placement of the same replicas goes below. */
export interface Settled {
    readonly board: Board;
    readonly fewestMoves: number;
    readonly missed: { readonly reached: number; readonly bound: number };
    readonly value: { readonly reached: number; readonly bound: number };
}

/**
 * Decides. The stages, each of which only betters what came before: what still fits stays; the rest is placed greedily;
 * what then is nowhere makes others give way that were placed just now; what ran before makes others give way that run;
 * then preferences and the objective. Small problems are searched to the end where that does not settle it.
 */
export function settle(problem: Problem): Settled {
    const costs = hostCosts(problem);
    let board = placeGreedily(problem, costs);
    let moves = leastMoves(problem, board.hostOf);
    if (isBest(board, moves)) return judged(board, moves, false);
    const small = isSmall(problem);
    if (board.homeless > 0 || countMoves(problem, board.hostOf) > moves) {
        const made = makeRoom(board, costs, small);
        board = made.board;
        moves = Math.max(made.bound, leastMoves(problem, board.hostOf));
    }
    if (board.homeless === 0) {
        const extra = { left: problem.move.improve };
        improve(board, costs, lowerBound(board), { left: repairBudget(problem) / 4 }, extra);
    }
    return judged(board, moves, small);
}

function placeGreedily(problem: Problem, costs: readonly number[]): Board {
    const started = (order: Order): Board => {
        const board = new Board(problem);
        keep(board);
        fill(board, order(board), costs);
        return board;
    };
    let board = started(byChoice);
    if (isBest(board, countMoves(problem, board.hostOf))) return board;
    for (const order of [byLargest, bySum]) {
        const other = started(order);
        if (isBetter(other, board)) board = other;
    }
    if (board.homeless > 0) {
        repair(board, { left: repairBudget(problem) });
        // The search ends on its best state, where one that it had not tried last may fit.
        fill(board, byChoice(board), costs);
    }
    return board;
}

function isBest(board: Board, moves: number): boolean {
    return (
        board.homeless === 0 &&
        countMoves(board.problem, board.hostOf) === moves &&
        missedBy(board) === missedBound(board) &&
        objectiveValue(board) === lowerBound(board)
    );
}

function isBetter(a: Board, b: Board): boolean {
    const difference =
        a.homeless - b.homeless ||
        countMoves(a.problem, a.hostOf) - countMoves(b.problem, b.hostOf) ||
        missedBy(a) - missedBy(b) ||
        objectiveValue(a) - objectiveValue(b);
    return difference < 0;
}

/** The replicas that are placed but cannot be where they ran: the host is gone, or lacks a label that they need. */
function leastMoves(problem: Problem, hostOf: Int32Array): number {
    const { suits } = new Board({ ...problem, serviceOf: new Int32Array(0) });
    let moves = 0;
    for (const [replica, before] of problem.previous.entries()) {
        if (hostOf[replica] === NOWHERE || before === NOWHERE) continue;
        if (before === GONE || suits.labelled[problem.serviceOf[replica] ?? 0]?.[before] === 0) moves++;
    }
    return moves;
}

/** Places more, or moves less, by letting replicas give way that run; as few as possible, within the budgets. */
function makeRoom(board: Board, costs: readonly number[], small: boolean): { board: Board; bound: number } {
    const { problem } = board;
    const { previous, move, effort } = problem;
    const kept = keptOf(problem);
    const ran = (replica: number): boolean => previous[replica] !== NOWHERE;
    const forced = [...previous.keys()].filter((replica) => ran(replica) && kept[replica] === NOWHERE).length;
    const least = leastMoves(problem, new Int32Array(previous.length));
    let best = board;
    let bound = 0;
    let base = forced;
    const consider = (hostOf: Int32Array | undefined): boolean => {
        if (hostOf === undefined) return false;
        const other = boardOf(problem, hostOf, costs);
        if (!isBetter(other, best)) return false;
        best = other;
        return true;
    };
    if (small && forced > 0) {
        const range = { least, most: forced + move.restore };
        const found = fewestMoves(problem, kept, ran, range, { left: EXACT[effort] });
        if (found.hostOf !== undefined) base = countMoves(problem, found.hostOf);
        bound = found.bound;
        consider(found.hostOf ?? restoreMost(problem, kept, move.restore));
    }
    if (small && best.homeless > 0) {
        const range = { least: Math.max(bound, least), most: base + move.add };
        consider(fewestMoves(problem, kept, () => true, range, { left: EXACT[effort] }).hostOf);
    }
    if (best.homeless > 0) {
        const pushed = push(best, move, repairBudget(problem));
        if (isBetter(pushed, best)) best = pushed;
    }
    return { board: best, bound: best.homeless === 0 ? bound : 0 };
}

/** Not all that ran can be placed again: one after the other as long as it goes, the small ones first. */
function restoreMost(problem: Problem, kept: Int32Array, most: number): Int32Array | undefined {
    const { previous, serviceOf, effort } = problem;
    const { largest } = sizes(problem);
    const size = (replica: number): number => largest[serviceOf[replica] ?? 0] ?? 0;
    const waiting = [...kept.keys()].filter((r) => previous[r] !== NOWHERE && kept[r] === NOWHERE);
    waiting.sort((a, b) => size(a) - size(b) || a - b);
    const chosen = new Set<number>();
    let best: Int32Array | undefined;
    for (const replica of waiting) {
        chosen.add(replica);
        const range = { least: best === undefined ? 0 : countMoves(problem, best), most: chosen.size + most };
        const budget = { left: Math.ceil(EXACT[effort] / waiting.length) };
        const found = fewestMoves(problem, kept, (other) => chosen.has(other), range, budget);
        if (found.hostOf === undefined) chosen.delete(replica);
        else best = found.hostOf;
    }
    return best;
}

/** Replica to host, of those that stay where they ran because they fit. */
function keptOf(problem: Problem): Int32Array {
    const board = new Board(problem);
    keep(board);
    return board.hostOf;
}

/** A board with the replicas where they are to be, and all others where they fit. */
function boardOf(problem: Problem, hostOf: Int32Array, costs: readonly number[]): Board {
    const board = new Board(problem);
    board.restore(hostOf);
    for (const [replica, host] of hostOf.entries()) {
        if (host !== NOWHERE && problem.previous[replica] !== NOWHERE) board.fixed[replica] = 1;
    }
    if (board.homeless > 0) fill(board, byChoice(board), costs);
    if (board.homeless > 0) repair(board, { left: repairBudget(problem) });
    return board;
}

/** Betters a complete placement of a small problem as far as a full search can, and finds what nothing goes below. */
function judged(board: Board, fewest: number, small: boolean): Settled {
    const { problem } = board;
    const reached = { missed: missedBy(board), value: objectiveValue(board) };
    const bounds = { missed: missedBound(board), value: lowerBound(board) };
    const settled = {
        board,
        fewestMoves: fewest,
        missed: { reached: reached.missed, bound: bounds.missed },
        value: { reached: reached.value, bound: bounds.value },
    };
    if (!small || (reached.missed === bounds.missed && reached.value === bounds.value)) return settled;
    return refine(problem, settled);
}

function refine(problem: Problem, { board, fewestMoves: fewest, missed, value }: Settled): Settled {
    const wanted = (replica: number): boolean => board.hostOf[replica] !== NOWHERE;
    const kept = keptOf(problem);
    for (const replica of kept.keys()) if (!wanted(replica)) kept[replica] = NOWHERE;
    const moves = countMoves(problem, board.hostOf);
    const limits = { moves, missed: Number.POSITIVE_INFINITY, value: Number.POSITIVE_INFINITY };
    const missedAt = (hostOf: Int32Array): number => missedBy(restored(problem, hostOf));
    const valueAt = (hostOf: Int32Array): number => objectiveValue(restored(problem, hostOf));
    const budget = (): { left: number } => ({ left: EXACT[problem.effort] / 4 });
    const liked = lowest(problem, kept, wanted, limits, "missed", missed, missedAt, budget());
    const first = liked.hostOf === undefined ? board : restored(problem, liked.hostOf);
    const start = { reached: objectiveValue(first), bound: value.bound };
    const within = { ...limits, missed: liked.reached };
    const better = lowest(problem, kept, wanted, within, "value", start, valueAt, budget());
    const last = better.hostOf === undefined ? first : restored(problem, better.hostOf);
    const bare = fromNothing(problem);
    const nothing = new Int32Array(kept.length).fill(NOWHERE);
    const free = { ...limits, moves: 0 };
    const isFree = problem.origins.size === 0;
    const missedEnd = { reached: missedBy(last), bound: missed.bound };
    const valueEnd = { reached: objectiveValue(last), bound: value.bound };
    const missedProof = isFree
        ? liked.bound
        : lowest(bare, nothing, wanted, free, "missed", missedEnd, missedAt, budget()).bound;
    const valueProof =
        isFree && problem.services.every(({ prefer }) => prefer.size === 0)
            ? better.bound
            : lowest(bare, nothing, wanted, free, "value", valueEnd, valueAt, budget()).bound;
    return {
        board: last,
        fewestMoves: fewest,
        missed: { reached: missedEnd.reached, bound: missedProof },
        value: { reached: valueEnd.reached, bound: valueProof },
    };
}

function restored(problem: Problem, hostOf: Int32Array): Board {
    const board = new Board(problem);
    board.restore(hostOf);
    return board;
}
