import type { PlacementAnswer, PlacementProblem } from "./types";

/** Stub of the signature; the real one follows. */
export function place(problem: PlacementProblem): PlacementAnswer {
    throw new Error(`not yet: ${problem.services.length} services`);
}
