import assert from "node:assert/strict";
import { beyond } from "../../../benchmarks/figure";

describe("figures of a benchmark", () => {
    const figure = (ratio: number) => ({
        ...{ bench: "containers.preview.seconds", value: 30, unit: "s", byHand: 20, ratio, mostRatio: 1.5 },
    });

    it("are too high where they are more than may be beside resources by hand", () => {
        assert.deepEqual(beyond([figure(1.5), figure(0.9), { bench: "graph", value: 1, unit: "s", ratio: 9 }]), []);
        assert.deepEqual(beyond([figure(1.2), figure(1.51)]), [
            "containers.preview.seconds is 1.51 times what it is by hand; it may be 1.5 times that",
        ]);
        assert.equal(beyond([figure(Number.NaN)]).length, 1, "one that was not measured");
    });
});
