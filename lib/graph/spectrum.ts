import type { DomainSpectrum } from "./types";

/** A matrix with at least one column, row by row. */
export type Matrix = readonly (readonly number[])[];

/** Dense decomposition costs the third power of the smaller side: a quarter of a second at this size. */
const LARGEST_SIDE = 200;

/** Turning two axes of a symmetric matrix until it is diagonal converges in some 10 rounds; this is never reached. */
const MOST_ROUNDS = 60;

/** Mixing and diversity of a service x domain matrix of counts, rows and columns of zeros left out. */
export function spectrumOf(matrix: Matrix): DomainSpectrum | undefined {
    const used = withoutZeros(transposed(withoutZeros(matrix)));
    const [first] = used;
    if (first === undefined || Math.min(used.length, first.length) > LARGEST_SIDE) return undefined;
    const rows = used.map((row) => Math.sqrt(sum(row)));
    const columns = transposed(used).map((column) => Math.sqrt(sum(column)));
    const normalised = singularValues(
        used.map((row, i) => row.map((x, j) => x / ((rows[i] ?? 1) * (columns[j] ?? 1)))),
    );
    const powers = singularValues(used).map((value) => value * value);
    const total = sum(powers);
    const entropy = -sum(powers.filter((power) => power > 0).map((power) => (power / total) * Math.log(power / total)));
    return {
        normalised: normalised.map(tidy),
        mixing: tidy(1 - (normalised[1] ?? 0)),
        effectiveDomains: tidy(Math.exp(entropy)),
    };
}

/**
 * The domains' weights in the leading eigenvector of B'B: high where replicas of the same services pile up. By the
 * power method from equal weights, which are not orthogonal to the answer, since that has no negative entry (Perron,
 * Frobenius).
 *
 * @returns a weight a column, their sum 1; all 0 for a matrix of zeros
 */
export function concentration(matrix: Matrix): number[] {
    const columns = matrix[0]?.length ?? 0;
    // Rows hold few services' replicas on few of many domains: only what is there is multiplied.
    const rows = matrix.map((row) => [...row.entries()].filter(([, count]) => count > 0));
    let vector = new Array<number>(columns).fill(1);
    for (let round = 0; round < 200; round++) {
        const next = new Array<number>(columns).fill(0);
        for (const row of rows) {
            const image = row.reduce((total, [j, count]) => total + count * (vector[j] ?? 0), 0);
            for (const [j, count] of row) next[j] = (next[j] ?? 0) + count * image;
        }
        const total = sum(next);
        if (total === 0) return next;
        vector = next.map((value) => value / total);
    }
    return vector.map(tidy);
}

/** The singular values, the largest first: the roots of the eigenvalues of the smaller of AA' and A'A. */
export function singularValues(matrix: Matrix): number[] {
    const other = transposed(matrix);
    const small = matrix.length <= other.length ? matrix : other;
    const gram = small.map((a) => small.map((b) => a.reduce((total, x, k) => total + x * (b[k] ?? 0), 0)));
    const values = eigenvalues(gram);
    // What rounding leaves of a 0 would become visible under the root.
    const least = (values[0] ?? 0) * small.length * Number.EPSILON;
    return values.map((value) => (value > least ? Math.sqrt(value) : 0));
}

/**
 * The eigenvalues of a symmetric matrix, the largest first, by cyclic Jacobi rotations (Golub and Van Loan, Matrix
 * Computations, 8.5): each rotation makes one entry beside the diagonal zero, and their sum of squares only shrinks.
 */
export function eigenvalues(symmetric: Matrix): number[] {
    const a = symmetric.map((row) => Float64Array.from(row));
    const n = a.length;
    const scale = Math.max(...a.map((row) => row.reduce((most, x) => Math.max(most, Math.abs(x)), 0)), 0);
    for (let round = 0, rest = Number.POSITIVE_INFINITY; rest > 0 && round < MOST_ROUNDS; round++) {
        rest = 0;
        for (let p = 0; p < n; p++) {
            for (let q = p + 1; q < n; q++) {
                if (Math.abs(a[p]?.[q] ?? 0) <= scale * 1e-15) continue;
                rest++;
                rotate(a, p, q);
            }
        }
    }
    return a.map((row, i) => row[i] ?? 0).sort((x, y) => y - x);
}

/** Turns the axes p and q so that the entry between them becomes zero. */
function rotate(a: readonly Float64Array[], p: number, q: number): void {
    const [rowP, rowQ] = [a[p], a[q]];
    if (rowP === undefined || rowQ === undefined) return;
    const theta = ((rowQ[q] ?? 0) - (rowP[p] ?? 0)) / (2 * (rowP[q] ?? 1));
    const tangent = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
    const cosine = 1 / Math.sqrt(tangent * tangent + 1);
    const sine = tangent * cosine;
    for (const row of a) {
        const [x, y] = [row[p] ?? 0, row[q] ?? 0];
        row[p] = cosine * x - sine * y;
        row[q] = sine * x + cosine * y;
    }
    for (let k = 0; k < rowP.length; k++) {
        const [x, y] = [rowP[k] ?? 0, rowQ[k] ?? 0];
        rowP[k] = cosine * x - sine * y;
        rowQ[k] = sine * x + cosine * y;
    }
}

function transposed(matrix: Matrix): number[][] {
    return (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j] ?? 0));
}

function withoutZeros(matrix: Matrix): Matrix {
    return matrix.filter((row) => row.some((x) => x !== 0));
}

function sum(values: readonly number[]): number {
    return values.reduce((total, value) => total + value, 0);
}

/** Nine decimals: what is beyond is rounding, and would differ from machine to machine. */
function tidy(value: number): number {
    return Math.round(value * 1e9) / 1e9 + 0;
}
