import type { Problem } from "./canonical";
import { isSmall } from "./exact/search";
import type { PlacementEffort } from "./types";

/** What a search may look at. Counted, not timed, so that the answer is the same on every machine. */
interface Budgets {
    /** Replicas that a heuristic may look at: about a microsecond each on the machines it was measured on. */
    readonly repair: number;
    /** Hosts that a full search may look at: a tenth of a microsecond each. */
    readonly moves: number;
    /** The same to better, and to prove, preferences and the objective. */
    readonly refine: number;
    /** The same to find what conflicts. */
    readonly conflict: number;
}

const BUDGETS: Record<PlacementEffort, Budgets> = {
    fast: { repair: 200_000, moves: 10_000_000, refine: 500_000, conflict: 5_000_000 },
    good: { repair: 2_000_000, moves: 30_000_000, refine: 10_000_000, conflict: 20_000_000 },
    prove: { repair: 10_000_000, moves: 100_000_000, refine: 50_000_000, conflict: 100_000_000 },
};

export function budgetsOf(problem: Problem): Budgets {
    const budgets = BUDGETS[problem.effort];
    if (!isSmall(problem)) return budgets;
    // In small problems the full search finds what there is: the heuristics need not try for long.
    return { ...budgets, repair: Math.min(budgets.repair, 10 * problem.hosts.length * problem.serviceOf.length) };
}
