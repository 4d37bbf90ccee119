import type { PlacementAnswer, PlacementHost, PlacementProblem } from "../types";

/** A kind of virtual machine that can be added. */
export interface CapacitySize {
    /** Unique among the sizes. Machines of it are named `<name>-0`, `<name>-1` and so on, where no host has that name. */
    readonly name: string;
    /** What one offers to containers: amount a dimension. @default {} */
    readonly capacity?: Readonly<Record<string, number>>;
    /** What each bears: one size a zone where machines of several zones can be added. @default {} */
    readonly labels?: Readonly<Record<string, string>>;
    /** What one costs: a whole number from 1 to 10^9, in any unit. @default 1 */
    readonly cost?: number;
    /** How many there can be at most. @default as many as there are replicas */
    readonly most?: number;
}

/** What {@link planCapacity} is asked: a placement problem, of which the hosts may be none, and the sizes. */
export interface CapacityProblem extends Omit<PlacementProblem, "hosts"> {
    /** The hosts that are there. @default [] */
    readonly hosts?: readonly PlacementHost[];
    /** At least one. */
    readonly sizes: readonly CapacitySize[];
}

/** What {@link planCapacity} answers. */
export interface CapacityPlan {
    /** How many of each size to add, sorted by its name; those of which none is needed are left out. */
    readonly add: readonly { readonly size: string; readonly count: number }[];
    /** What they cost together. */
    readonly cost: number;
    /** No set of machines for which everything fits costs less, with what runs left where it is if it can be. */
    readonly lowerBound: number;
    /** `cost - lowerBound` */
    readonly gap: number;
    /** Whether everything fits and certainly nothing cheaper would do. */
    readonly proven: boolean;
    /** Where everything runs then. What fits on no machine of any size is unplaced there, with reasons. */
    readonly placement: PlacementAnswer;
}
