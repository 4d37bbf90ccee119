import { type Board, NOWHERE } from "./board";
import { canonicalise, replicaName } from "./canonical";
import { findConflict } from "./conflict/conflict";
import { explainMoves } from "./moves";
import { reasonAgainst } from "./reasons";
import { settle } from "./settle";
import type { PlacementAnswer, PlacementEffort, PlacementProblem, PlacementUnplaced } from "./types";

/** What the search for requirements in conflict may look at. */
const CONFLICT: Record<PlacementEffort, number> = { fast: 5_000_000, good: 20_000_000, prove: 100_000_000 };

/**
 * Decides on which host each replica runs.
 *
 * What ran before and still fits stays: adding a host, a replica or a service moves nothing. What has lost its place may
 * push others away, as few as possible. The rest is placed greedily in several orders, the best of which is repaired
 * where something does not fit, and bettered; small problems are searched to the end. The same problem, its lists and
 * tables in any order, gives the same answer.
 *
 * @param problem amounts are whole numbers in units of the caller's choice, the same on hosts and services
 * @returns where each replica runs, what fits nowhere and why, what moves and why, and how good it is with proven bounds
 * @throws FusionInputError with every wrong argument, each with its path
 */
export function place(problem: PlacementProblem): PlacementAnswer {
    const canonical = canonicalise(problem);
    const { board, fewestMoves, missed, value } = settle(canonical);
    const moved = explainMoves(board);
    const conflict = board.homeless === 0 ? undefined : findConflict(board, CONFLICT[canonical.effort]);
    const gap = value.reached - value.bound;
    return {
        assignment: assignmentOf(board),
        unplaced: explain(board),
        objective: { value: value.reached, lowerBound: value.bound, gap, proven: board.homeless === 0 && gap === 0 },
        ...(canonical.services.some(({ prefer }) => prefer.size > 0)
            ? { preferences: { missed: missed.reached, lowerBound: missed.bound } }
            : {}),
        moves: moved.length,
        moved,
        fewestMoves,
        ...(conflict === undefined ? {} : { conflict }),
    };
}

function assignmentOf(board: Board): Record<string, string> {
    const { problem } = board;
    const entries: [string, string][] = [];
    for (const [replica, host] of board.hostOf.entries()) {
        if (host !== NOWHERE) entries.push([replicaName(problem, replica), problem.hosts[host]?.name ?? ""]);
    }
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function explain(board: Board): PlacementUnplaced[] {
    const unplaced = [...board.hostOf.keys()].filter((replica) => board.hostOf[replica] === NOWHERE);
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
