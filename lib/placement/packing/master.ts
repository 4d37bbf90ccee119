import type { Packing, Pattern } from "./types";

/** After so many pivots the inverse is computed anew: rounding errors add up. */
const FRESH_AFTER = 100;

/** What is smaller is taken for rounding. */
const TINY = 1e-9;

interface Column {
    readonly cost: number;
    readonly rows: readonly number[];
    readonly values: readonly number[];
    readonly pattern: Pattern | undefined;
}

/**
 * The linear program over patterns (Gilmore and Gomory 1961): cover each item's demand with patterns as cheap as
 * possible, no more of each bin's patterns than there are bins. Solved by the revised simplex method over the patterns
 * known so far, with an explicit inverse of the basis (Chvátal, Linear Programming, chapters 7 and 13).
 *
 * Its numbers are floating point and only guide: bounds are proven from them in whole numbers, see `provenBound`.
 */
export class Master {
    private readonly rows: number;
    private readonly columns: Column[] = [];
    private readonly known = new Set<string>();
    /** Row to column. */
    private readonly basis: Int32Array;
    private readonly inBasis: Uint8Array[] = [];
    /** The inverse of the basis, row by row. */
    private inverse: Float64Array;
    /** The values of the columns in the basis. */
    private values: Float64Array;
    /** Row to price: an item's worth, and (not above 0) a bin's scarcity. */
    private prices: Float64Array;
    private pivots = 0;

    constructor(
        private readonly packing: Packing,
        private readonly demand: readonly number[],
        private readonly count: readonly number[],
    ) {
        const { items, bins } = packing;
        this.rows = items.length + bins.length;
        this.basis = new Int32Array(this.rows);
        this.inverse = new Float64Array(this.rows * this.rows);
        this.values = new Float64Array(this.rows);
        this.prices = new Float64Array(this.rows);
        const dear = 10 * bins.reduce((most, { cost }) => Math.max(most, cost), 1);
        for (let i = 0; i < items.length; i++) {
            this.basis[i] = this.columns.length;
            this.columns.push({ cost: dear, rows: [i], values: [1], pattern: undefined });
            this.columns.push({ cost: 0, rows: [i], values: [-1], pattern: undefined });
        }
        for (let b = 0; b < bins.length; b++) {
            this.basis[items.length + b] = this.columns.length;
            this.columns.push({ cost: 0, rows: [items.length + b], values: [1], pattern: undefined });
        }
        this.refresh();
    }

    /** @returns whether the pattern was not known yet */
    add(pattern: Pattern): boolean {
        const key = `${pattern.bin}:${pattern.items.join()}:${pattern.counts.join()}`;
        if (this.known.has(key)) return false;
        this.known.add(key);
        const { bins, items } = this.packing;
        this.columns.push({
            cost: bins[pattern.bin]?.cost ?? 0,
            rows: [...pattern.items, items.length + pattern.bin],
            values: [...pattern.counts, 1],
            pattern,
        });
        return true;
    }
}
