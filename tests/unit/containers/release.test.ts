import assert from "node:assert/strict";
import { canaryWeights, canGoBack, nextRelease, type ReleaseMemory } from "../../../lib/containers/release";

const plain = { canary: false, rollback: false };
const canary = { canary: true, rollback: false };
const rollback = { canary: false, rollback: true };

/** What one deployment after the other runs and remembers. */
function deploy(steps: readonly [wanted: string, how: typeof plain][]): string[] {
    let last: ReleaseMemory | undefined;
    return steps.map(([wanted, how]) => {
        const { image, trial, kind, memory } = nextRelease(wanted, how, last);
        last = memory;
        return `${kind}: ${image}${trial === undefined ? "" : ` and ${trial}`}`;
    });
}

describe("which images a set runs", () => {
    it("is what the program says", () =>
        assert.deepEqual(
            deploy([
                ["a", plain],
                ["a", plain],
                ["b", plain],
            ]),
            ["first: a", "same: a", "new: b"],
        ));

    it("is with a canary the new image beside the old one, until the next deployment", () =>
        assert.deepEqual(
            deploy([
                ["a", canary],
                ["b", canary],
                ["b", canary],
                ["b", canary],
            ]),
            ["first: a", "canary: a and b", "confirmed: b", "same: b"],
        ));

    it("is with another new image another canary, and with the old one none", () =>
        assert.deepEqual(
            deploy([
                ["a", canary],
                ["b", canary],
                ["c", canary],
                ["a", canary],
                ["c", canary],
            ]),
            ["first: a", "canary: a and b", "canary: a and c", "same: a", "canary: a and c"],
        ));

    it("is with a rollback the one before, as long as it is asked for", () =>
        assert.deepEqual(
            deploy([
                ["a", plain],
                ["b", plain],
                ["b", rollback],
                ["c", rollback],
                ["b", plain],
                ["b", rollback],
            ]),
            ["first: a", "new: b", "back: a", "held back: a", "new: b", "back: a"],
        ));

    it("is with a rollback of a canary the old image for all", () =>
        assert.deepEqual(
            deploy([
                ["a", canary],
                ["b", canary],
                ["b", { canary: true, rollback: true }],
                ["b", { canary: true, rollback: true }],
                ["b", canary],
            ]),
            ["first: a", "canary: a and b", "back: a", "held back: a", "canary: a and b"],
        ));

    it("has no way back before there was another", () => {
        assert.equal(canGoBack(undefined, { image: "a" }), false);
        assert.equal(canGoBack({ image: "a" }, { image: "a" }), false);
        assert.equal(canGoBack({ image: "b", previous: "a" }, undefined), true);
        assert.equal(canGoBack({ image: "a", trial: "b" }, undefined), true);
        assert.equal(canGoBack({ image: "a", heldBack: "b" }, undefined), true);
    });

    it("is with a rollback of what did not come to its end what served before, and not the one before that", () => {
        const back = { canary: false, rollback: true };
        for (const [last, brings, image, heldBack] of [
            [{ image: "b", previous: "a" }, { image: "c", previous: "b" }, "b", "c"],
            [{ image: "a" }, { image: "b", previous: "a" }, "a", "b"],
            [{ image: "a", trial: "b" }, { image: "c", previous: "a" }, "a", "c"],
            [{ image: "a", trial: "b", previous: "z" }, { image: "a", trial: "b", previous: "z" }, "a", "b"],
        ] as const) {
            assert.equal(canGoBack(last, brings), true);
            const { kind, memory } = nextRelease("c", back, last, brings);
            const previous = "previous" in last ? { previous: last.previous } : {};
            assert.deepEqual([kind, memory], ["back", { image, ...previous, heldBack }]);
            // Tried again, it goes to the same.
            assert.deepEqual(nextRelease("c", back, last, memory).memory, memory);
            assert.equal(canGoBack(last, memory), true);
        }
        // Also where the rollback itself was broken off.
        const last = { image: "b", previous: "a" };
        const { memory } = nextRelease("b", back, last, last);
        assert.deepEqual(memory, { image: "a", heldBack: "b" });
        assert.deepEqual(nextRelease("b", back, last, memory).memory, memory);
    });
});

describe("the weights of a canary", () => {
    for (const [share, canaries, others] of [
        [10, 1, 3],
        [1, 1, 9],
        [50, 1, 3],
        [90, 1, 1],
        [5, 2, 30],
    ] as const) {
        it(`give ${canaries} beside ${others} about ${share} % of the requests`, () => {
            const weights = canaryWeights(share, canaries, others);
            const got = (canaries * weights.canary) / (canaries * weights.canary + others * weights.other);
            assert.ok(Math.abs(got * 100 - share) < 0.5, `${got * 100} %`);
            assert.ok(Object.values(weights).every((weight) => weight >= 1 && weight <= 256));
        });
    }
});
