/**
 * The problem and the answer of {@link place}, as plain JSON. Amounts are whole numbers from 0 to 2^53 - 1 in whatever
 * unit the caller likes (millicores, MiB, ports), the same unit on hosts and services.
 */

/**
 * What the placement strives for among all that keep the requirements; see {@link PlacementObjective} for the figures.
 */
export type PlacementGoal = "spread" | "binpack" | "balance" | "fewest-hosts";

/**
 * How long to look: `fast` suits every preview, `good` and `prove` search longer. Budgets are iterations, never time.
 */
export type PlacementEffort = "fast" | "good" | "prove";

/**
 * A machine that takes replicas. Further fields (an address, a user) are ignored, so that a Docker host can be given.
 */
export interface PlacementHost {
    /** Unique among the hosts. */
    readonly name: string;
    /**
     * Amount a dimension. A dimension that is not named here is not offered: nothing that demands it fits. @default {}
     */
    readonly capacity?: Readonly<Record<string, number>>;
    /** Where and what the host is. The label `host` is implied, its value the host's name. @default {} */
    readonly labels?: Readonly<Record<string, string>>;
}

/** Services that keep away from each other. The rule works in both directions, whichever service states it. */
export interface PlacementAntiAffinity {
    /** Services of which no replica shares a domain with this one's; its own name keeps its replicas apart. */
    readonly with: readonly string[];
    /** The domain: `host` or a label. A host without that label is not used. @default "host" */
    readonly over?: string;
}

/** A number of equal replicas, named `<service>-0`, `<service>-1` and so on. */
export interface PlacementService {
    /** Unique among the services. */
    readonly name: string;
    /** How many, 0 or more. */
    readonly replicas: number;
    /** Amount a dimension that one replica takes. A dimension that no host offers is an error. @default {} */
    readonly demand?: Readonly<Record<string, number>>;
    /** For each label the values that are good; a host must have one of them for every label. @default {} */
    readonly require?: Readonly<Record<string, readonly string[]>>;
    /** Services to keep away from. @default none */
    readonly antiAffinity?: PlacementAntiAffinity;
    /** Services of which each must have a replica on the same host. Circles are an error. @default [] */
    readonly affinity?: readonly string[];
    /** `host` or a label over whose values the replicas are spread evenly. A host without that label is not used. */
    readonly spreadOver?: string;
    /**
     * The largest difference of replicas between any two values of `spreadOver` that a usable host bears. A replica
     * that runs already is not moved for it: adding a zone moves nothing. @default 1 with `spreadOver`, else not
     * allowed
     */
    readonly maxSkew?: number;
}

/** What {@link place} is asked. */
export interface PlacementProblem {
    /** At least one. */
    readonly hosts: readonly PlacementHost[];
    readonly services: readonly PlacementService[];
    /** @default "spread" */
    readonly objective?: PlacementGoal;
    /** @default "fast" */
    readonly effort?: PlacementEffort;
    /**
     * Replica to host, as it runs now. What still fits there stays. Replicas and hosts that are no more may be named.
     */
    readonly previous?: Readonly<Record<string, string>>;
}

/** A replica without a host. */
export interface PlacementUnplaced {
    readonly replica: string;
    /** For every host why it cannot take the replica: `memory: needs 128, 64 left`. */
    readonly reasons: Readonly<Record<string, string>>;
}

/**
 * How good the placement is; less is better. The figures are about the replicas that were placed:
 *
 * - `spread`: pairs of replicas of one service that share a host. 0 when no two of a service do.
 * - `balance`: the largest share of any host's capacity, in any dimension, that is taken; in millionths, rounded up.
 * - `fewest-hosts`: hosts that run a replica.
 * - `binpack`: the capacity of the hosts that run a replica, as a share of all hosts' capacity, in millionths, averaged
 *   over the dimensions. With equal hosts the same as `fewest-hosts`; otherwise it prefers the small ones.
 */
export interface PlacementObjective {
    readonly value: number;
    /** No placement of these replicas, from nothing and without `previous`, has a smaller value. */
    readonly lowerBound: number;
    /** `value - lowerBound`: the most that rebalancing could win. */
    readonly gap: number;
    /** Whether the placement is complete and certainly the best: no replica is unplaced, and the gap is 0. */
    readonly proven: boolean;
}

/** What {@link place} answers: the same bytes as JSON for the same problem in any order. */
export interface PlacementAnswer {
    /** Replica to host, keys sorted by code unit. */
    readonly assignment: Readonly<Record<string, string>>;
    readonly unplaced: readonly PlacementUnplaced[];
    readonly objective: PlacementObjective;
    /** How many replicas of `previous` are on another host now. */
    readonly moves: number;
}
