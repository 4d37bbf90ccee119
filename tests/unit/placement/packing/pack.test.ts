import assert from "node:assert/strict";
import fc from "fast-check";
import { boundOf, pack } from "../../../../lib/placement/packing/pack";
import { prepare } from "../../../../lib/placement/packing/prepare";
import { price } from "../../../../lib/placement/packing/price";
import type { Cover, Packing } from "../../../../lib/placement/packing/types";
import { allPatterns, cheapest, isPattern, packings } from "./packings";

const plenty = (): { left: number } => ({ left: 50_000_000 });

/** Items of three amounts that fill bins of 100 exactly, three a bin: what greedy methods are worst at. */
function triplets(bins: number): Packing {
    let state = 7;
    const next = (most: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return (state >>> 8) % most;
    };
    const sizes = Array.from({ length: bins }, () => {
        const pairs = [0, 1, 2].map(() => [20 + next(28), 20 + next(28)] as const);
        return [pairs.map(([a]) => a), pairs.map(([, b]) => b), pairs.map(([a, b]) => 100 - a - b)];
    }).flat();
    const items = sizes.map((size) => ({ size, demand: 1, most: 1, allowed: [true] }));
    return {
        bins: [{ capacity: [100, 100, 100], cost: 1, count: sizes.length }],
        items,
        conflicts: items.map(() => []),
    };
}

function assertCovers(packing: Packing, cover: Cover): void {
    const left = packing.items.map(({ demand }) => demand);
    const bins = packing.bins.map(({ count }) => count);
    let cost = 0;
    for (const pattern of cover.patterns) {
        assert.ok(isPattern(packing, pattern), JSON.stringify(pattern));
        for (const [k, item] of pattern.items.entries()) left[item] = (left[item] ?? 0) - (pattern.counts[k] ?? 0);
        bins[pattern.bin] = (bins[pattern.bin] ?? 0) - 1;
        cost += packing.bins[pattern.bin]?.cost ?? 0;
    }
    assert.ok(
        left.every((amount) => amount === 0),
        "an item is not covered once",
    );
    assert.ok(
        bins.every((count) => count >= 0),
        "more bins than there are",
    );
    assert.equal(cover.cost, cost);
}

describe("pack", () => {
    it("finds the cheapest cover of small packings, and proves no more than is true", () => {
        const seen = { feasible: 0, best: 0, proven: 0 };
        fc.assert(
            fc.property(packings, (packing) => {
                const best = cheapest(packing);
                const { bound, cover } = pack(packing, [], { below: 1000, enough: 0 }, plenty());
                if (best === undefined) {
                    assert.equal(cover, undefined);
                    return;
                }
                seen.feasible++;
                assert.ok(bound <= best, `bound ${bound} above ${best}`);
                if (cover === undefined) return;
                assertCovers(packing, cover);
                assert.ok(cover.cost >= best);
                if (cover.cost === best) seen.best++;
                if (cover.cost === bound) seen.proven++;
            }),
            { numRuns: 1500, seed: 4 },
        );
        assert.ok(seen.feasible > 300, JSON.stringify(seen));
        assert.ok(seen.best >= seen.feasible * 0.99 && seen.proven >= seen.feasible * 0.9, JSON.stringify(seen));
    });

    it("solves triplets, which fill every bin exactly, with proof", () => {
        const packing = triplets(20);
        const { bound, cover } = pack(packing, [], { below: 61, enough: 0 }, { left: 300_000_000 });
        assert.equal(bound, 20);
        assert.equal(cover?.cost, 20);
        if (cover !== undefined) assertCovers(packing, cover);
    });

    it("bounds by what fits, also where sums say less: two items of 51 never share a bin of 100", () => {
        const items = [{ size: [51], demand: 9, most: 9, allowed: [true] }];
        const packing = { bins: [{ capacity: [100], cost: 3, count: 9 }], items, conflicts: [[]] };
        assert.equal(boundOf(packing, [], 1000, plenty()), 27);
    });

    it("stays exact where amounts are near 2^53", () => {
        const half = 2 ** 52;
        const items = [{ size: [half], demand: 3, most: 3, allowed: [true] }];
        const packing = { bins: [{ capacity: [2 ** 53 - 1], cost: 1, count: 3 }], items, conflicts: [[]] };
        const { bound, cover } = pack(packing, [], { below: 4, enough: 0 }, plenty());
        assert.deepEqual([bound, cover?.cost], [3, 3]);
    });

    it("claims nothing when there is no work to spend", () => {
        assert.deepEqual(pack(triplets(5), [], { below: 16, enough: 0 }, { left: 0 }), { bound: 0, cover: undefined });
    });
});

describe("price", () => {
    it("finds the worthiest pattern of a bin, beside all patterns there are", () => {
        fc.assert(
            fc.property(packings, fc.array(fc.nat(30), { minLength: 4, maxLength: 4 }), (packing, worths) => {
                const worth = Float64Array.from(packing.items, (_, i) => worths[i] ?? 0);
                const limit = packing.items.map(({ most, demand }) => Math.min(most, demand));
                const question = { bin: 0, worth, limit, over: 0, branches: 1e6 };
                const found = price(prepare(packing), question, plenty());
                const values = allPatterns(packing, 0).map(({ items, counts }) =>
                    items.reduce((sum, item, k) => sum + (worth[item] ?? 0) * (counts[k] ?? 0), 0),
                );
                assert.equal(found.complete, true);
                assert.equal(found.most, Math.max(0, ...values));
                for (const pattern of found.patterns) assert.ok(isPattern(packing, pattern));
            }),
            { numRuns: 1500, seed: 4 },
        );
    });
});
