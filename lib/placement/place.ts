import { Board, NOWHERE } from "./board";
import { lowerBound } from "./bounds";
import { canonicalise, GONE, type Problem, replicaName } from "./canonical";
import { fill, keep } from "./greedy";
import { improve } from "./improve";
import { hostCosts, objectiveValue } from "./objective";
import { byChoice, byLargest, bySum, type Order } from "./orders";
import { reasonAgainst } from "./reasons";
import { repair } from "./repair";
import type { PlacementAnswer, PlacementEffort, PlacementMove, PlacementProblem, PlacementUnplaced } from "./types";

/** Replicas that each search may look at. On the machines it was measured on about a microsecond each. */
const BUDGETS: Record<PlacementEffort, number> = { fast: 200_000, good: 2_000_000, prove: 10_000_000 };

/**
 * Decides on which host each replica runs.
 *
 * What ran before and still fits stays: adding a host, a replica or a service moves nothing. The rest is placed
 * greedily in several orders, the best of which is repaired where something does not fit, and bettered. The same
 * problem, its lists and tables in any order, gives the same answer.
 *
 * @param problem amounts are whole numbers in units of the caller's choice, the same on hosts and services
 * @returns where each replica runs, what fits nowhere and why, and how good it is with a proven bound
 * @throws FusionInputError with every wrong argument, each with its path
 */
export function place(problem: PlacementProblem): PlacementAnswer {
    const canonical = canonicalise(problem);
    const board = settle(canonical);
    const unplaced = [...board.hostOf.keys()].filter((replica) => board.hostOf[replica] === NOWHERE);
    const value = objectiveValue(board);
    const moved = movesOf(board, problem.previous ?? {});
    const bound = lowerBound(board);
    return {
        assignment: assignmentOf(board),
        unplaced: explain(board, unplaced),
        objective: { value, lowerBound: bound, gap: value - bound, proven: unplaced.length === 0 && value === bound },
        moves: moved.length,
        moved,
        fewestMoves: moved.filter(({ from }) => !canonical.hosts.some(({ name }) => name === from)).length,
    };
}

function settle(problem: Problem): Board {
    const costs = hostCosts(problem);
    const started = (order: Order): Board => {
        const board = new Board(problem);
        keep(board);
        fill(board, order(board), costs);
        return board;
    };
    let board = started(byChoice);
    if (isBest(board)) return board;
    for (const order of [byLargest, bySum]) {
        const other = started(order);
        if (isBetter(other, board)) board = other;
    }
    if (board.homeless > 0) {
        repair(board, { left: BUDGETS[problem.effort] });
        // The search ends on its best state, where one that it had not tried last may fit.
        fill(board, byChoice(board), costs);
    }
    if (board.homeless === 0) improve(board, costs, lowerBound(board), { left: BUDGETS[problem.effort] / 4 });
    return board;
}

function isBest(board: Board): boolean {
    return board.homeless === 0 && objectiveValue(board) === lowerBound(board);
}

function isBetter(a: Board, b: Board): boolean {
    return a.homeless === b.homeless ? objectiveValue(a) < objectiveValue(b) : a.homeless < b.homeless;
}

function assignmentOf(board: Board): Record<string, string> {
    const { problem } = board;
    const entries: [string, string][] = [];
    for (const [replica, host] of board.hostOf.entries()) {
        if (host !== NOWHERE) entries.push([replicaName(problem, replica), problem.hosts[host]?.name ?? ""]);
    }
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function explain(board: Board, unplaced: readonly number[]): PlacementUnplaced[] {
    // The replicas of a service are equal, and so are the reasons against them.
    const known = new Map<number, Readonly<Record<string, string>>>();
    return unplaced.map((replica) => {
        const s = board.service(replica);
        const reasons =
            known.get(s) ??
            Object.fromEntries(board.problem.hosts.map(({ name }, host) => [name, reasonAgainst(board, s, host)]));
        known.set(s, reasons);
        return { replica: replicaName(board.problem, replica), reasons };
    });
}

function movesOf(board: Board, before: Readonly<Record<string, string>>): PlacementMove[] {
    const { previous, hosts } = board.problem;
    const moved: PlacementMove[] = [];
    for (const [replica, host] of board.hostOf.entries()) {
        const origin = previous[replica] ?? NOWHERE;
        if (host === NOWHERE || origin === NOWHERE || origin === host) continue;
        const name = replicaName(board.problem, replica);
        const from = before[name] ?? "";
        const why = origin === GONE ? `${from} is gone` : reasonAgainst(board, board.service(replica), origin);
        moved.push({ replica: name, from, to: hosts[host]?.name ?? "", why });
    }
    return moved.sort((a, b) => (a.replica < b.replica ? -1 : 1));
}
