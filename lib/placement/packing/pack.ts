import { dive } from "./dive";
import { fillUp } from "./fillUp";
import { generate } from "./generate";
import { Master } from "./Master";
import { type Prepared, prepare } from "./prepare";
import type { Cover, Packing, Pattern, Work } from "./types";

/** What {@link pack} found. */
export interface Packed {
    /** No cover costs less. */
    readonly bound: number;
    /** The cheapest cover found, if it costs less than what was known. */
    readonly cover: Cover | undefined;
}

/** What is wanted of a cover. */
export interface Wanted {
    /** It costs less than this: than one that is known already, or than all bins and 1. */
    readonly below: number;
    /** At this cost it is good enough: a bound that is known already, 0 without. */
    readonly enough: number;
}

/**
 * Packs items into bins as cheaply as it can, and proves how cheap it can be: column generation for a bound, then dives for a
 * cover. Where any cover does, nothing is proven.
 *
 * @param known patterns that are known to be good; any or none
 * @param work what may be spent; up to half of it for the bound
 */
export function pack(packing: Packing, known: readonly Pattern[], { below, enough }: Wanted, work: Work): Packed {
    const prepared = prepare(packing);
    const isAny = enough >= below - prepared.unit;
    const half = { left: work.left / 2 };
    work.left -= half.left;
    const { master, bound } = relax(prepared, known, below, !isAny, half);
    work.left += half.left;
    if (bound >= below || work.left <= 0) return { bound, cover: undefined };
    const filled = fillUp(prepared, master, work);
    const quick = filled !== undefined && filled.cost < below ? filled : undefined;
    const patterns = [...master.promising(Number.POSITIVE_INFINITY), ...(quick?.patterns ?? [])];
    const cover = dive(prepared, patterns, quick?.cost ?? below, Math.max(bound, enough), work);
    return { bound, cover: cover ?? quick };
}

/** What every cover costs at least; it stops looking at `enough`. */
export function boundOf(packing: Packing, known: readonly Pattern[], enough: number, work: Work): number {
    return relax(prepare(packing), known, enough, true, work).bound;
}

function relax(
    packing: Prepared,
    known: readonly Pattern[],
    enough: number,
    proof: boolean,
    work: Work,
): { readonly master: Master; readonly bound: number } {
    const rest = { items: packing.items.map(({ demand }) => demand), bins: packing.bins.map(({ count }) => count) };
    const master = new Master(packing, rest);
    for (const pattern of known) master.add(pattern);
    return { master, bound: generate(packing, master, rest, enough, proof, work) };
}
