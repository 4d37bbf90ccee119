import { eigenvalues, leadingVector, WHOLE_UP_TO } from "./lanczos";
import { sumBounds } from "./moments";
import { eachEntry, gram, rowSums, type Sparse, transposed } from "./sparse";
import { counted, figure, percent, tidy, tidyBounds } from "./tidy";
import type { Bounds, DomainSpectrum } from "./types";

/** How many of the leading singular values are shown where not all are known. */
const SHOWN = 20;

/** Steps that settle the leading vector far beyond what is shown of it. */
const LEADING_STEPS = 60;

/**
 * Mixing and diversity of a service x domain matrix of counts; services and domains without a replica count for nothing.
 *
 * @param cells the connected parts of the matrix: as many normalised singular values are 1
 * @param label what a domain is, for the sentence
 */
export function spectrumOf(matrix: Sparse, cells: number, label: string): DomainSpectrum | undefined {
    const small = smallerSide(matrix);
    if (small.rows === 0) return undefined;
    const { values, exact, error } = normalisedValues(small, cells);
    const effectiveDomains = tidyBounds(effective(small));
    const mixing = tidy(1 - (values[1] ?? 0));
    return {
        normalised: values.map(tidy),
        exact,
        error: tidy(error),
        mixing,
        effectiveDomains,
        sentence: sentence(cells, mixing, effectiveDomains, label),
    };
}

/** The singular values of rows and columns scaled by the roots of their sums. */
function normalisedValues(small: Sparse, cells: number): { values: number[]; exact: boolean; error: number } {
    const scaled = normalised(small);
    if (small.rows <= WHOLE_UP_TO) return { values: roots(eigenvalues(gram(scaled)).values), exact: true, error: 0 };
    const ones = new Array<number>(cells).fill(1);
    if (cells > 1) return { values: ones.slice(0, SHOWN), exact: false, error: 0 };
    // The vector of the value 1 is known: the roots of the sums. Without it the largest left is the second.
    const total = rowSums(small).reduce((sum, value) => sum + value, 0);
    const first = rowSums(small).map((value) => Math.sqrt(value / total));
    const rest = eigenvalues(gram(scaled), { without: [first] });
    return {
        values: [...ones, ...roots(rest.values).slice(0, SHOWN - 1)],
        exact: false,
        error: Math.max(...rest.errors.slice(0, SHOWN - 1)),
    };
}

/**
 * e to the entropy of the squares of the singular values as shares of their sum. Where they are too many the entropy is
 * bounded by what is known exactly: their number, their sum (the squared Frobenius norm of the matrix), their squares' sum
 * (that of its Gram matrix), and the largest row sum of the Gram matrix, which none exceeds.
 */
function effective(small: Sparse): Bounds {
    const entropy = (share: number): number => (share > 0 ? -share * Math.log(share) : 0);
    if (small.rows <= WHOLE_UP_TO) {
        const powers = roots(eigenvalues(gram(small)).values).map((value) => value * value);
        const total = powers.reduce((sum, power) => sum + power, 0);
        const number = Math.exp(powers.reduce((sum, power) => sum + entropy(power / total), 0));
        return { low: number, high: number };
    }
    let total = 0;
    eachEntry(small, (_row, _column, value) => {
        total += value * value;
    });
    const { squares, most } = gramFigures(small);
    const { low, high } = sumBounds(entropy, {
        count: small.rows,
        sum: 1,
        squares: squares / total / total,
        least: 0,
        most: Math.min(1, most / total),
    });
    return { low: Math.exp(low), high: Math.min(small.rows, Math.exp(high)) };
}

/** The sum of the squares of AA', and its largest row sum, a row at a time. */
function gramFigures(matrix: Sparse): { squares: number; most: number } {
    const other = transposed(matrix);
    const row = new Float64Array(matrix.rows);
    let [squares, most] = [0, 0];
    for (let i = 0; i < matrix.rows; i++) {
        row.fill(0);
        for (let e = matrix.start[i] as number; e < (matrix.start[i + 1] as number); e++) {
            const column = matrix.index[e] as number;
            for (let f = other.start[column] as number; f < (other.start[column + 1] as number); f++) {
                const j = other.index[f] as number;
                row[j] = (row[j] as number) + (matrix.value[e] as number) * (other.value[f] as number);
            }
        }
        let sum = 0;
        for (const x of row) {
            squares += x * x;
            sum += x;
        }
        most = Math.max(most, sum);
    }
    return { squares, most };
}

/**
 * The domains' weights in the leading eigenvector of B'B: high where replicas of the same services pile up. Lanczos from
 * equal weights, which are not orthogonal to the answer, since that has no negative entry (Perron, Frobenius).
 *
 * @returns a weight a column, their sum 1; all 0 for a matrix of zeros
 */
export function concentration(matrix: Sparse): number[] {
    const columns = matrix.columns;
    const start = new Float64Array(columns).fill(1);
    const vector = leadingVector(gram(transposed(matrix)), { start, steps: LEADING_STEPS, restart: false });
    const total = vector.reduce((sum, weight) => sum + weight, 0);
    return [...vector].map((weight) => (matrix.value.length === 0 ? 0 : tidy(weight / total)));
}

/** Each entry divided by the roots of the sums of its row and of its column. */
export function normalised(matrix: Sparse): Sparse {
    const inRows = rowSums(matrix);
    const inColumns = rowSums(transposed(matrix));
    const value = new Float64Array(matrix.value.length);
    let e = 0;
    eachEntry(matrix, (i, j, entry) => {
        value[e++] = entry / Math.sqrt((inRows[i] ?? 1) * (inColumns[j] ?? 1));
    });
    return { ...matrix, value };
}

/** Without rows and columns of zeros, and on its side if that has fewer rows. */
function smallerSide(matrix: Sparse): Sparse {
    const used = withoutEmptyRows(transposed(withoutEmptyRows(matrix)));
    return used.rows <= used.columns ? used : transposed(used);
}

function withoutEmptyRows({ columns, start, index, value }: Sparse): Sparse {
    // A row without entries begins where the next one does.
    const begin = start.filter((from, i) => from !== start[i + 1]);
    return { rows: begin.length - 1, columns, start: begin, index, value };
}

/** Singular values from the eigenvalues of the Gram matrix, the largest first. */
export function roots(values: readonly number[]): number[] {
    // What rounding leaves of a 0 would become visible under the root.
    const least = (values[0] ?? 0) * Math.max(values.length, 10) * Number.EPSILON;
    return values.map((value) => (value > least ? Math.sqrt(value) : 0));
}

function sentence(cells: number, mixing: number, effectiveDomains: Bounds, label: string): string {
    const diverse = `as diverse as ${figure(effectiveDomains)} independent ${label}s`;
    if (cells > 1) return `${counted(cells, "group")} of ${label}s share no service; ${diverse}`;
    return `mixing ${percent(mixing)} (0 % isolated groups, 100 % every service everywhere); ${diverse}`;
}
