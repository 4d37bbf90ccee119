import type { Packing, Pattern, Rest, Work } from "./types";

/** After so many pivots the inverse is computed anew, since rounding errors add up. */
const FRESH_AFTER = 150;

/** What is smaller is taken for rounding. */
const TINY = 1e-9;

/** A replica that no pattern covers costs so many times the dearest bin. */
const DEAR = 10;

interface Column {
    readonly cost: number;
    readonly rows: readonly number[];
    readonly values: readonly number[];
    /** None for a slack, a surplus or an uncovered item. */
    readonly pattern: Pattern | undefined;
}

/**
 * The linear program over patterns (Gilmore and Gomory 1961): cover each item's demand as cheaply as possible, with no more
 * patterns of a bin than there are bins. Solved by the revised simplex method over the patterns known so far, with an
 * explicit inverse of the basis (Chvátal, Linear Programming, chapters 7 and 13).
 *
 * Its numbers are floating point and only guide the search: a bound is proven from them in whole numbers, see `provenBound`.
 */
export class Master {
    /** What the cover costs, fractions of patterns allowed. */
    value = 0;
    /** For each item what one more of it would cost, not below 0. */
    readonly itemPrices: Float64Array;
    /** For each bin what one less of it would cost, not below 0. */
    readonly binPrices: Float64Array;
    readonly patterns = new Map<string, Pattern>();
    private readonly columns: Column[] = [];
    /** Row to column. */
    private readonly basis: number[] = [];
    private readonly isBasic: boolean[] = [];
    /** Item to row, -1 for an item without demand; bins follow. */
    private readonly rowOf: Int32Array;
    private readonly rows: number;
    private readonly right: Float64Array;
    /** The inverse of the basis, row by row. */
    private inverse: Float64Array;
    /** What the columns of the basis are worth. */
    private amounts: Float64Array;
    private readonly prices: Float64Array;
    private pivots = 0;

    constructor(
        private readonly packing: Packing,
        private readonly rest: Rest,
    ) {
        const { items, bins } = packing;
        this.itemPrices = new Float64Array(items.length);
        this.binPrices = new Float64Array(bins.length);
        this.rowOf = new Int32Array(items.length).fill(-1);
        const right: number[] = [];
        const dear = DEAR * bins.reduce((most, { cost }) => Math.max(most, cost), 1);
        rest.items.forEach((amount, i) => {
            if (amount <= 0) return;
            this.rowOf[i] = right.length;
            this.basis.push(this.columns.length);
            this.columns.push({ cost: dear, rows: [right.length], values: [1], pattern: undefined });
            this.columns.push({ cost: 0, rows: [right.length], values: [-1], pattern: undefined });
            // Demands that differ a little keep the method from turning in circles among equal ones (Charnes 1952).
            right.push(amount + ((i * 7919) % 1009) * 1e-7);
        });
        this.firstBin = right.length;
        rest.bins.forEach((amount, b) => {
            this.basis.push(this.columns.length);
            this.columns.push({ cost: 0, rows: [right.length], values: [1], pattern: undefined });
            right.push(amount + ((b * 104729) % 1009) * 1e-7);
        });
        this.rows = right.length;
        this.right = Float64Array.from(right);
        this.inverse = new Float64Array(this.rows * this.rows);
        this.amounts = new Float64Array(this.rows);
        this.prices = new Float64Array(this.rows);
        for (const column of this.basis) this.isBasic[column] = true;
        this.refresh();
    }
    private readonly firstBin: number;

    /** Takes note of a pattern, or of what is left of it where items need no cover. @returns whether it is new */
    add(pattern: Pattern): boolean {
        const rows: number[] = [];
        const values: number[] = [];
        pattern.items.forEach((item, k) => {
            const row = this.rowOf[item] ?? -1;
            if (row < 0) return;
            rows.push(row);
            values.push(pattern.counts[k] ?? 0);
        });
        if (rows.length === 0) return false;
        const key = `${pattern.bin} ${rows.join()} ${values.join()}`;
        if (this.patterns.has(key)) return false;
        this.patterns.set(key, pattern);
        rows.push(this.firstBin + pattern.bin);
        values.push(1);
        this.columns.push({ cost: this.packing.bins[pattern.bin]?.cost ?? 0, rows, values, pattern });
        return true;
    }

    /** Finds the cheapest cover by the patterns known. */
    solve(work: Work): void {
        while (work.left > 0) {
            const entering = this.cheapestColumn(work);
            if (entering < 0) break;
            if (!this.enter(entering)) break;
            work.left -= this.rows * this.rows;
        }
        this.publish();
    }

    /** The patterns in use, and how often. */
    used(): { readonly pattern: Pattern; readonly times: number }[] {
        return this.basis.flatMap((column, row) => {
            const pattern = this.columns[column]?.pattern;
            const times = this.amounts[row] ?? 0;
            return pattern === undefined || times <= 1e-6 ? [] : [{ pattern, times }];
        });
    }

    /** Whether all items are covered by patterns. */
    get covers(): boolean {
        return this.basis.every((column, row) => {
            const { pattern, cost } = this.columns[column] ?? { pattern: undefined, cost: 0 };
            return pattern !== undefined || cost === 0 || (this.amounts[row] ?? 0) < 1e-4;
        });
    }

    private cheapestColumn(work: Work): number {
        let best = -1;
        let least = -TINY;
        const { columns, prices, isBasic } = this;
        for (let c = 0; c < columns.length; c++) {
            const column = columns[c];
            if (column === undefined || isBasic[c] === true) continue;
            let reduced = column.cost;
            const { rows, values } = column;
            for (let k = 0; k < rows.length; k++) reduced -= (prices[rows[k] ?? 0] ?? 0) * (values[k] ?? 0);
            if (reduced >= least) continue;
            least = reduced;
            best = c;
        }
        work.left -= columns.length * 4;
        return best;
    }

    /** Brings a column into the basis. @returns whether it could be */
    private enter(c: number): boolean {
        const { rows: n, inverse, amounts, prices } = this;
        const column = this.columns[c];
        if (column === undefined) return false;
        const direction = new Float64Array(n);
        for (let r = 0; r < n; r++) {
            let sum = 0;
            for (let k = 0; k < column.rows.length; k++) {
                sum += (inverse[r * n + (column.rows[k] ?? 0)] ?? 0) * (column.values[k] ?? 0);
            }
            direction[r] = sum;
        }
        const leaving = this.leavingRow(direction);
        if (leaving < 0) return false;
        let reduced = column.cost;
        for (let k = 0; k < column.rows.length; k++) {
            reduced -= (prices[column.rows[k] ?? 0] ?? 0) * (column.values[k] ?? 0);
        }
        this.isBasic[this.basis[leaving] ?? -1] = false;
        this.isBasic[c] = true;
        this.basis[leaving] = c;
        if (++this.pivots % FRESH_AFTER === 0) {
            this.refresh();
            return true;
        }
        const pivot = direction[leaving] ?? 1;
        const base = leaving * n;
        const amount = (amounts[leaving] ?? 0) / pivot;
        for (let k = 0; k < n; k++) inverse[base + k] = (inverse[base + k] ?? 0) / pivot;
        for (let r = 0; r < n; r++) {
            const factor = direction[r] ?? 0;
            if (r === leaving || factor === 0) continue;
            amounts[r] = (amounts[r] ?? 0) - factor * amount;
            const from = r * n;
            for (let k = 0; k < n; k++) {
                inverse[from + k] = (inverse[from + k] ?? 0) - factor * (inverse[base + k] ?? 0);
            }
        }
        amounts[leaving] = amount;
        for (let k = 0; k < n; k++) prices[k] = (prices[k] ?? 0) + reduced * (inverse[base + k] ?? 0);
        return true;
    }

    /** The row whose column reaches zero first; among equal ones that with the largest pivot. */
    private leavingRow(direction: Float64Array): number {
        let leaving = -1;
        let least = Number.POSITIVE_INFINITY;
        for (let r = 0; r < this.rows; r++) {
            const step = direction[r] ?? 0;
            if (step <= TINY) continue;
            const ratio = Math.max(0, this.amounts[r] ?? 0) / step;
            if (ratio > least + 1e-12 || (ratio >= least - 1e-12 && step <= (direction[leaving] ?? 0))) continue;
            least = Math.min(least, ratio);
            leaving = r;
        }
        return leaving;
    }

    /** Computes the inverse, the amounts and the prices from the basis alone (Gauss and Jordan). */
    private refresh(): void {
        const n = this.rows;
        const left = new Float64Array(n * n);
        const inverse = new Float64Array(n * n);
        this.basis.forEach((c, position) => {
            const { rows, values } = this.columns[c] ?? { rows: [], values: [] };
            for (const [k, row] of rows.entries()) left[row * n + position] = values[k] ?? 0;
            inverse[position * n + position] = 1;
        });
        invert(left, inverse, n);
        this.inverse = inverse;
        this.prices.fill(0);
        this.amounts = new Float64Array(n);
        for (let r = 0; r < n; r++) {
            const cost = this.columns[this.basis[r] ?? 0]?.cost ?? 0;
            let amount = 0;
            for (let k = 0; k < n; k++) {
                const entry = inverse[r * n + k] ?? 0;
                amount += entry * (this.right[k] ?? 0);
                this.prices[k] = (this.prices[k] ?? 0) + cost * entry;
            }
            this.amounts[r] = amount;
        }
    }

    private publish(): void {
        this.rowOf.forEach((row, item) => {
            this.itemPrices[item] = row < 0 ? 0 : Math.max(0, this.prices[row] ?? 0);
        });
        this.binPrices.forEach((_, bin) => {
            this.binPrices[bin] = Math.max(0, -(this.prices[this.firstBin + bin] ?? 0));
        });
        const worth = this.rest.items.reduce((sum, amount, i) => sum + amount * (this.itemPrices[i] ?? 0), 0);
        this.value = this.rest.bins.reduce((sum, amount, b) => sum - amount * (this.binPrices[b] ?? 0), worth);
    }
}

/** Turns `left` into the identity by row operations, and `right` with it. */
function invert(left: Float64Array, right: Float64Array, n: number): void {
    const at = (m: Float64Array, r: number, c: number): number => m[r * n + c] ?? 0;
    for (let c = 0; c < n; c++) {
        let pivot = c;
        for (let r = c + 1; r < n; r++) if (Math.abs(at(left, r, c)) > Math.abs(at(left, pivot, c))) pivot = r;
        for (const m of [left, right]) {
            if (pivot === c) break;
            for (let k = 0; k < n; k++) {
                const kept = at(m, c, k);
                m[c * n + k] = at(m, pivot, k);
                m[pivot * n + k] = kept;
            }
        }
        const scale = at(left, c, c);
        for (const m of [left, right]) for (let k = 0; k < n; k++) m[c * n + k] = at(m, c, k) / scale;
        for (let r = 0; r < n; r++) {
            const factor = at(left, r, c);
            if (r === c || factor === 0) continue;
            for (const m of [left, right]) {
                for (let k = 0; k < n; k++) m[r * n + k] = at(m, r, k) - factor * at(m, c, k);
            }
        }
    }
}
