import { FINE } from "./prepare";
import type { Question } from "./price";

const ROUNDS = 60;

/** The weights are whole numbers, so that what is computed from them is exact. */
const GRAIN = 1024;

/**
 * How scarce each dimension is for a knapsack: the multipliers of its linear relaxation, roughly, by the subgradient method
 * (Held, Wolfe and Crowder 1974). Any weights give a valid bound; these give a good one.
 *
 * @param items the kinds of items that take part
 * @returns a whole number from 0 to 1024 a dimension, not all 0
 */
export function weigh(
    { worth, limit }: Question,
    shapes: readonly (readonly number[])[],
    items: readonly number[],
    dimensions: number,
): number[] {
    let step = items.reduce((most, i) => Math.max(most, worth[i] ?? 0), 0) / FINE;
    let prices = new Float64Array(dimensions).fill((2 * step) / Math.max(1, dimensions));
    let best = prices;
    let least = Number.POSITIVE_INFINITY;
    for (let round = 0; round < ROUNDS; round++) {
        const spare = new Float64Array(dimensions).fill(FINE);
        let value = prices.reduce((sum, price) => sum + price * FINE, 0);
        for (const i of items) {
            const shape = shapes[i] ?? [];
            let gain = worth[i] ?? 0;
            for (let d = 0; d < dimensions; d++) gain -= (prices[d] ?? 0) * (shape[d] ?? 0);
            if (gain <= 0) continue;
            value += gain * (limit[i] ?? 0);
            for (let d = 0; d < dimensions; d++) spare[d] = (spare[d] ?? 0) - (shape[d] ?? 0) * (limit[i] ?? 0);
        }
        if (value < least) {
            least = value;
            best = prices;
        } else step *= 0.85;
        const norm = spare.reduce((most, amount) => Math.max(most, Math.abs(amount)), 1);
        prices = prices.map((price, d) => Math.max(0, price - (step * (spare[d] ?? 0)) / norm));
    }
    const dearest = best.reduce((most, price) => Math.max(most, price), 0);
    return Array.from(best, (price) => (dearest > 0 ? Math.round((price / dearest) * GRAIN) : 1));
}
