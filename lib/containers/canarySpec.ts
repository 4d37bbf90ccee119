import { type Faults, show } from "../faults";

/** A new image on a part of a set first. */
export interface CanaryArgs {
    /** Replicas that run the new image, fewer than the set has. @default 1 */
    replicas?: number;
    /** Their share of the requests of a FusionBalancer, 1 to 99 per cent. @default as much as other replicas get */
    weight?: number;
}

/** Checks a canary; what is wrong goes to `faults`. Returns how many replicas it has. */
export function checkCanary(path: string, canary: CanaryArgs | undefined, replicas: number, faults: Faults): number {
    if (canary === undefined) {
        return 0;
    }
    const { replicas: count = 1, weight } = canary;
    if (replicas < 2) {
        faults.add(path, `needs others beside it: the set has ${show(replicas)}; give replicas 2 or more`);
    } else {
        faults.integer(`${path}.replicas`, count, 1, replicas - 1, "give fewer than replicas");
    }
    if (weight !== undefined && !(typeof weight === "number" && weight >= 1 && weight <= 99)) {
        faults.add(`${path}.weight`, `must be a number from 1 to 99, got ${show(weight)}; give per cent, such as 10`);
    }
    return count;
}
