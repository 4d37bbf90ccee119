/** A view sees a bin in so many steps. */
export const STEPS = 256;

/**
 * A bin seen as if it had one dimension, a weighted sum of all: whatever fits in truth fits here too (a surrogate
 * constraint: Glover 1968).
 */
export interface View {
    /** Position to size, in steps of the whole, rounded down. */
    readonly sizes: Int32Array;
    /** Position and room to the most that the items from this position on are worth. */
    readonly table: Float64Array;
    /** What is left of the bin. */
    room: number;
}

/** The view of an empty bin, with its table (dynamic programming: Bellman 1957). */
export function viewOf(sizes: Int32Array, worths: Float64Array, limits: Int32Array): View {
    const n = sizes.length;
    const table = new Float64Array((n + 1) * (STEPS + 1));
    for (let k = n - 1; k >= 0; k--) {
        const size = sizes[k] ?? 0;
        const worth = worths[k] ?? 0;
        const limit = limits[k] ?? 0;
        const here = k * (STEPS + 1);
        const next = here + STEPS + 1;
        for (let room = 0; room <= STEPS; room++) {
            let most = (table[next + room] ?? 0) + (size === 0 ? limit * worth : 0);
            for (let taken = 1; size > 0 && taken <= limit && taken * size <= room; taken++) {
                most = Math.max(most, (table[next + room - taken * size] ?? 0) + taken * worth);
            }
            table[here + room] = most;
        }
    }
    return { sizes, table, room: STEPS };
}
