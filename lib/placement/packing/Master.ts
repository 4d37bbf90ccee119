import { Simplex } from "./Simplex";
import type { Packing, Pattern, Rest, Work } from "./types";

/** An item that no pattern covers costs so many times the dearest bin. */
const DEAR = 10;

/** Right sides differ by whole multiples of this from what they should be. */
const NUDGE = 1e-7;

/**
 * The linear program over patterns (Gilmore and Gomory 1961): cover each item's demand as cheaply as possible, with no more
 * patterns of a kind of bin than there are bins. It knows the patterns that it has been told; see `generate` for the rest.
 */
export class Master {
    /** What the cover costs, fractions of patterns allowed. */
    value = 0;
    /** For each item what one more of it would cost, not below 0. */
    readonly itemPrices: Float64Array;
    /** For each bin what one less of it would cost, not below 0. */
    readonly binPrices: Float64Array;
    private readonly simplex: Simplex;
    /** Item to row, -1 for an item without demand; the bins' rows follow. */
    private readonly rowOf: Int32Array;
    private readonly firstBin: number;
    /** What an item costs that no pattern covers, and so the most that one is worth. */
    private readonly dear: number;
    private readonly patterns = new Map<number, Pattern>();
    private readonly known = new Set<string>();

    constructor(
        private readonly packing: Packing,
        private readonly rest: Rest,
    ) {
        this.itemPrices = new Float64Array(rest.items.length);
        this.binPrices = new Float64Array(rest.bins.length);
        this.rowOf = new Int32Array(rest.items.length).fill(-1);
        const right: number[] = [];
        this.dear = DEAR * packing.bins.reduce((most, { cost }) => Math.max(most, cost), 1);
        // Right sides that differ a little keep the method from turning in circles among equal ones (Charnes 1952).
        rest.items.forEach((amount, i) => {
            if (amount > 0) this.rowOf[i] = right.push(amount + ((i * 7919) % 1009) * NUDGE) - 1;
        });
        this.firstBin = right.length;
        rest.bins.forEach((amount, b) => void right.push(amount + ((b * 104_729) % 1009) * NUDGE));
        this.simplex = new Simplex(
            Float64Array.from(right),
            right.map((_, row) => (row < this.firstBin ? this.dear : 0)),
        );
        for (let row = 0; row < this.firstBin; row++) this.simplex.add({ cost: 0, rows: [row], values: [-1] });
    }

    /** Takes note of a pattern, or of what is left of it where items need no cover. @returns whether it is new */
    add(pattern: Pattern): boolean {
        const rows: number[] = [];
        const values: number[] = [];
        for (const [k, item] of pattern.items.entries()) {
            const row = this.rowOf[item] ?? -1;
            if (row < 0) continue;
            rows.push(row);
            values.push(pattern.counts[k] ?? 0);
        }
        if (rows.length === 0) return false;
        rows.push(this.firstBin + pattern.bin);
        values.push(1);
        const key = `${rows.join()} ${values.join()}`;
        if (this.known.has(key)) return false;
        this.known.add(key);
        this.patterns.set(this.simplex.add({ cost: this.packing.bins[pattern.bin]?.cost ?? 0, rows, values }), pattern);
        return true;
    }

    /** Goes on towards the cheapest cover by the patterns known. */
    solve(pivots: number, work: Work): void {
        this.simplex.solve(pivots, work);
        const { prices } = this.simplex;
        this.rowOf.forEach((row, i) => {
            this.itemPrices[i] = row < 0 ? 0 : within(prices[row] ?? 0, this.dear);
        });
        this.binPrices.forEach((_, b) => {
            this.binPrices[b] = within(-(prices[this.firstBin + b] ?? 0), Number.MAX_SAFE_INTEGER);
        });
        const worth = this.rest.items.reduce((sum, amount, i) => sum + amount * (this.itemPrices[i] ?? 0), 0);
        this.value = this.rest.bins.reduce((sum, amount, b) => sum - amount * (this.binPrices[b] ?? 0), worth);
    }

    /** The patterns in use, and how often, the most first. */
    used(): { readonly pattern: Pattern; readonly times: number }[] {
        const used = this.simplex.used().flatMap(({ column, amount }) => {
            const pattern = this.patterns.get(column);
            return pattern === undefined || amount < 1e-6 ? [] : [{ pattern, times: amount, column }];
        });
        return used.sort((a, b) => b.times - a.times || a.column - b.column);
    }

    /** The patterns that are in use or nearest to it. */
    promising(most: number): Pattern[] {
        const rated = [...this.patterns].map(([c, pattern]) => ({ c, pattern, reduced: this.simplex.reducedCost(c) }));
        rated.sort((a, b) => a.reduced - b.reduced || a.c - b.c);
        return rated.slice(0, most).map(({ pattern }) => pattern);
    }
}

/** A price that rounding has not made senseless. */
function within(price: number, most: number): number {
    return price > 0 ? Math.min(price, most) : 0;
}
