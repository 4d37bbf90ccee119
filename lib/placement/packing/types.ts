/**
 * Packing in the plain: items of some kinds into bins of some kinds, as cheap as possible. What a placement asks beside
 * that (labels over several hosts, skew) is no part of it: a packing relaxes it, so that its bound holds all the same.
 */
export interface Packing {
    readonly bins: readonly BinKind[];
    readonly items: readonly ItemKind[];
    /** For each kind of item the other kinds that share no bin with it; symmetric. */
    readonly conflicts: readonly (readonly number[])[];
}

/** Equal bins. */
export interface BinKind {
    /** Amount a dimension. */
    readonly capacity: readonly number[];
    /** What a bin costs as soon as it is used: a whole number, 0 for one that is paid for already. */
    readonly cost: number;
    /** How many there are. */
    readonly count: number;
}

/** Equal items. */
export interface ItemKind {
    /** Amount a dimension. */
    readonly size: readonly number[];
    /** How many there are. */
    readonly demand: number;
    /** How many of them one bin may hold. */
    readonly most: number;
    /** For each kind of bin whether it may hold them. */
    readonly allowed: readonly boolean[];
}

/** One way to fill a bin. */
export interface Pattern {
    readonly bin: number;
    /** Kinds of items, ascending. */
    readonly items: readonly number[];
    /** How many of each. */
    readonly counts: readonly number[];
}

/** A cover of all items by whole patterns. */
export interface Cover {
    readonly cost: number;
    readonly patterns: readonly Pattern[];
}

/**
 * What is left to pack and to pack it into, as a search goes on: how many of each kind of item, and of each kind of bin.
 */
export interface Rest {
    readonly items: readonly number[];
    readonly bins: readonly number[];
}

/**
 * What a search may still spend, in steps of some nanoseconds: counted, not timed, so that answers are the same
 * everywhere.
 */
export interface Work {
    left: number;
}
