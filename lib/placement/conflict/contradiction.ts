import type { Requirement } from "./requirements";

/** Services that cannot all be placed, for a reason that is found by counting. */
export interface Contradiction {
    readonly services: readonly number[];
    /** Whether a requirement of one of these services is part of the reason. */
    readonly isPart: (requirement: Requirement) => boolean;
}
