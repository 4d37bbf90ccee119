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
    /** Host ports from 1 to 65535 that something else has taken. Every other port is there once. @default [] */
    readonly portsInUse?: readonly number[];
}

/** Services that keep away from each other. The rule works in both directions, whichever service states it. */
export interface PlacementAntiAffinity {
    /** Services of which no replica shares a domain with this one's; its own name keeps its replicas apart. */
    readonly with: readonly string[];
    /** The domain: `host` or a label. A host without that label is not used. @default "host" */
    readonly over?: string;
}

/** Services that want to be together. */
export interface PlacementAffinity {
    /** Services of which each must have a replica in the same domain. Circles are an error. */
    readonly with: readonly string[];
    /** The domain: `host` or a label. A host without that label is not used. @default "host" */
    readonly over?: string;
}

/** A number of equal replicas, named `<service>-0`, `<service>-1` and so on, or with endings of their own. */
export interface PlacementService {
    /** Unique among the services. */
    readonly name: string;
    /** How many, 0 or more. */
    readonly replicas: number;
    /**
     * What the replicas are called behind `<service>-`, as many names as there are replicas. A name with which a replica would
     * be called like one of another service is an error. @default 0, 1 and so on
     */
    readonly names?: readonly string[];
    /**
     * Replica to the host that it must run on: `{ "web-0": "vm1" }`. A replica or host that is not there, or a host without
     * what `require` asks for, is an error. It goes there even from where it runs. @default {}
     */
    readonly pin?: Readonly<Record<string, string>>;
    /** Amount a dimension that one replica takes. A dimension that no host offers is an error. @default {} */
    readonly demand?: Readonly<Record<string, number>>;
    /** For each label the values that are good; a host must have one of them for every label. @default {} */
    readonly require?: Readonly<Record<string, readonly string[]>>;
    /**
     * For each label the values that are better. As many replicas as possible are on hosts that have one of them for every
     * label; only then the objective counts. @default {}
     */
    readonly prefer?: Readonly<Record<string, readonly string[]>>;
    /** Host ports from 1 to 65535 that a replica takes. Each is there once a host. @default [] */
    readonly ports?: readonly number[];
    /** Services to keep away from: one rule, or several. @default none */
    readonly antiAffinity?: PlacementAntiAffinity | readonly PlacementAntiAffinity[];
    /** Services to be with, one rule or several; a list of names means the same host. @default [] */
    readonly affinity?: readonly string[] | PlacementAffinity | readonly PlacementAffinity[];
    /** `host` or a label over whose values the replicas are spread evenly. A host without that label is not used. */
    readonly spreadOver?: string;
    /**
     * The largest difference of replicas between any two values of `spreadOver` that a usable host bears. A replica
     * that runs already is not moved for it: adding a zone moves nothing. @default 1 with `spreadOver`, else not
     * allowed
     */
    readonly maxSkew?: number;
    /** How many replicas must be left to serve. `analyse` reads it, `place` has no use for it. @default 1 */
    readonly needs?: number;
    /** Services that this one cannot serve without. `analyse` reads it, `place` has no use for it. @default [] */
    readonly dependsOn?: readonly string[];
}

/** How many replicas that could stay where they are may be moved, and what for. */
export interface PlacementMoveBudget {
    /** To make room for replicas that ran before and cannot stay: their host is lost, or too small now. @default all */
    readonly restore?: number;
    /** To make room for replicas that did not run before. @default 0 */
    readonly add?: number;
    /** To better the objective and the preferences. @default 0 */
    readonly improve?: number;
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
    /** What may be moved. @default no more than is needed to place again what has lost its place */
    readonly move?: PlacementMoveBudget;
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

/** Replicas that are not on a host that they prefer. */
export interface PlacementPreferences {
    readonly missed: number;
    /** No placement of these replicas, from nothing and without `previous`, misses fewer. */
    readonly lowerBound: number;
}

/** Why a replica is where it is. */
export interface PlacementExplanation {
    /** Left out for a replica that fits nowhere. */
    readonly host?: string;
    /** `ran there before and stays (least movement)`; `is pinned there`; `the only host that fits`. */
    readonly why: string;
    /** For every other host why not: `memory: needs 128, 64 left`; `would work; stays where it is (least movement)`. */
    readonly elsewhere: Readonly<Record<string, string>>;
}

/** A replica of `previous` that is on another host now. */
export interface PlacementMove {
    readonly replica: string;
    /** The host's name; it may be none of the problem's any more. */
    readonly from: string;
    readonly to: string;
    /** `vm3 is gone`; `memory: needs 512, 256 left`; `makes room for db-0`; `betters the objective`; `is pinned there`. */
    readonly why: string;
}

/**
 * Requirements that cannot be kept together. Each is needed for the contradiction, but where the budget ended before that was
 * shown of all; then `smallest` is false.
 */
export interface PlacementConflict {
    readonly requirements: readonly PlacementRequirement[];
    /**
     * Whether no smaller set of requirements is in conflict; false when that is not known: the search for one ended at its
     * budget, or the problem is too large for it.
     */
    readonly smallest: boolean;
}

/** One requirement of a problem. */
export interface PlacementRequirement {
    /** Where it is stated, by name: `services.web.antiAffinity`, `services.db.demand.memory`. */
    readonly path: string;
    /** The same for people: `each replica of web on a host of its own`. */
    readonly says: string;
}

/** What {@link place} answers: the same bytes as JSON for the same problem in any order. */
export interface PlacementAnswer {
    /** Replica to host, keys sorted by code unit. */
    readonly assignment: Readonly<Record<string, string>>;
    readonly unplaced: readonly PlacementUnplaced[];
    readonly objective: PlacementObjective;
    /** Left out where no service prefers anything. */
    readonly preferences?: PlacementPreferences;
    /** How many replicas of `previous` are on another host now. */
    readonly moves: number;
    /** The same one by one, sorted by the replica's name by code unit. */
    readonly moved: readonly PlacementMove[];
    /** No placement of these replicas moves fewer, whatever else it does. Equal to `moves`: proven to be the least. */
    readonly fewestMoves: number;
    /** Why not everything can be placed; left out when it can, or when neither counting nor search found a reason. */
    readonly conflict?: PlacementConflict;
}
