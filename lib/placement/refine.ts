import { Board, NOWHERE } from "./board";
import type { Problem } from "./canonical";
import { budgetsOf } from "./effort";
import { fromNothing, lowest, type Sought } from "./exact/best";
import { kept } from "./greedy";
import { missedBy, objectiveValue } from "./objective";
import type { Settled } from "./settle";

/** What packing could not settle among so many replicas, trying everything will not settle either. */
const MOST_PACKED = 60;

/**
 * Betters the placement of a small problem as far as a full search can without another move, preferences first, and
 * finds what nothing goes below: of the replicas that are placed, as if none of them ran before.
 *
 * @param packed whether packing has been at the objective already, which then is left alone among many replicas
 */
export function refine({ board, figures }: Settled, packed: boolean): Settled {
    const { problem } = board;
    const { moves, missed, value } = figures;
    const isHopeless = packed && problem.serviceOf.length > MOST_PACKED;
    if (missed.reached === missed.bound && (value.reached === value.bound || isHopeless)) return { board, figures };
    const wanted = (replica: number): boolean => board.hostOf[replica] !== NOWHERE;
    const stay = kept(problem).map((host, replica) => (wanted(replica) ? host : NOWHERE));
    const now = { problem, kept: stay, wanted };
    const nothing = { problem: fromNothing(problem), kept: stay.map(() => NOWHERE), wanted };
    const free = { moves: 0, missed: Number.POSITIVE_INFINITY, value: Number.POSITIVE_INFINITY };
    const missedAt = (hostOf: Int32Array): number => missedBy(boardOf(problem, hostOf));
    const valueAt = (hostOf: Int32Array): number => objectiveValue(boardOf(problem, hostOf));
    const run = (sought: Omit<Sought, "budget">): ReturnType<typeof lowest> =>
        lowest({ ...sought, budget: { left: budgetsOf(problem).refine / 4 } });

    const within = { ...free, moves: moves.reached };
    const liked = run({ ...now, limits: within, figure: "missed", range: missed, read: missedAt });
    const first = liked.hostOf === undefined ? board : boardOf(problem, liked.hostOf);
    const start = { reached: objectiveValue(first), bound: value.bound };
    const liking = { ...within, missed: liked.reached };
    const better = run({ ...now, limits: liking, figure: "value", range: start, read: valueAt });
    const last = better.hostOf === undefined ? first : boardOf(problem, better.hostOf);

    // Where nothing ran and nothing is preferred, these searches were about all placements already.
    const ranNothing = problem.origins.size === 0;
    const prefersNothing = problem.services.every(({ prefer }) => prefer.size === 0);
    const bestMissed = { reached: missedBy(last), bound: ranNothing ? liked.bound : missed.bound };
    const bestValue = { reached: better.reached, bound: ranNothing && prefersNothing ? better.bound : value.bound };
    const missedProof = ranNothing
        ? bestMissed
        : run({ ...nothing, limits: free, figure: "missed", range: bestMissed, read: missedAt });
    const valueProof =
        ranNothing && prefersNothing
            ? bestValue
            : run({ ...nothing, limits: free, figure: "value", range: bestValue, read: valueAt });
    return {
        board: last,
        figures: {
            moves,
            missed: { reached: bestMissed.reached, bound: missedProof.bound },
            value: { reached: bestValue.reached, bound: valueProof.bound },
        },
    };
}

function boardOf(problem: Problem, hostOf: Int32Array): Board {
    const board = new Board(problem);
    board.restore(hostOf);
    return board;
}
