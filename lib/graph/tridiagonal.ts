/** QL with implicit shifts needs two or three rounds an eigenvalue; this is never reached. */
const MOST_ROUNDS = 60;

/** The eigenvalues of a symmetric tridiagonal matrix, ascending, with vectors. */
export interface TridiagonalEigen {
    readonly values: readonly number[];
    /**
     * `vectors[k]` belongs to `values[k]`, length 1: all its entries, or the last alone where only that was asked for.
     */
    readonly vectors: readonly Float64Array[];
}

/**
 * QL with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson, Numerische Mathematik 11, 1968, `tql2`).
 *
 * @param diagonal n entries
 * @param beside n - 1 entries beside the diagonal
 * @param wanted `all` entries of the vectors, n^3 operations, or the `last` alone, n^2: it tells how far Lanczos is
 */
export function tridiagonalEigen(
    diagonal: readonly number[],
    beside: readonly number[],
    wanted: "all" | "last",
): TridiagonalEigen {
    const n = diagonal.length;
    const d = Float64Array.from(diagonal);
    const e = Float64Array.from({ length: n }, (_, i) => beside[i] ?? 0);
    // Row k of the turned axes; the columns that belong to two axes are turned together, so rows can be left out.
    const axes = Array.from({ length: n }, (_, i) => {
        const row = new Float64Array(wanted === "all" ? n : 1);
        if (wanted === "all") row[i] = 1;
        else if (i === n - 1) row[0] = 1;
        return row;
    });
    for (let l = 0; l < n; l++) {
        for (let round = 0; round < MOST_ROUNDS; round++) {
            const m = endOfBlock(d, e, l);
            if (m === l) break;
            sweep(d, e, l, m, axes);
        }
    }
    const order = [...d.keys()].sort((a, b) => (d[a] ?? 0) - (d[b] ?? 0));
    return { values: order.map((k) => d[k] ?? 0), vectors: order.map((k) => axes[k] ?? new Float64Array(0)) };
}

/** The first place from `l` on where the matrix falls into two. */
function endOfBlock(d: Float64Array, e: Float64Array, l: number): number {
    let m = l;
    for (; m < d.length - 1; m++) {
        const near = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
        if (Math.abs(e[m] as number) <= Number.EPSILON * near) break;
    }
    return m;
}

/** One implicit QL step on the block from `l` to `m`. */
function sweep(d: Float64Array, e: Float64Array, l: number, m: number, axes: readonly Float64Array[]): void {
    let g = ((d[l + 1] as number) - (d[l] as number)) / (2 * (e[l] as number));
    const root = Math.sqrt(g * g + 1);
    g = (d[m] as number) - (d[l] as number) + (e[l] as number) / (g + (g >= 0 ? root : -root));
    let s = 1;
    let c = 1;
    let p = 0;
    for (let i = m - 1; i >= l; i--) {
        const f = s * (e[i] as number);
        const b = c * (e[i] as number);
        const r = Math.sqrt(f * f + g * g);
        e[i + 1] = r;
        if (r === 0) {
            // The block falls apart here: begin anew with what is left.
            d[i + 1] = (d[i + 1] as number) - p;
            e[m] = 0;
            return;
        }
        s = f / r;
        c = g / r;
        g = (d[i + 1] as number) - p;
        const turned = ((d[i] as number) - g) * s + 2 * c * b;
        p = s * turned;
        d[i + 1] = g + p;
        g = c * turned - b;
        turn(axes[i], axes[i + 1], c, s);
    }
    d[l] = (d[l] as number) - p;
    e[l] = g;
    e[m] = 0;
}

function turn(a: Float64Array | undefined, b: Float64Array | undefined, c: number, s: number): void {
    if (a === undefined || b === undefined) return;
    for (let k = 0; k < a.length; k++) {
        const x = a[k] as number;
        const y = b[k] as number;
        b[k] = s * x + c * y;
        a[k] = c * x - s * y;
    }
}
