import { Board, NOWHERE } from "./board";
import { GONE, type Problem, replicaName } from "./canonical";
import { keep } from "./greedy";
import { reasonAgainst } from "./reasons";
import type { PlacementMove } from "./types";

/** Why a replica moves that is pinned. */
export const PINNED = "is pinned there";

/** Whether a replica ran before, and is elsewhere now. */
export function isMoved({ previous }: Problem, hostOf: Int32Array, replica: number): boolean {
    const before = previous[replica] ?? NOWHERE;
    const now = hostOf[replica] ?? NOWHERE;
    return before !== NOWHERE && now !== NOWHERE && before !== now;
}

export function countMoves(problem: Problem, hostOf: Int32Array): number {
    let moves = 0;
    for (const replica of hostOf.keys()) if (isMoved(problem, hostOf, replica)) moves++;
    return moves;
}

/** Every move with its reason, sorted by the replica's name. */
export function explainMoves(board: Board): PlacementMove[] {
    return [...explainOwn(board), ...explainPinned(board)].sort((a, b) => (a.replica < b.replica ? -1 : 1));
}

/** Those that are pinned to another host than they ran on. */
function explainPinned({ problem, hostOf }: Board): PlacementMove[] {
    return [...problem.pinnedFrom].flatMap(([replica, from]) => {
        const to = problem.hosts[hostOf[replica] ?? NOWHERE]?.name;
        return to === undefined ? [] : [{ replica: replicaName(problem, replica), from, to, why: PINNED }];
    });
}

function explainOwn(board: Board): PlacementMove[] {
    const { problem, hostOf } = board;
    if (problem.origins.size === 0) return [];
    const kept = new Board(problem);
    keep(kept);
    return [...hostOf.keys()]
        .filter((replica) => isMoved(problem, hostOf, replica))
        .map((replica) => ({
            replica: replicaName(problem, replica),
            from: problem.origins.get(replica) ?? "",
            to: problem.hosts[hostOf[replica] ?? 0]?.name ?? "",
            why: reasonFor(board, kept, replica),
        }));
}

function reasonFor(board: Board, kept: Board, replica: number): string {
    const { problem } = board;
    const before = problem.previous[replica] ?? NOWHERE;
    if (before === GONE) return `${problem.origins.get(replica)} is gone`;
    const s = board.service(replica);
    // What stood in its way when all that could stay had stayed.
    if (kept.hostOf[replica] === NOWHERE) return reasonAgainst(kept, s, before);
    const newcomer = newcomers(board, before).find((other) => other !== replica && isInTheWay(board, other, replica));
    if (newcomer !== undefined) return `makes room for ${replicaName(problem, newcomer)}`;
    // One that could stay as well as it, and does.
    return reasonAgainst(board, s, before) || "betters the objective";
}

/** Replicas that were not on the host or in a domain of it before, those that had to move themselves first. */
function newcomers(board: Board, host: number): number[] {
    const { problem, hostOf } = board;
    const near = new Set(problem.topologies.flatMap(({ members, domainOf }) => members[domainOf[host] ?? -1] ?? []));
    const found = [...hostOf.keys()].filter(
        (replica) => near.has(hostOf[replica] ?? NOWHERE) && problem.previous[replica] !== hostOf[replica],
    );
    const rank = (replica: number): number =>
        (hostOf[replica] === host ? 0 : 4) + (problem.previous[replica] === GONE ? 0 : 1);
    return found.sort((a, b) => rank(a) - rank(b) || a - b);
}

/** Whether a replica would not fit where the other has come to if this one were back. */
function isInTheWay(board: Board, other: number, replica: number): boolean {
    const s = board.service(other);
    const there = board.hostOf[other] ?? NOWHERE;
    const before = board.problem.previous[replica] ?? NOWHERE;
    board.shift(s, there, -1);
    board.shift(board.service(replica), before, 1);
    const fits = board.hasRoom(s, there) && !board.conflict(s, there) && board.takenPort(s, there) === undefined;
    board.shift(board.service(replica), before, -1);
    board.shift(s, there, 1);
    return !fits;
}
