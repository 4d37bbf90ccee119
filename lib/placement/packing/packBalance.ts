import { Board, NOWHERE, WHOLE } from "../board";
import type { Problem } from "../canonical";
import { figuresOf, isBetter } from "../figures";
import type { PlacementEffort } from "../types";
import { boundOf, pack } from "./pack";
import { patternsOf, putCover, type Recast, recast } from "./recast";
import type { Pattern, Work } from "./types";

/** What may be spent: about a second and about five on the machine it was measured on; `fast` does without. */
const BALANCE: Record<PlacementEffort, number> = { fast: 0, good: 250_000_000, prove: 1_000_000_000 };

/** Each question may take so much of what there is: a share that is too hard to decide costs the others nothing. */
const PARTS = 12;

/** With more kinds of hosts and services than this, or more replicas, the linear program is too large to be worth it. */
const MOST_KINDS = 120;
const MOST_REPLICAS = 1000;

/** A placement, and a share that no placement of its replicas stays below; 0 when none is known. */
export interface Balanced {
    readonly board: Board;
    readonly bound: number;
}

/**
 * Lowers the largest share that is taken of any host, and proves how low it can be: halves the range between both by asking
 * whether everything can be packed into hosts that are cut down to a share. That nothing can be there is asked of an empty
 * board; a packing leaves alone what is fixed.
 */
export function packBalance(board: Board): Balanced {
    const { goal, effort, serviceOf, hosts, services } = board.problem;
    const work = { left: BALANCE[effort] };
    const isTooLarge = services.length > MOST_KINDS || serviceOf.length > MOST_REPLICAS;
    if (goal !== "balance" || work.left === 0 || board.homeless > 0 || isTooLarge) return { board, bound: 0 };
    const part = work.left / PARTS;
    let best = board;
    let { bound, reached } = figuresOf(board).value;
    for (let from = bound; from < reached && work.left > 0; ) {
        const share = Math.floor((from + reached) / 2);
        const turn = { left: Math.min(part, work.left) };
        work.left -= turn.left;
        const cut = cutTo(board.problem, share);
        const isTooLow = exceeds(cut, best.hostOf, hosts.length, turn);
        const found = isTooLow ? undefined : packed(best, cut, turn);
        work.left += turn.left;
        if (found !== undefined) {
            best = found;
            reached = figuresOf(best).value.reached;
            continue;
        }
        if (isTooLow && bound === from) bound = share + 1;
        from = share + 1;
    }
    return { board: best, bound };
}

/** The problem with hosts that offer a share of their capacity, as whole amounts. */
function cutTo(problem: Problem, share: number): Problem {
    const hosts = problem.hosts.map((host) => ({
        ...host,
        capacity: host.capacity.map((amount) => Number((BigInt(amount) * BigInt(share)) / BigInt(WHOLE))),
    }));
    return { ...problem, hosts };
}

/** Whether all replicas certainly need more hosts than there are. */
function exceeds(cut: Problem, hostOf: Int32Array, hosts: number, work: Work): boolean {
    const task = recast(new Board(cut), new Array(hosts).fill(1));
    if (task.packing.items.some(({ allowed }) => !allowed.includes(true))) return true;
    const most = { left: work.left / 2 };
    work.left -= most.left;
    const bound = boundOf(task.packing, fitting(task, hostOf), hosts + 1, most);
    work.left += most.left;
    return bound > hosts;
}

/** A better placement on hosts that are cut down, those replicas that are fixed where they are. */
function packed(best: Board, cut: Problem, work: Work): Board | undefined {
    const start = new Board(cut);
    start.restore(best.hostOf.map((host, replica) => (best.fixed[replica] === 1 ? host : NOWHERE)));
    const { hosts, dimensions } = cut;
    if (hosts.some((_, host) => dimensions.some((__, d) => start.left(host, d) < 0))) return undefined;
    const task = recast(start, new Array(hosts.length).fill(1));
    const anything = { below: hosts.length + 1, enough: hosts.length };
    const { cover } = pack(task.packing, fitting(task, best.hostOf), anything, work);
    if (cover === undefined) return undefined;
    putCover(start, task, cover);
    if (start.homeless > 0) return undefined;
    const board = new Board(best.problem);
    board.restore(start.hostOf);
    board.fixed.set(best.fixed);
    return isBetter(board, best) ? board : undefined;
}

/** The patterns of a placement that still fit. */
function fitting(task: Recast, hostOf: Int32Array): Pattern[] {
    const { bins, items } = task.packing;
    return patternsOf(task, hostOf).filter(({ bin, items: kinds, counts }) =>
        (bins[bin]?.capacity ?? []).every((whole, d) => {
            const taken = kinds.reduce((sum, item, k) => sum + (items[item]?.size[d] ?? 0) * (counts[k] ?? 0), 0);
            return taken <= whole;
        }),
    );
}
