import { Board, NOWHERE } from "../board";
import { figuresOf, isBetter } from "../figures";
import { fill } from "../greedy";
import { byChoice } from "../orders";
import type { PlacementEffort } from "../types";
import { boundOf, pack } from "./pack";
import { patternsOf, putCover, recast } from "./recast";
import type { Packing, Work } from "./types";

/** What packing for the fewest hosts may spend: about 1.5 s and 6 s on the machine it was measured on; `fast` does without. */
const HOSTS: Record<PlacementEffort, number> = { fast: 0, good: 380_000_000, prove: 1_600_000_000 };

/** The same for a place for everything, whatever it costs. */
const ROOM: Record<PlacementEffort, number> = { fast: 60_000_000, good: 150_000_000, prove: 600_000_000 };

/** With more kinds of hosts and services than this, or more replicas, the linear program is too large to be worth it. */
const MOST_KINDS = 400;
const MOST_REPLICAS = 5000;

/** A placement, and what certainly none of all replicas costs less than; 0 when that is not known. */
export interface HostsPacked {
    readonly board: Board;
    readonly bound: number;
}

/**
 * Packs what is not fixed anew (see `pack`): onto as few hosts, or as cheap ones, as it can where the objective counts hosts;
 * and whatever it costs where something has no place yet. The placement stays where packing finds nothing better.
 *
 * @param costs for each host what its use adds to the objective
 */
export function packHosts(board: Board, costs: readonly number[]): HostsPacked {
    const { goal, effort, services, serviceOf } = board.problem;
    const none = { board, bound: 0 };
    if (services.length > MOST_KINDS || serviceOf.length > MOST_REPLICAS) return none;
    const roomy = board.homeless > 0 ? packRoom(board, costs) : board;
    if (goal !== "fewest-hosts" && goal !== "binpack") return { board: roomy, bound: 0 };
    const work = { left: HOSTS[effort] };
    if (work.left === 0 || roomy.homeless > 0) return { board: roomy, bound: 0 };
    return packCheaply(roomy, costs, work);
}

/** A place for everything, if packing finds one. */
function packRoom(board: Board, costs: readonly number[]): Board {
    const { hosts, effort } = board.problem;
    const start = fixedOf(board);
    const task = recast(
        start,
        hosts.map(() => 1),
    );
    if (isTooLarge(task.packing)) return board;
    const anything = { below: hosts.length + 1, enough: hosts.length };
    const { cover } = pack(unlimited(task.packing), patternsOf(task, board.hostOf), anything, { left: ROOM[effort] });
    if (cover === undefined) return board;
    putCover(start, task, cover);
    return better(start, board, costs);
}

/** Hosts of one kind are enough when the cover costs no more than all of them: patterns are found sooner without a limit. */
function unlimited(packing: Packing): Packing {
    const [bin, ...others] = packing.bins;
    if (bin === undefined || others.length > 0 || bin.cost === 0) return packing;
    return { ...packing, bins: [{ ...bin, count: packing.items.reduce((sum, { demand }) => sum + demand, 0) }] };
}

function packCheaply(board: Board, costs: readonly number[], work: Work): HostsPacked {
    const { value } = figuresOf(board);
    if (value.reached === value.bound) return { board, bound: value.bound };
    const start = fixedOf(board);
    const paid = costOf(start, costs);
    const task = recast(start, costs);
    if (isTooLarge(task.packing)) return { board, bound: 0 };
    const goal = { below: value.reached - paid, enough: value.bound - paid };
    const { bound, cover } = pack(task.packing, patternsOf(task, board.hostOf), goal, work);
    if (cover !== undefined) putCover(start, task, cover);
    const best = cover === undefined ? board : better(start, board, costs);
    if (paid === 0) return { board: best, bound };
    // What is fixed could be elsewhere: the bound of all placements is that of an empty board.
    const empty = recast(new Board(board.problem), costs);
    if (isTooLarge(empty.packing)) return { board: best, bound: 0 };
    return { board: best, bound: boundOf(empty.packing, patternsOf(empty, best.hostOf), costOf(best, costs), work) };
}

/** A board with the replicas alone that stay where they are. */
function fixedOf(board: Board): Board {
    const fixed = new Board(board.problem);
    fixed.restore(board.hostOf.map((host, replica) => (board.fixed[replica] === 1 ? host : NOWHERE)));
    fixed.fixed.set(board.fixed);
    return fixed;
}

/** The new placement, completed, if it is better. */
function better(fresh: Board, known: Board, costs: readonly number[]): Board {
    if (fresh.homeless > 0) fill(fresh, byChoice(fresh), costs);
    return isBetter(fresh, known) ? fresh : known;
}

function isTooLarge({
    bins,
    items,
}: {
    readonly bins: readonly unknown[];
    readonly items: readonly unknown[];
}): boolean {
    return bins.length + items.length > MOST_KINDS;
}

function costOf(board: Board, costs: readonly number[]): number {
    return costs.reduce((sum, cost, host) => sum + (board.residents[host]?.length ? cost : 0), 0);
}
