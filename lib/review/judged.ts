import { balancersOf } from "./balancers";
import type { Changes } from "./changes";
import { lossesOf } from "./losses";
import { machinesOf } from "./machines";
import { loadsOf } from "./moves";
import { type SetFacts, type Side, setsOf, sideOf } from "./placements";
import { isChanged, serviceReview } from "./services";
import type { Review } from "./types";

/** What rules are judged by. */
export type Judged = Pick<Review, "losses" | "services" | "machines" | "loads" | "balancers">;

/** What is judged, and what it was found from. */
export interface Weighed {
    readonly judged: Judged;
    readonly sets: readonly SetFacts[];
    readonly before: Side;
    readonly after: Side;
    /** Whether what stays as it is is known too. */
    readonly complete: boolean;
}

/**
 * What a change does, as far as rules ask for it: the same for a preview that is reviewed and for a deployment that a policy pack sees.
 *
 * @param said what each component has said, by URN
 * @param rolledAway how many replicas a set does without while it is replaced
 */
export function weigh(
    changes: Changes,
    said: ReadonlyMap<string, readonly string[]>,
    rolledAway: (set: SetFacts) => number,
): Weighed {
    const sets = setsOf(changes);
    const machines = machinesOf(changes, said);
    const [before, after] = [sideOf(changes, sets, "old"), sideOf(changes, sets, "new")];
    const complete = changes.showsSames || changes.all.every(({ operation }) => operation === "create");
    const around = { machines, before, after, said, complete, rolledAway };
    // A machine that is interrupted concerns every set that it runs.
    const away = new Set(machines.filter(({ minutes }) => minutes > 0).map(({ name }) => name));
    const concerned = sets.filter((set) => isChanged(set) || [...set.before.values()].some((host) => away.has(host)));
    const judged = {
        losses: lossesOf(changes, machines),
        services: concerned.map((set) => serviceReview(set, around)),
        machines,
        loads: complete ? loadsOf(before, after) : [],
        balancers: balancersOf(changes),
    };
    return { judged, sets, before, after, complete };
}
