import assert from "node:assert/strict";
import fc from "fast-check";
import { type Moments, sumBounds } from "../../../lib/graph/moments";

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const moments = (values: readonly number[], least: number, most: number): Moments => ({
    count: values.length,
    sum: sum(values),
    squares: sum(values.map((value) => value * value)),
    least,
    most,
});

describe("sums over numbers of which only the moments are known", () => {
    for (const [name, f] of [
        ["1/x", (x: number) => 1 / x],
        ["e^x", Math.exp],
        ["-x ln x", (x: number) => -x * Math.log(x)],
    ] as const) {
        it(`are within the bounds for ${name}`, () => {
            const values = fc.array(fc.double({ min: 0.1, max: 3, noNaN: true }), { minLength: 1, maxLength: 8 });
            fc.assert(
                fc.property(values, (of) => {
                    const { low, high } = sumBounds(f, moments(of, 0.1, 3));
                    const truth = sum(of.map(f));
                    const slack = 1e-6 * Math.max(1, Math.abs(truth));
                    assert.ok(low - slack <= truth && truth <= high + slack, `${low} <= ${truth} <= ${high}`);
                }),
                { numRuns: 500, seed: 4 },
            );
        });
    }

    it("are exact where all numbers are at a limit and at one other place", () => {
        const { low, high } = sumBounds((x) => 1 / x, moments([0.5, 0.5, 2, 2, 2], 0.5, 2));
        assert.ok(Math.abs(low - 5.5) < 1e-12 && Math.abs(high - 5.5) < 1e-12);
        assert.deepEqual(sumBounds(Math.exp, moments([1, 1], 1, 1)), { low: 2 * Math.E, high: 2 * Math.E });
    });
});
