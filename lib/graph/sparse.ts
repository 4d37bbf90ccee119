/** A linear map by what it does to a vector; `symmetric` in the files here, of `size` rows and columns. */
export interface Operator {
    readonly size: number;
    /** Writes the image of `x` into `y`, which comes in filled with zeros. */
    apply(x: Float64Array, y: Float64Array): void;
}

/** A matrix with mostly zeros: row by row the numbers of the columns that are not zero, ascending, and their values. */
export interface Sparse {
    readonly rows: number;
    readonly columns: number;
    /** Where each row begins in `index` and `value`; one entry more than rows. */
    readonly start: Int32Array;
    readonly index: Int32Array;
    readonly value: Float64Array;
}

/** From a map column -> value a row, which names what is not zero. */
export function sparse(rows: readonly ReadonlyMap<number, number>[], columns: number): Sparse {
    const start = new Int32Array(rows.length + 1);
    const keys = rows.map((row) => [...row.keys()].sort((a, b) => a - b));
    for (const [i, { length }] of keys.entries()) start[i + 1] = (start[i] as number) + length;
    const index = new Int32Array(start[rows.length] as number);
    const value = new Float64Array(index.length);
    for (const [i, row] of rows.entries()) {
        let at = start[i] as number;
        for (const column of keys[i] ?? []) {
            index[at] = column;
            value[at++] = row.get(column) as number;
        }
    }
    return { rows: rows.length, columns, start, index, value };
}

/** Calls `visit` for every entry, row by row. */
export function eachEntry(matrix: Sparse, visit: (row: number, column: number, value: number) => void): void {
    const { rows, start, index, value } = matrix;
    for (let i = 0; i < rows; i++) {
        for (let e = start[i] as number; e < (start[i + 1] as number); e++) {
            visit(i, index[e] as number, value[e] as number);
        }
    }
}

/** For each row the columns that are not zero. */
export function neighbours(matrix: Sparse): number[][] {
    const edges = Array.from({ length: matrix.rows }, (): number[] => []);
    eachEntry(matrix, (i, j) => edges[i]?.push(j));
    return edges;
}

/** Rows become columns. */
export function transposed({ rows, columns, start, index, value }: Sparse): Sparse {
    const next = new Int32Array(columns + 1);
    for (const column of index) next[column + 1] = (next[column + 1] as number) + 1;
    for (let j = 0; j < columns; j++) next[j + 1] = (next[j + 1] as number) + (next[j] as number);
    const other = {
        start: next.slice(),
        index: new Int32Array(index.length),
        value: new Float64Array(value.length),
    };
    for (let i = 0; i < rows; i++) {
        for (let e = start[i] as number; e < (start[i + 1] as number); e++) {
            const at = next[index[e] as number] as number;
            next[index[e] as number] = at + 1;
            other.index[at] = i;
            other.value[at] = value[e] as number;
        }
    }
    return { rows: columns, columns: rows, ...other };
}

/** Some rows and columns of a square matrix, in the order given, which is ascending. */
export function principal({ start, index, value }: Sparse, of: readonly number[], size: number): Sparse {
    const place = new Int32Array(size).fill(-1);
    for (const [i, v] of of.entries()) place[v] = i;
    const begin = new Int32Array(of.length + 1);
    const columns: number[] = [];
    const values: number[] = [];
    for (const [i, v] of of.entries()) {
        for (let e = start[v] as number; e < (start[v + 1] as number); e++) {
            const to = place[index[e] as number] as number;
            if (to < 0) continue;
            columns.push(to);
            values.push(value[e] as number);
        }
        begin[i + 1] = columns.length;
    }
    const part = { start: begin, index: Int32Array.from(columns), value: Float64Array.from(values) };
    return { rows: of.length, columns: of.length, ...part };
}

/** The sum of each row. */
export function rowSums(matrix: Sparse): Float64Array {
    const sums = new Float64Array(matrix.rows);
    eachEntry(matrix, (i, _, value) => {
        sums[i] = (sums[i] ?? 0) + value;
    });
    return sums;
}

/** Adds the image of `x`, a value a column, to `y`, a value a row. */
export function multiply({ rows, start, index, value }: Sparse, x: Float64Array, y: Float64Array): void {
    for (let i = 0; i < rows; i++) {
        let total = 0;
        for (let e = start[i] as number; e < (start[i + 1] as number); e++) {
            total += (value[e] as number) * (x[index[e] as number] as number);
        }
        y[i] = (y[i] as number) + total;
    }
}

/** The symmetric map of a square matrix that equals its transpose. */
export function operator(matrix: Sparse): Operator {
    return { size: matrix.rows, apply: (x, y) => multiply(matrix, x, y) };
}

/** AA', whose eigenvalues are the squares of A's singular values; never formed. */
export function gram(matrix: Sparse): Operator {
    const other = transposed(matrix);
    const between = new Float64Array(matrix.columns);
    return {
        size: matrix.rows,
        apply: (x, y) => {
            between.fill(0);
            multiply(other, x, between);
            multiply(matrix, between, y);
        },
    };
}

export function dot(a: Float64Array, b: Float64Array): number {
    let total = 0;
    for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
    return total;
}

/** y += factor * x */
export function addScaled(y: Float64Array, factor: number, x: Float64Array): void {
    for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + factor * (x[i] as number);
}

/** Makes the length 1. @returns what it was; a vector of zeros stays one */
export function normalise(x: Float64Array): number {
    const length = Math.sqrt(dot(x, x));
    if (length > 0) for (let i = 0; i < x.length; i++) x[i] = (x[i] as number) / length;
    return length;
}
