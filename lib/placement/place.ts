import { type Board, NOWHERE } from "./board";
import { canonicalise, replicaName } from "./canonical";
import { findConflict } from "./conflict/conflict";
import { budgetsOf } from "./effort";
import { explainMoves, PINNED } from "./moves";
import { reasonAgainst } from "./reasons";
import { settle } from "./settle";
import type { PlacementAnswer, PlacementProblem, PlacementUnplaced } from "./types";

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
    const { board, figures } = settle(canonical);
    const { moves, missed, value } = figures;
    const moved = explainMoves(board);
    const conflict = board.homeless === 0 ? undefined : findConflict(board, budgetsOf(canonical).conflict);
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
        fewestMoves: moves.bound + moved.filter(({ why }) => why === PINNED).length,
        ...(conflict === undefined ? {} : { conflict }),
    };
}

function assignmentOf({ problem, hostOf }: Board): Record<string, string> {
    const entries: [string, string][] = [];
    for (const [replica, host] of hostOf.entries()) {
        if (host !== NOWHERE) entries.push([replicaName(problem, replica), problem.hosts[host]?.name ?? ""]);
    }
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function explain(board: Board): PlacementUnplaced[] {
    const unplaced = [...board.hostOf.keys()].filter((replica) => board.hostOf[replica] === NOWHERE);
    // What is equal has equal reasons: the replicas of a service, and services that bear no rule and want the same.
    const known = new Map<string, Readonly<Record<string, string>>>();
    return unplaced.map((replica) => {
        const s = board.service(replica);
        const pin = board.problem.pins[replica] ?? NOWHERE;
        const key = `${pin} ${kindOf(board, s)}`;
        const reasons =
            known.get(key) ??
            Object.fromEntries(board.problem.hosts.map(({ name }, host) => [name, reasonFor(board, replica, host)]));
        known.set(key, reasons);
        return { replica: replicaName(board.problem, replica), reasons };
    });
}

/** Why a host cannot take a replica that is nowhere. */
function reasonFor(board: Board, replica: number, host: number): string {
    const pin = board.problem.pins[replica] ?? NOWHERE;
    if (pin !== NOWHERE && pin !== host) return `pinned to ${board.problem.hosts[pin]?.name}`;
    return reasonAgainst(board, board.service(replica), host);
}

function kindOf(board: Board, s: number): string {
    const service = board.problem.services[s];
    if (service === undefined || service.topologies.length > 0) return String(s);
    return JSON.stringify([service.demand, [...service.require], service.ports]);
}
