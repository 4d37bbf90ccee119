import { type Eigen, eigenvalues, WHOLE_UP_TO } from "./lanczos";
import { sumBounds } from "./moments";
import { operator, type Sparse, sparse } from "./sparse";
import { tidyBounds } from "./tidy";
import type { Bounds, DependencyComponent } from "./types";
import { type Edges, Walk } from "./walk";

type Figures = Pick<DependencyComponent, "fiedler" | "effectiveResistance" | "naturalConnectivity">;

/** Above 300 vertices: bounds do not deserve more time. */
const STEPS = 80;

/**
 * The spectral figures of a connected graph without directions, loops and doubles. Up to 300 vertices from all eigenvalues.
 * Above, certain bounds. Of the Fiedler value: the Ritz value of Lanczos from above; from below Mohar's 4 / (n diameter)
 * (Graphs and Combinatorics 7, 1991). Of the resistance: that of a spanning tree from above. Of sums over
 * all eigenvalues: what their number, sum and squares' sum allow, which are counts of degrees and edges.
 */
export function componentSpectrum(edges: Edges): Figures {
    const n = edges.length;
    const laplacian = spectrumOf(edges, (v) => [[v, edges[v]?.length ?? 0]], -1, [
        new Float64Array(n).fill(1 / Math.sqrt(n)),
    ]);
    const adjacency = spectrumOf(edges, () => [], 1, []);
    const figures = n <= WHOLE_UP_TO ? exact(n, laplacian, adjacency) : bounded(edges, laplacian, adjacency);
    return {
        fiedler: tidyBounds(figures.fiedler),
        effectiveResistance: tidyBounds(figures.effectiveResistance),
        naturalConnectivity: tidyBounds(figures.naturalConnectivity),
    };
}

/** Of the matrix with `diagonal` and `beside` for each edge. */
function spectrumOf(
    edges: Edges,
    diagonal: (v: number) => [number, number][],
    beside: number,
    without: readonly Float64Array[],
): Eigen {
    const matrix: Sparse = sparse(
        edges.map((to, v) => new Map([...diagonal(v), ...to.map((w): [number, number] => [w, beside])])),
        edges.length,
    );
    return eigenvalues(operator(matrix), edges.length > WHOLE_UP_TO ? { without, steps: STEPS } : { without });
}

function exact(n: number, laplacian: Eigen, adjacency: Eigen): Figures {
    const same = (value: number): Bounds => ({ low: value, high: value });
    // The largest is taken out of the sum, as e to its power could be beyond what a number holds.
    const largest = adjacency.values[0] ?? 0;
    const sum = adjacency.values.reduce((total, value) => total + Math.exp(value - largest), 0);
    return {
        fiedler: same(laplacian.values.at(-1) ?? 0),
        effectiveResistance: same(n * laplacian.values.reduce((total, value) => total + 1 / value, 0)),
        naturalConnectivity: same(largest + Math.log(sum / n)),
    };
}

function bounded(edges: Edges, laplacian: Eigen, adjacency: Eigen): Figures {
    const n = edges.length;
    const degrees = edges.map(({ length }) => length);
    const sum = degrees.reduce((total, degree) => total + degree, 0);
    const squares = degrees.reduce((total, degree) => total + degree * degree, 0);
    const { depth, resistance } = spanningTree(edges);
    const around = edges.map((to) => to.map((w) => degrees[w] ?? 0));
    const inverse = sumBounds((x) => 1 / x, {
        count: n - 1,
        sum,
        squares: squares + sum,
        least: 4 / (n * n),
        // No eigenvalue is above the largest sum of the degrees of two neighbours (Anderson, Morley 1985).
        most: around.reduce((most, of, v) => Math.max(most, (degrees[v] ?? 0) + largest(of)), 0),
    });
    // Nor one of the adjacency matrix above the largest row sum of its square's root.
    const most = Math.sqrt(largest(around.map((of) => of.reduce((total, degree) => total + degree, 0))));
    const walks = sumBounds((x) => Math.exp(x - most), { count: n, sum: 0, squares: sum, least: -most, most });
    const seen = adjacency.values.reduce((total, value) => total + Math.exp(value - most), 0);
    const log = (total: number): number => most + Math.log(total / n);
    return {
        fiedler: {
            low: 4 / (n * Math.min(n - 1, 2 * depth)),
            high: laplacian.values.at(-1) ?? 0,
        },
        effectiveResistance: { low: n * inverse.low, high: resistance },
        naturalConnectivity: { low: log(Math.max(walks.low, seen)), high: log(walks.high) },
    };
}

/** Math.max takes no more arguments than the stack holds. */
const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);

/**
 * The tree of the shortest ways from the vertex with the most neighbours: how deep it is, the diameter of the graph being at
 * most twice that, and its effective resistance, which is that of the graph at most: more links only lower it (Rayleigh). In
 * a tree that is the sum of all distances, and a link is on the way of all pairs that it separates.
 */
function spanningTree(edges: Edges): { depth: number; resistance: number } {
    const n = edges.length;
    const root = edges.reduce((best, { length }, v) => (length > (edges[best]?.length ?? 0) ? v : best), 0);
    const order = new Walk(edges).from(root);
    const steps = new Int32Array(n);
    const parent = new Int32Array(n).fill(-1);
    for (const v of order) {
        for (const w of edges[v] ?? []) {
            if (w === root || parent[w] !== -1) continue;
            parent[w] = v;
            steps[w] = (steps[v] as number) + 1;
        }
    }
    const below = new Float64Array(n).fill(1);
    let resistance = 0;
    for (const v of order.slice(1).reverse()) {
        const size = below[v] as number;
        resistance += size * (n - size);
        below[parent[v] as number] = (below[parent[v] as number] as number) + size;
    }
    return { depth: steps[order.at(-1) ?? root] as number, resistance };
}
