import type { Bounds } from "./types";

/** What is known of some numbers without knowing them: how many, their sum, the sum of their squares, and their limits. */
export interface Moments {
    readonly count: number;
    readonly sum: number;
    readonly squares: number;
    readonly least: number;
    readonly most: number;
}

/**
 * Bounds of the sum of f over numbers of which only the moments are known, by the two Gauss-Radau rules with one free
 * node (Golub and Meurant, Matrices, Moments and Quadrature, 2010, chapter 6). Certain for every f whose third
 * derivative does not change its sign between the limits.
 */
export function sumBounds(f: (x: number) => number, moments: Moments): Bounds {
    const sums = [radau(f, moments, moments.least), radau(f, moments, moments.most)];
    return { low: Math.min(...sums), high: Math.max(...sums) };
}

/** The rule with a node at `fixed`; the other node and both weights follow from count, sum and squares. */
function radau(f: (x: number) => number, { count, sum, squares }: Moments, fixed: number): number {
    const distance = sum - fixed * count;
    // All numbers are at the fixed node.
    if (Math.abs(distance) <= 1e-12 * (Math.abs(sum) + Math.abs(fixed) * count)) return count * f(fixed);
    const free = (squares - fixed * sum) / distance;
    if (free === fixed) return count * f(fixed);
    const weight = distance / (free - fixed);
    return weight * f(free) + (count - weight) * f(fixed);
}
