import { Board, NOWHERE } from "./board";
import type { Problem } from "./canonical";
import { budgetsOf } from "./effort";
import { fewestMoves } from "./exact/best";
import { isSmall } from "./exact/search";
import { figuresOf, isBetter } from "./figures";
import { fill, kept } from "./greedy";
import { countMoves } from "./moves";
import { byChoice, sizes } from "./orders";
import { push } from "./push";
import { repair } from "./repair";

/**
 * Places more, or moves less, by letting replicas give way that run: for those that ran before and lost their place,
 * and for new ones as far as `move.add` goes. As few as possible, which a full search finds in small problems.
 *
 * @returns the better placement, and a number of moves that certainly no placement of its replicas goes below
 */
export function makeRoom(board: Board, costs: readonly number[]): { board: Board; fewestMoves: number } {
    const { problem } = board;
    const { move, previous } = problem;
    const { moves } = figuresOf(board);
    if (board.homeless === 0 && moves.reached === moves.bound) return { board, fewestMoves: moves.bound };
    let best = board;
    const consider = (other: Board): void => {
        if (isBetter(other, best)) best = other;
    };
    let bound = 0;
    if (isSmall(problem)) {
        const stay = kept(problem);
        const ran = (replica: number): boolean => previous[replica] !== NOWHERE;
        const lost = [...previous.keys()].filter((replica) => ran(replica) && stay[replica] === NOWHERE);
        let base = lost.length;
        if (lost.length > 0) {
            const range = { least: 0, most: lost.length + move.restore };
            const found = fewestMoves(problem, stay, ran, range, { left: budgetsOf(problem).moves });
            bound = found.bound;
            if (found.hostOf !== undefined) base = countMoves(problem, found.hostOf);
            const hostOf = found.hostOf ?? restoreMost(problem, stay, lost);
            if (hostOf !== undefined) consider(completed(problem, hostOf, costs));
        }
        if (best.homeless > 0) {
            const range = { least: bound, most: base + move.add };
            const found = fewestMoves(problem, stay, () => true, range, { left: budgetsOf(problem).moves });
            if (found.hostOf !== undefined) consider(completed(problem, found.hostOf, costs));
        }
    }
    if (best.homeless > 0) consider(push(best, move, pushing(problem)));
    // Fewer replicas may be placed with fewer moves: then the bound is not theirs.
    return { board: best, fewestMoves: best.homeless === 0 ? bound : 0 };
}

/** Only where a full search is too much it is worth while to push for long. */
function pushing(problem: Problem): number {
    const { repair: looks, moves } = budgetsOf(problem);
    return isSmall(problem) ? looks : moves;
}

/** Not all that ran can be placed again: one after the other as long as it goes, the small ones first. */
function restoreMost(problem: Problem, stay: Int32Array, lost: readonly number[]): Int32Array | undefined {
    const { serviceOf, move } = problem;
    const { largest } = sizes(problem);
    const size = (replica: number): number => largest[serviceOf[replica] ?? 0] ?? 0;
    const chosen = new Set<number>();
    let best: Int32Array | undefined;
    for (const replica of [...lost].sort((a, b) => size(a) - size(b) || a - b)) {
        chosen.add(replica);
        const range = { least: best === undefined ? 0 : countMoves(problem, best), most: chosen.size + move.restore };
        const budget = { left: Math.ceil(budgetsOf(problem).moves / lost.length) };
        const found = fewestMoves(problem, stay, (other) => chosen.has(other), range, budget);
        if (found.hostOf === undefined) chosen.delete(replica);
        else best = found.hostOf;
    }
    return best;
}

/** A board with the replicas where they are to be, and all others where they fit. */
function completed(problem: Problem, hostOf: Int32Array, costs: readonly number[]): Board {
    const board = new Board(problem);
    board.restore(hostOf);
    for (const [replica, host] of hostOf.entries()) {
        if (host !== NOWHERE && problem.previous[replica] !== NOWHERE) board.fixed[replica] = 1;
    }
    if (board.homeless > 0) fill(board, byChoice(board), costs);
    if (board.homeless > 0) repair(board, { left: budgetsOf(problem).repair });
    return board;
}
