import type { Packing } from "./types";

/** Sizes are seen as parts of a bin's capacity in so many steps. */
export const FINE = 65_536;

/** The dearest bin costs up to so many parts: few enough that what thousands of items are worth together is exact. */
const FINEST = 2 ** 36;

/** A packing with what is computed from it once. */
export interface Prepared extends Packing {
    /**
     * Bin, item and dimension to what the item takes of the bin, in steps of its capacity, rounded down: what exceeds a
     * bin in these exceeds it in truth.
     */
    readonly shapes: readonly (readonly (readonly number[])[])[];
    /** Every cover costs a multiple of this. */
    readonly unit: number;
    /** Worths are whole multiples of a part of 1 of cost: so many parts are 1. */
    readonly scale: number;
}

export function prepare(packing: Packing): Prepared {
    const shapes = packing.bins.map(({ capacity }) =>
        packing.items.map(({ size }) => size.map((amount, d) => shape(amount, capacity[d] ?? 0))),
    );
    const unit = packing.bins.reduce((divisor, { cost }) => gcd(divisor, cost), 0) || 1;
    const dearest = packing.bins.reduce((most, { cost }) => Math.max(most, cost), 1);
    let scale = 1;
    while (scale * 2 * dearest <= FINEST) scale *= 2;
    return { ...packing, shapes, unit, scale };
}

/** In BigInt, as the product leaves the exact range of a number. */
function shape(amount: number, whole: number): number {
    if (whole === 0) return amount > 0 ? FINE + 1 : 0;
    return Number((BigInt(amount) * BigInt(FINE)) / BigInt(whole));
}

function gcd(a: number, b: number): number {
    return b === 0 ? a : gcd(b, a % b);
}
