import type { Master } from "./Master";
import type { Prepared } from "./prepare";
import { AROUND, price } from "./price";
import type { Cover, Pattern, Work } from "./types";

/**
 * A cover at small cost: fills one bin after the other with what is worth most, for what the bin costs, at the prices of the
 * linear program.
 *
 * @returns undefined when the bins do not do
 */
export function fillUp(packing: Prepared, master: Master, work: Work): Cover | undefined {
    // Something that costs nothing to cover has to be covered all the same.
    const worth = Float64Array.from(master.itemPrices, (of) => Math.round(of * packing.scale) + 1);
    const items = packing.items.map(({ demand }) => demand);
    const bins = packing.bins.map(({ count }) => count);
    const patterns: Pattern[] = [];
    let cost = 0;
    while (items.some((amount) => amount > 0)) {
        const limit = packing.items.map(({ most }, i) => Math.min(most, items[i] ?? 0));
        let best: { readonly pattern: Pattern; readonly rate: number } | undefined;
        for (const [bin, count] of bins.entries()) {
            if (count <= 0) continue;
            const pattern = price(packing, { bin, worth, limit, over: 0, branches: AROUND }, work).patterns.at(-1);
            const sum = pattern?.items.reduce((all, i, k) => all + (worth[i] ?? 0) * (pattern.counts[k] ?? 0), 0) ?? 0;
            const rate = sum / ((packing.bins[bin]?.cost ?? 0) + 1 / packing.scale);
            if (pattern !== undefined && (best === undefined || rate > best.rate)) best = { pattern, rate };
        }
        if (best === undefined) return undefined;
        const { pattern } = best;
        for (const [k, i] of pattern.items.entries()) items[i] = (items[i] ?? 0) - (pattern.counts[k] ?? 0);
        bins[pattern.bin] = (bins[pattern.bin] ?? 0) - 1;
        patterns.push(pattern);
        cost += packing.bins[pattern.bin]?.cost ?? 0;
    }
    return { cost, patterns };
}
