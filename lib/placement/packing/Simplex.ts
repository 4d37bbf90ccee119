import type { Work } from "./types";

/** A column of the constraints, its entries that are not zero. */
export interface Column {
    readonly cost: number;
    readonly rows: readonly number[];
    readonly values: readonly number[];
}

/** After so many pivots the inverse is computed anew, since rounding errors add up. */
const FRESH_AFTER = 300;

/** What is smaller is taken for rounding. */
const TINY = 1e-9;

/** So many columns are looked at again before all are. */
const CANDIDATES = 40;

/**
 * A linear program: the least cost of columns, taken not below zero, whose sum is the right side. The revised simplex
 * method with an explicit inverse of the basis (Chvátal, Linear Programming, chapter 7), looking at a few promising
 * columns again before it looks at all (multiple pricing). Columns may be added at any time.
 *
 * Its numbers are floating point: they guide, and prove nothing.
 */
export class Simplex {
    /** Row to price: what one more on the right side would cost. */
    readonly prices: Float64Array;
    private readonly columns: Column[] = [];
    /** Row to column. */
    private readonly basis: number[] = [];
    private readonly isBasic: boolean[] = [];
    /** The inverse of the basis, row by row. */
    private inverse: Float64Array;
    /** How much of the column of each row is taken. */
    private readonly amounts: Float64Array;
    private candidates: number[] = [];
    private pivots = 0;

    /**
     * @param right the right side, not below zero
     * @param costs row to the cost of a first column, with a 1 in this row alone
     */
    constructor(
        private readonly right: Float64Array,
        costs: readonly number[],
    ) {
        const n = right.length;
        this.inverse = new Float64Array(n * n);
        this.amounts = right.slice();
        this.prices = Float64Array.from(costs);
        for (const [row, cost] of costs.entries()) {
            this.basis.push(this.add({ cost, rows: [row], values: [1] }));
            this.isBasic[row] = true;
            this.inverse[row * n + row] = 1;
        }
    }

    /** @returns the column's number */
    add(column: Column): number {
        return this.columns.push(column) - 1;
    }

    /** Goes on towards the least cost by the columns known. */
    solve(pivots: number, work: Work): void {
        const n = this.right.length;
        for (let left = pivots; left > 0 && work.left > 0; left--) {
            const entering = this.entering(work);
            if (entering < 0 || !this.enter(entering)) return;
            work.left -= n * n;
        }
    }

    /** The columns in use, and how much of each. */
    used(): { readonly column: number; readonly amount: number }[] {
        return this.basis.map((column, row) => ({ column, amount: this.amounts[row] ?? 0 }));
    }

    /** By how much a column costs more than the prices of what it holds. */
    reducedCost(c: number): number {
        const column = this.columns[c];
        if (column === undefined) return 0;
        const { cost, rows, values } = column;
        let reduced = cost;
        for (let k = 0; k < rows.length; k++) reduced -= (this.prices[rows[k] ?? 0] ?? 0) * (values[k] ?? 0);
        return reduced;
    }

    /** The column whose cost falls most below its worth; -1 when there is none. */
    private entering(work: Work): number {
        const among = this.best(this.candidates);
        work.left -= this.candidates.length * 4;
        if (among >= 0) return among;
        const promising: { readonly c: number; readonly reduced: number }[] = [];
        for (let c = 0; c < this.columns.length; c++) {
            if (this.isBasic[c] === true) continue;
            const reduced = this.reducedCost(c);
            if (reduced < -TINY) promising.push({ c, reduced });
        }
        work.left -= this.columns.length * 4;
        promising.sort((a, b) => a.reduced - b.reduced || a.c - b.c);
        this.candidates = promising.slice(0, CANDIDATES).map(({ c }) => c);
        return this.candidates[0] ?? -1;
    }

    private best(columns: readonly number[]): number {
        let best = -1;
        let least = -TINY;
        for (const c of columns) {
            const reduced = this.isBasic[c] === true ? 0 : this.reducedCost(c);
            if (reduced >= least) continue;
            least = reduced;
            best = c;
        }
        return best;
    }

    /** Brings a column into the basis. @returns whether it could be */
    private enter(c: number): boolean {
        const { inverse, amounts, prices } = this;
        const n = this.right.length;
        const direction = this.direction(c);
        const leaving = this.leaving(direction);
        if (leaving < 0) return false;
        const reduced = this.reducedCost(c);
        this.isBasic[this.basis[leaving] ?? -1] = false;
        this.isBasic[c] = true;
        this.basis[leaving] = c;
        if (++this.pivots % FRESH_AFTER === 0) {
            this.refresh();
            return true;
        }
        const pivot = direction[leaving] ?? 1;
        const base = leaving * n;
        for (let k = 0; k < n; k++) inverse[base + k] = (inverse[base + k] ?? 0) / pivot;
        const amount = (amounts[leaving] ?? 0) / pivot;
        for (let r = 0; r < n; r++) {
            const factor = direction[r] ?? 0;
            if (r === leaving || factor === 0) continue;
            amounts[r] = (amounts[r] ?? 0) - factor * amount;
            for (let k = 0, at = r * n; k < n; k++, at++) {
                inverse[at] = (inverse[at] ?? 0) - factor * (inverse[base + k] ?? 0);
            }
        }
        amounts[leaving] = amount;
        for (let k = 0; k < n; k++) prices[k] = (prices[k] ?? 0) + reduced * (inverse[base + k] ?? 0);
        return true;
    }

    /** What one of a column takes from the columns of the basis. */
    private direction(c: number): Float64Array {
        const n = this.right.length;
        const { rows, values } = this.columns[c] ?? { rows: [], values: [] };
        const direction = new Float64Array(n);
        for (let r = 0; r < n; r++) {
            let sum = 0;
            for (let k = 0; k < rows.length; k++) sum += (this.inverse[r * n + (rows[k] ?? 0)] ?? 0) * (values[k] ?? 0);
            direction[r] = Math.abs(sum) < 1e-12 ? 0 : sum;
        }
        return direction;
    }

    /** The row whose column reaches zero first; among equal ones that with the largest pivot. */
    private leaving(direction: Float64Array): number {
        let leaving = -1;
        let least = Number.POSITIVE_INFINITY;
        for (let r = 0; r < direction.length; r++) {
            const step = direction[r] ?? 0;
            if (step <= TINY) continue;
            const ratio = Math.max(0, this.amounts[r] ?? 0) / step;
            if (ratio > least + 1e-12 || (ratio >= least - 1e-12 && step <= (direction[leaving] ?? 0))) continue;
            least = Math.min(least, ratio);
            leaving = r;
        }
        return leaving;
    }

    /** Computes the inverse, the amounts and the prices from the basis alone. */
    private refresh(): void {
        const n = this.right.length;
        const matrix = new Float64Array(n * n);
        this.basis.forEach((c, position) => {
            const { rows, values } = this.columns[c] ?? { rows: [], values: [] };
            for (const [k, row] of rows.entries()) matrix[row * n + position] = values[k] ?? 0;
        });
        this.inverse = invert(matrix, n);
        this.prices.fill(0);
        for (let r = 0; r < n; r++) {
            const cost = this.columns[this.basis[r] ?? 0]?.cost ?? 0;
            let amount = 0;
            for (let k = 0; k < n; k++) {
                const entry = this.inverse[r * n + k] ?? 0;
                amount += entry * (this.right[k] ?? 0);
                this.prices[k] = (this.prices[k] ?? 0) + cost * entry;
            }
            this.amounts[r] = amount;
        }
    }
}

/** The inverse of a matrix given row by row, by Gauss and Jordan with the largest pivot of each column. */
function invert(matrix: Float64Array, n: number): Float64Array {
    const inverse = new Float64Array(n * n);
    for (let r = 0; r < n; r++) inverse[r * n + r] = 1;
    for (let c = 0; c < n; c++) {
        let pivot = c;
        for (let r = c + 1; r < n; r++) {
            if (Math.abs(matrix[r * n + c] ?? 0) > Math.abs(matrix[pivot * n + c] ?? 0)) pivot = r;
        }
        const scale = matrix[pivot * n + c] ?? 1;
        for (const m of [matrix, inverse]) {
            const top = m.slice(pivot * n, pivot * n + n);
            m.copyWithin(pivot * n, c * n, c * n + n);
            for (let k = 0; k < n; k++) m[c * n + k] = (top[k] ?? 0) / scale;
        }
        for (let r = 0; r < n; r++) {
            const factor = matrix[r * n + c] ?? 0;
            if (r === c || factor === 0) continue;
            for (const m of [matrix, inverse]) {
                for (let k = 0; k < n; k++) {
                    const entry = m[c * n + k] ?? 0;
                    if (entry !== 0) m[r * n + k] = (m[r * n + k] ?? 0) - factor * entry;
                }
            }
        }
    }
    return inverse;
}
