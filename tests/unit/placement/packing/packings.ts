import fc from "fast-check";
import type { Packing, Pattern } from "../../../../lib/placement/packing/types";

/** Packings of at most 7 items into bins of up to two kinds: small enough to try everything. */
export const packings: fc.Arbitrary<Packing> = fc
    .record({
        dims: fc.integer({ min: 1, max: 3 }),
        bins: fc.integer({ min: 1, max: 2 }),
        items: fc.integer({ min: 1, max: 4 }),
    })
    .chain(({ dims, bins, items }) =>
        fc.record({
            bins: fc.array(
                fc.record({
                    capacity: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: dims, maxLength: dims }),
                    cost: fc.integer({ min: 0, max: 4 }),
                    count: fc.integer({ min: 1, max: 4 }),
                }),
                { minLength: bins, maxLength: bins },
            ),
            items: fc.array(
                fc.record({
                    size: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: dims, maxLength: dims }),
                    demand: fc.integer({ min: 1, max: 2 }),
                    most: fc.integer({ min: 1, max: 2 }),
                    allowed: fc.array(
                        fc.boolean().map((no) => !no || bins === 1),
                        { minLength: bins, maxLength: bins },
                    ),
                }),
                { minLength: items, maxLength: items },
            ),
            apart: fc.array(fc.tuple(fc.nat(items - 1), fc.nat(items - 1)), { maxLength: 2 }),
        }),
    )
    .map(({ bins, items, apart }) => {
        const pairs = apart.filter(([a, b]) => a !== b);
        const conflicts = items.map((_, i) => {
            const others = pairs.flatMap(([a, b]) => (a === i ? [b] : b === i ? [a] : []));
            return [...new Set(others)].sort((a, b) => a - b);
        });
        return { bins, items, conflicts };
    });

/** Whether a bin may be filled so. */
export function isPattern({ bins, items, conflicts }: Packing, { bin, items: kinds, counts }: Pattern): boolean {
    const capacity = bins[bin]?.capacity ?? [];
    const room = capacity.map((whole, d) =>
        kinds.reduce((left, item, k) => left - (items[item]?.size[d] ?? 0) * (counts[k] ?? 0), whole),
    );
    return (
        room.every((left) => left >= 0) &&
        kinds.every((item, k) => (counts[k] ?? 0) <= (items[item]?.most ?? 0) && items[item]?.allowed[bin] === true) &&
        kinds.every((item) => !conflicts[item]?.some((other) => kinds.includes(other)))
    );
}

/** All patterns of a bin. */
export function allPatterns(packing: Packing, bin: number): Pattern[] {
    let counts: number[][] = [[]];
    for (const { most, demand } of packing.items) {
        counts = counts.flatMap((of) => Array.from({ length: Math.min(most, demand) + 1 }, (_, n) => [...of, n]));
    }
    const patterns = counts.map((of): Pattern => {
        const items = [...of.keys()].filter((item) => (of[item] ?? 0) > 0);
        return { bin, items, counts: items.map((item) => of[item] ?? 0) };
    });
    return patterns.filter((pattern) => isPattern(packing, pattern));
}

/** What the cheapest cover costs, by dynamic programming over all that can be covered; undefined when there is none. */
export function cheapest(packing: Packing): number | undefined {
    const full = packing.items.map(({ demand }) => demand).join();
    let costs = new Map([[packing.items.map(() => 0).join(), 0]]);
    for (const [bin, { count, cost }] of packing.bins.entries()) {
        const patterns = allPatterns(packing, bin).filter(({ items }) => items.length > 0);
        for (let used = 0; used < count; used++) {
            const next = new Map(costs);
            for (const [covered, before] of costs) {
                for (const { items, counts } of patterns) {
                    const now = covered.split(",").map(Number);
                    for (const [k, item] of items.entries()) {
                        now[item] = Math.min(packing.items[item]?.demand ?? 0, (now[item] ?? 0) + (counts[k] ?? 0));
                    }
                    const key = now.join();
                    next.set(key, Math.min(next.get(key) ?? Number.POSITIVE_INFINITY, before + cost));
                }
            }
            costs = next;
        }
    }
    return costs.get(full);
}
