import { addScaled, dot, normalise, type Operator } from "./sparse";
import { tridiagonalEigen } from "./tridiagonal";

/** Up to this size the decomposition is carried to the end: a tenth of a second. */
export const WHOLE_UP_TO = 300;

/** Above it the steps are fewer the larger the matrix is, so that the cost, size x steps^2, stays that tenth. */
const BUDGET = WHOLE_UP_TO ** 3;

export interface Eigen {
    /** The largest first. All of them where `whole`, else Ritz values: the k-th is never above the true k-th. */
    readonly values: readonly number[];
    /** For each value how far from it a true eigenvalue is at most. */
    readonly errors: readonly number[];
    readonly whole: boolean;
}

export interface LanczosOptions {
    /** The space to stay in: vectors of length 1, orthogonal to each other, that are taken out. @default [] */
    readonly without?: readonly Float64Array[];
    /** @default the size, or fewer steps above 300 */
    readonly steps?: number;
    /** @default a fixed vector without symmetry */
    readonly start?: Float64Array;
    /** Whether to begin anew with another vector where the space of the first is used up. @default true */
    readonly restart?: boolean;
}

interface Basis {
    readonly vectors: readonly Float64Array[];
    readonly diagonal: readonly number[];
    readonly beside: readonly number[];
    /** What was left over after the last step; 0 when the space is used up. */
    readonly rest: number;
}

/**
 * The eigenvalues of a symmetric map by Lanczos with full reorthogonalisation (Golub and Van Loan, Matrix Computations,
 * 10.1). As many steps as the matrix has rows make it a dense decomposition,
 * multiple eigenvalues included, since a used-up space is left for one orthogonal to it.
 */
export function eigenvalues(of: Operator, options: LanczosOptions = {}): Eigen {
    const { diagonal, beside, rest } = lanczos(of, options);
    const { values, vectors } = tridiagonalEigen(diagonal, beside, "last");
    return {
        values: [...values].reverse(),
        errors: vectors.map((vector) => Math.abs(vector[0] ?? 0) * rest).reverse(),
        whole: diagonal.length === of.size - (options.without?.length ?? 0),
    };
}

/** The vector of the largest eigenvalue that the start vector has a share in, length 1; zeros for an empty space. */
export function leadingVector(of: Operator, options: LanczosOptions = {}): Float64Array {
    const { vectors, diagonal, beside } = lanczos(of, options);
    const weights = tridiagonalEigen(diagonal, beside, "all").vectors.at(-1) ?? new Float64Array(0);
    const leading = new Float64Array(of.size);
    for (const [i, vector] of vectors.entries()) addScaled(leading, weights[i] ?? 0, vector);
    return leading;
}

function lanczos(of: Operator, { without = [], steps, start, restart = true }: LanczosOptions): Basis {
    const most = Math.min(steps ?? affordable(of.size), of.size - without.length);
    const vectors: Float64Array[] = [];
    const diagonal: number[] = [];
    const beside: number[] = [];
    let scale = 0;
    let seed = 0;
    let next = fresh(start ?? fixedVector(of.size, 0), without, vectors);
    let rest = 0;
    while (diagonal.length < most && next !== undefined) {
        const vector = next;
        const image = new Float64Array(of.size);
        of.apply(vector, image);
        const along = dot(vector, image);
        // What the recurrence says is taken out first, so that one pass over all vectors is enough.
        addScaled(image, -along, vector);
        const before = vectors.at(-1);
        if (before !== undefined) addScaled(image, -(beside.at(-1) ?? 0), before);
        vectors.push(vector);
        diagonal.push(along);
        orthogonalise(image, without, vectors);
        rest = normalise(image);
        scale = Math.max(scale, Math.abs(along) + rest);
        if (rest > scale * 1e-13) {
            next = image;
        } else {
            rest = 0;
            next = undefined;
            // The seeds so far have all they can give in the basis already.
            while (restart && diagonal.length < most && next === undefined && seed < 2 * of.size) {
                next = fresh(fixedVector(of.size, ++seed), without, vectors);
            }
        }
        if (diagonal.length < most && next !== undefined) beside.push(rest);
    }
    return { vectors, diagonal, beside, rest };
}

function affordable(size: number): number {
    return size <= WHOLE_UP_TO ? size : Math.max(20, Math.floor(Math.sqrt(BUDGET / size)));
}

/** What of a vector is orthogonal to all so far, length 1; undefined where it is nearly among them. */
function fresh(x: Float64Array, without: readonly Float64Array[], vectors: readonly Float64Array[]) {
    const copy = Float64Array.from(x);
    normalise(copy);
    orthogonalise(copy, without, vectors);
    // What is left of a vector that is nearly among them is mostly rounding.
    return normalise(copy) < 1e-4 ? undefined : copy;
}

function orthogonalise(x: Float64Array, without: readonly Float64Array[], vectors: readonly Float64Array[]): void {
    for (const other of without) addScaled(x, -dot(x, other), other);
    for (const other of vectors) addScaled(x, -dot(x, other), other);
}

/** Entries between 1/2 and 3/2 (with seed 0) or of both signs, from a multiplicative hash: the same on every machine. */
function fixedVector(size: number, seed: number): Float64Array {
    return Float64Array.from({ length: size }, (_, i) => {
        const hash = Math.imul(Math.imul(i + 1, 0x9e3779b1) ^ (seed * 0x85ebca6b), 0xc2b2ae35) >>> 0;
        return hash / 2 ** 32 + (seed === 0 ? 0.5 : -0.5);
    });
}
