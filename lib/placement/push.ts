import { Board, NOWHERE } from "./board";
import { countMoves } from "./moves";
import { eject } from "./repair";
import { excessSkew } from "./skew";

/** What ejecting a replica that runs costs beside one that does not, so that the search spares it. */
const PRICE = 8;

/**
 * Makes room where a full search is too much: replicas that ran before and have no host push others away that run, and
 * so do new ones if they may. Nothing that runs is left without a host for it. Undone when it takes more moves than
 * allowed.
 *
 * @param most how many replicas that could stay may be moved for either
 * @returns a board of its own
 */
export function push(from: Board, most: { readonly restore: number; readonly add: number }, effort: number): Board {
    const { problem } = from;
    const ran = (replica: number): boolean => problem.previous[replica] !== NOWHERE;
    const restored = pushFor(from, ran, most.restore, effort);
    return pushFor(restored, (replica) => !ran(replica), most.add, effort);
}

function pushFor(from: Board, isFor: (replica: number) => boolean, most: number, effort: number): Board {
    const { problem } = from;
    const waiting = [...from.hostOf.keys()].filter((replica) => from.hostOf[replica] === NOWHERE && isFor(replica));
    if (waiting.length === 0 || most <= 0) return from;
    const board = new Board(problem);
    board.restore(from.hostOf);
    const runs = [...from.hostOf.keys()].filter(
        (replica) => problem.previous[replica] !== NOWHERE && from.hostOf[replica] !== NOWHERE,
    );
    const price = Float64Array.from(from.hostOf, (host, replica) => (host === problem.previous[replica] ? PRICE : 1));
    const nobodyLost = (): boolean => runs.every((replica) => board.hostOf[replica] !== NOWHERE);
    eject(board, [...waiting], price, nobodyLost, { left: effort });
    goHome(board);
    // Those that waited and have a host now moved because they had to.
    const had = waiting.filter((replica) => problem.previous[replica] !== NOWHERE && board.hostOf[replica] !== NOWHERE);
    const pushed = countMoves(problem, board.hostOf) - countMoves(problem, from.hostOf) - had.length;
    if (pushed > most) return from;
    for (const [replica, host] of board.hostOf.entries()) {
        board.fixed[replica] = host !== NOWHERE && problem.previous[replica] !== NOWHERE ? 1 : 0;
    }
    return board;
}

/** Brings back whom the search moved and who would fit where it ran after all. */
function goHome(board: Board): void {
    const { previous } = board.problem;
    for (const [replica, host] of board.hostOf.entries()) {
        const before = previous[replica] ?? NOWHERE;
        if (host === NOWHERE || before < 0 || before === host) continue;
        const hostOf = board.hostOf.slice();
        board.take(replica);
        if (board.fits(board.service(replica), before)) board.put(replica, before);
        else board.put(replica, host);
        if (excessSkew(board) > 0 || !keepsAffinity(board)) board.restore(hostOf);
    }
}

function keepsAffinity(board: Board): boolean {
    return board.problem.services.every(
        ({ together, first, replicas }, s) =>
            together.length === 0 ||
            board.hostOf
                .subarray(first, first + replicas)
                .every((host) => host === NOWHERE || board.missing(s, host) === undefined),
    );
}
