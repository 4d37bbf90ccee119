import { Board, NOWHERE } from "../board";
import type { PlacementEffort } from "../types";
import { boundOf, pack } from "./pack";
import { patternsOf, putCover, type Recast, recast } from "./recast";

/** What a search may spend: about 1.5 s and 7 s on the machine it was measured on. Packing is no part of `fast`. */
const WORK: Record<PlacementEffort, number> = { fast: 0, good: 400_000_000, prove: 2_000_000_000 };

/** With more kinds of hosts and services than this, or more replicas, the linear program is too large to be worth it. */
const MOST_KINDS = 400;
const MOST_REPLICAS = 5000;

/** What packing says of a placement. */
export interface HostsPacked {
    /** A placement that may be better; what fits nowhere by it is nowhere. */
    readonly board: Board | undefined;
    /** No placement of all replicas costs less; 0 when nothing was proven. */
    readonly bound: number;
}

/** Whether a problem is worth packing: its objective counts hosts, and its kinds are few enough. */
export function isPackable({ problem }: Board): boolean {
    const { goal, effort, services, serviceOf } = problem;
    const counts = goal === "fewest-hosts" || goal === "binpack";
    return counts && effort !== "fast" && services.length <= MOST_KINDS && serviceOf.length <= MOST_REPLICAS;
}

/**
 * Packs the replicas anew into as few hosts, or as cheap ones, as it can.
 *
 * @param board a placement that is known
 * @param kept where replicas are that stay, and NOWHERE for all others
 * @param costs for each host what its use adds to the objective
 * @param reached what the known placement costs, Infinity when it is not complete
 */
export function packHosts(board: Board, kept: Int32Array, costs: readonly number[], reached: number): HostsPacked {
    const { problem } = board;
    const work = { left: WORK[problem.effort] };
    const start = new Board(problem);
    start.restore(kept);
    const fixed = usedCost(start, costs);
    const task = recast(start, costs, () => true);
    if (task.packing.bins.length + task.packing.items.length > MOST_KINDS) return { board: undefined, bound: 0 };
    const free = fixed === 0;
    const all = costs.reduce((sum, cost) => sum + cost, 1);
    const below = Math.min(reached, all) - fixed;
    const { bound, cover } = pack(task.packing, patternsOf(task, board.hostOf), below, work);
    if (cover !== undefined) putCover(start, task, cover);
    return {
        board: cover === undefined ? undefined : start,
        bound: free ? bound : boundFromNothing(board, costs, work),
    };
}

function boundFromNothing(board: Board, costs: readonly number[], work: { left: number }): number {
    const empty = new Board(board.problem);
    const task: Recast = recast(empty, costs, (replica) => board.hostOf[replica] !== NOWHERE);
    if (task.packing.bins.length + task.packing.items.length > MOST_KINDS) return 0;
    return boundOf(task.packing, patternsOf(task, board.hostOf), usedCost(board, costs), work);
}

function usedCost(board: Board, costs: readonly number[]): number {
    return costs.reduce((sum, cost, host) => sum + (board.residents[host]?.length ? cost : 0), 0);
}
