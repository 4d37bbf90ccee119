import { type Board, NOWHERE } from "./board";
import { lowerBound, missedBound } from "./bounds";
import { GONE } from "./canonical";
import { countMoves } from "./moves";
import { missedBy, objectiveValue } from "./objective";

/** A figure of a placement, and what certainly no placement of the same replicas goes below. */
export interface Figure {
    readonly reached: number;
    readonly bound: number;
}

/** What a placement is judged by, in this order, after the number of replicas that are nowhere. */
export interface Figures {
    readonly moves: Figure;
    readonly missed: Figure;
    readonly value: Figure;
}

/** The figures with bounds that need no search. */
export function figuresOf(board: Board): Figures {
    return {
        moves: { reached: countMoves(board.problem, board.hostOf), bound: leastMoves(board) },
        missed: { reached: missedBy(board), bound: missedBound(board) },
        value: { reached: objectiveValue(board), bound: lowerBound(board) },
    };
}

/** Whether nothing can be better. */
export function isBest(board: Board, { moves, missed, value }: Figures): boolean {
    return board.homeless === 0 && [moves, missed, value].every(({ reached, bound }) => reached === bound);
}

export function isBetter(a: Board, b: Board): boolean {
    const difference =
        a.homeless - b.homeless ||
        countMoves(a.problem, a.hostOf) - countMoves(b.problem, b.hostOf) ||
        missedBy(a) - missedBy(b) ||
        objectiveValue(a) - objectiveValue(b);
    return difference < 0;
}

/** The replicas that are placed but cannot be where they ran: the host is gone, or lacks a label that they need. */
function leastMoves(board: Board): number {
    if (board.problem.origins.size === 0) return 0;
    let moves = 0;
    for (const [replica, before] of board.problem.previous.entries()) {
        if (board.hostOf[replica] === NOWHERE || before === NOWHERE) continue;
        if (before === GONE || !board.isLabelled(board.service(replica), before)) moves++;
    }
    return moves;
}
