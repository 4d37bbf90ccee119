import { Board } from "./board";
import type { Problem } from "./canonical";
import { budgetsOf } from "./effort";
import { isSmall } from "./exact/search";
import { type Figures, figuresOf, isBest, isBetter } from "./figures";
import { dropSkewed, fill, keep } from "./greedy";
import { improve } from "./improve";
import { makeRoom } from "./makeRoom";
import { hostCosts } from "./objective";
import { byChoice, byLargest, bySum, type Order } from "./orders";
import { packBalance } from "./packing/packBalance";
import { packHosts } from "./packing/packHosts";
import { refine } from "./refine";
import { repair } from "./repair";

/** A placement, and how good it is. */
export interface Settled {
    readonly board: Board;
    readonly figures: Figures;
}

/**
 * Decides. The stages, each of which only betters what came before: what still fits stays; the rest is placed greedily;
 * what then is nowhere makes others give way that were placed just now; what ran before makes others give way that run;
 * then preferences and the objective. Small problems are searched to the end where that does not settle it.
 */
export function settle(problem: Problem): Settled {
    const costs = hostCosts(problem);
    const first = started(problem, byChoice, costs);
    const figures = figuresOf(first);
    if (isBest(first, figures)) return { board: first, figures };

    let board = first;
    for (const order of [byLargest, bySum]) {
        const other = started(problem, order, costs);
        if (isBetter(other, board)) board = other;
    }
    const { repair: looks } = budgetsOf(problem);
    if (board.homeless > 0) {
        repair(board, { left: looks });
        // The search ends on its best state, where one that it had not tried last may fit.
        fill(board, byChoice(board), costs);
    }
    const packed = packHosts(board, costs);
    const room = makeRoom(packed.board, costs);
    board = room.board;
    if (board.homeless === 0) {
        const { value } = figuresOf(board);
        improve(board, costs, value.bound, { left: looks / 4 }, { left: problem.move.improve });
    }
    const balanced = packBalance(board);
    board = balanced.board;
    const last = figuresOf(board);
    const moves = { ...last.moves, bound: Math.max(room.fewestMoves, last.moves.bound) };
    const value = { ...last.value, bound: Math.max(packed.bound, balanced.bound, last.value.bound) };
    const settled = { board, figures: { ...last, moves, value } };
    return isSmall(problem) ? refine(settled, packed.bound + balanced.bound > 0) : settled;
}

function started(problem: Problem, order: Order, costs: readonly number[]): Board {
    const board = new Board(problem);
    keep(board);
    fill(board, order(board), costs);
    if (problem.pinned) dropSkewed(board);
    return board;
}
