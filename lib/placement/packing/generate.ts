import type { Master } from "./Master";
import type { Prepared } from "./prepare";
import { AROUND, price } from "./price";
import { provenBound } from "./provenBound";
import type { Rest, Work } from "./types";

/** How many branches a search for patterns looks at: few around each item first, since mostly something is found at once. */
const BRANCHES = [AROUND, 5000, 3_000_000];

/** Up to so many patterns of a search are taken. */
const TAKEN = 40;

/** A whole number may come out of the linear program as so little more. */
const ROUNDING = 1e-6;

/**
 * Adds to a master program the patterns that make it cheaper (column generation), until it has a bound as good as it can
 * give, or `enough`, or the work is used up.
 *
 * @param stages 3 to prove the bound; 2 when good patterns are wanted and no proof
 * @returns a number that no cover costs less than, 0 when nothing was proven
 */
export function generate(
    packing: Prepared,
    master: Master,
    rest: Rest,
    enough: number,
    stages: 2 | 3,
    work: Work,
): number {
    const limit = packing.items.map(({ most }, i) => Math.min(most, rest.items[i] ?? 0));
    let bound = 0;
    for (let stage = 0; stage < stages && work.left > 0; ) {
        master.solve(work);
        const worth = Float64Array.from(master.itemPrices, (price) => Math.round(price * packing.scale));
        const slack = stage < 2 ? 1 : slackOf(packing, master);
        let added = 0;
        let complete = true;
        const most = packing.bins.map(({ cost }, bin) => {
            if ((rest.bins[bin] ?? 0) <= 0) return 0;
            const over = Math.round((cost * slack + (master.binPrices[bin] ?? 0)) * packing.scale) + worth.length;
            const found = price(packing, { bin, worth, limit, over, nodes: BRANCHES[stage] ?? 0 }, work);
            for (const pattern of found.patterns.slice(-TAKEN)) if (master.add(pattern)) added++;
            complete &&= found.complete;
            return found.most;
        });
        if (complete) bound = Math.max(bound, provenBound(packing, rest, worth, most));
        if (bound >= enough) break;
        if (added > 0) stage = 0;
        else if (complete && slack === 1) break;
        else stage++;
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
