import type { Prepared } from "./prepare";
import type { Rest } from "./types";

/**
 * What every cover costs at least, for any worths of the items: all the worth is in bins, each bin used pays its cost, and
 * holds no more worth than the worthiest pattern. The better of two ways to say so: the excess of what bins hold over what
 * they cost, times the number of bins, is taken from all the worth (Lagrange); or all worths are made smaller until nothing
 * exceeds (Farley 1990). Exact, in BigInt, and rounded up to what a cover can cost.
 *
 * @param worth whole numbers, one an item, in parts of the packing's scale
 * @param most for each kind of bin, what its worthiest pattern is worth at most
 */
export function provenBound(packing: Prepared, rest: Rest, worth: Float64Array, most: readonly number[]): number {
    const scale = BigInt(packing.scale);
    let total = 0n;
    rest.items.forEach((amount, i) => {
        total += BigInt(amount) * BigInt(worth[i] ?? 0);
    });
    let left = total;
    let [largest, of] = [0n, 1n];
    packing.bins.forEach(({ cost }, bin) => {
        const count = BigInt(rest.bins[bin] ?? 0);
        if (count <= 0n) return;
        const held = BigInt(most[bin] ?? 0);
        const paid = BigInt(cost) * scale;
        if (held > paid) left -= count * (held - paid);
        if (held * of > largest * BigInt(cost)) [largest, of] = [held, BigInt(cost)];
    });
    const unit = BigInt(packing.unit);
    const units = (part: bigint, whole: bigint): bigint => {
        const multiple = whole * unit;
        return part <= 0n || multiple <= 0n ? 0n : ((part + multiple - 1n) / multiple) * unit;
    };
    const [lagrange, farley] = [units(left, scale), units(total * of, largest)];
    return Number(lagrange > farley ? lagrange : farley);
}
