import type { Board } from "../board";
import { alone } from "./alone";
import { cliques } from "./cliques";
import type { Contradiction } from "./contradiction";
import { overloads } from "./overload";
import { zones } from "./zones";

/**
 * Why a problem cannot be solved as if nothing ran before, as far as counting tells: each reason is certain, but not every
 * problem without one can be solved. The cost is about that of looking at each service and host once.
 */
export function contradictions(board: Board): Contradiction[] {
    return [...alone(board), ...overloads(board), ...zones(board), ...cliques(board)];
}

/** Whether there is a reason at all. */
export function isContradictory(board: Board): boolean {
    return [alone, overloads, zones, cliques].some((find) => find(board).length > 0);
}
