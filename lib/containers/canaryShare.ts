import type { ContainerSetSpec } from "./containerSetSpec";
import type { FusionContainerSetArgs } from "./FusionContainerSet";
import { canaryWeights, type Release } from "./release";

/** What servers weigh while a canary with a share of its own is there. */
export function weightsOf(
    { canary }: FusionContainerSetArgs,
    { canaries, replicaNames }: ContainerSetSpec,
    now: Release,
) {
    return canary?.weight === undefined || now.trial === undefined
        ? undefined
        : canaryWeights(canary.weight, canaries, replicaNames.length - canaries);
}
