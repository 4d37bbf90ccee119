import type { HeldPorts } from "../../lib/containers/assignPorts";
import {
    giveRoundPorts,
    placeRound,
    type RoundPlan,
    type RoundProblem,
    type Settled,
} from "../../lib/containers/planRound";
import type { Faults } from "../../lib/faults";

/** Places a round and gives it ports, of which those in `taken` are not free. */
export function planRound(
    { taken = [], ...problem }: RoundProblem & { taken?: readonly Pick<HeldPorts, "vm" | "slots">[] },
    settled: Settled,
    faults: Faults,
): RoundPlan | undefined {
    const placement = placeRound(problem, settled, faults);
    return placement && giveRoundPorts(placement, problem, taken, settled, faults);
}
