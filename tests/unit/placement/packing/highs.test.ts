import assert from "node:assert/strict";
import fc from "fast-check";
import loadHighs from "highs";
import { boundOf } from "../../../../lib/placement/packing/pack";
import type { Packing } from "../../../../lib/placement/packing/types";
import { allPatterns, packings } from "./packings";

/** The linear program over all patterns there are, written out. */
function program({ bins, items }: Packing, patterns: ReturnType<typeof allPatterns>): string {
    const sum = (terms: readonly string[]): string => (terms.length > 0 ? terms.join(" + ") : "0 none");
    const rows = [
        ...items.map(({ demand }, i) => {
            const covers = patterns.flatMap(({ items: kinds, counts }, p) => {
                const k = kinds.indexOf(i);
                return k < 0 ? [] : [`${counts[k]} x${p}`];
            });
            return ` i${i}: ${sum(covers)} >= ${demand}`;
        }),
        ...bins.map(({ count }, b) => {
            const used = patterns.flatMap(({ bin }, p) => (bin === b ? [`x${p}`] : []));
            return ` b${b}: ${sum(used)} <= ${count}`;
        }),
    ];
    const costs = patterns.map(({ bin }, p) => `${bins[bin]?.cost ?? 0} x${p}`);
    return ["Minimize", ` obj: ${sum(costs)}`, "Subject To", ...rows, "Bounds", " 0 <= none <= 0", "End"].join("\n");
}

describe("the bound of a packing", () => {
    it("is what HiGHS finds for the linear program over all patterns, rounded up to what a cover can cost", async () => {
        const highs = await loadHighs();
        let judged = 0;
        fc.assert(
            fc.property(packings, (packing) => {
                const patterns = packing.bins
                    .flatMap((_, bin) => allPatterns(packing, bin))
                    .filter(({ items }) => items.length > 0);
                const solved = highs.solve(program(packing, patterns), { output_flag: false });
                if (solved.Status !== "Optimal") return;
                judged++;
                const unit = packing.bins.reduce((a, { cost }) => gcd(a, cost), 0) || 1;
                const expected = Math.ceil(solved.ObjectiveValue / unit - 1e-6) * unit + 0;
                assert.equal(boundOf(packing, [], 1e9, { left: 50_000_000 }), expected);
            }),
            { numRuns: 400, seed: 4 },
        );
        assert.ok(judged > 60, String(judged));
    });
});

function gcd(a: number, b: number): number {
    return b === 0 ? a : gcd(b, a % b);
}
