import type { Master } from "./Master";
import type { Prepared } from "./prepare";
import { AROUND, price } from "./price";
import { provenBound } from "./provenBound";
import type { Rest, Work } from "./types";

/**
 * Stages of the search for patterns, each of which is entered when the one before finds nothing: after how many pivots the
 * linear program is asked for prices, and how many branches are looked at. New patterns say more than the last pivots do,
 * and mostly something is found at once, around some item. The last stage proves.
 */
const STAGES = [
    { pivots: 40, branches: AROUND },
    { pivots: Number.POSITIVE_INFINITY, branches: AROUND },
    { pivots: Number.POSITIVE_INFINITY, branches: 5000 },
    { pivots: Number.POSITIVE_INFINITY, branches: 3_000_000 },
];

/** Up to so many patterns of a search are taken. */
const TAKEN = 40;

/** A whole number may come out of the linear program as so little more. */
const ROUNDING = 1e-6;

/**
 * Adds to a master program the patterns that make it cheaper (column generation), until it has a bound as good as it can
 * give, or `enough`, or the work is used up.
 *
 * @param proof whether a bound is wanted; if not, good patterns are
 * @returns a number that no cover costs less than, 0 when nothing was proven
 */
export function generate(
    packing: Prepared,
    master: Master,
    rest: Rest,
    enough: number,
    proof: boolean,
    work: Work,
): number {
    const limit = packing.items.map(({ most }, i) => Math.min(most, rest.items[i] ?? 0));
    const first = proof ? 0 : 1;
    const last = proof ? 3 : 2;
    let bound = 0;
    for (let stage = first; stage <= last && work.left > 0; ) {
        const { pivots, branches } = STAGES[stage] ?? { pivots: 0, branches: 0 };
        master.solve(pivots, work);
        const worth = Float64Array.from(master.itemPrices, (price) => Math.round(price * packing.scale));
        const slack = stage === 3 ? slackOf(packing, master) : 1;
        let added = 0;
        let complete = true;
        const most = packing.bins.map(({ cost }, bin) => {
            if ((rest.bins[bin] ?? 0) <= 0) return 0;
            // What rounding adds to a worth is no reason to look at a pattern.
            const over = Math.round((cost * slack + (master.binPrices[bin] ?? 0)) * packing.scale) + worth.length;
            const found = price(packing, { bin, worth, limit, over, branches }, work);
            for (const pattern of found.patterns.slice(-TAKEN)) if (master.add(pattern)) added++;
            complete &&= found.complete;
            return found.most;
        });
        if (complete) bound = Math.max(bound, provenBound(packing, rest, worth, most));
        if (bound >= enough || (added === 0 && complete && slack === 1)) break;
        stage = added > 0 ? first : stage + 1;
    }
    return bound;
}

/**
 * By how much patterns may be worth more than they cost without disproving the bound that the program seems to have: the
 * next multiple of the unit. To look for no others is much less work.
 */
function slackOf({ unit }: Prepared, { value, binPrices }: Master): number {
    // Where bins are scarce the bound is a difference, which no common factor leaves as it is.
    if (binPrices.some((price) => price > 0)) return 1;
    const below = (Math.ceil(value / unit - ROUNDING) - 1) * unit;
    return below > 0 ? Math.max(1, value / below - ROUNDING) : 1;
}
