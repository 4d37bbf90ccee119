import assert from "node:assert/strict";
import { tellRollout } from "../../../lib/containers/tellRollout";
import { releaseIn, rolledAway } from "../../../lib/review/services";

const replicas = [0, 1, 2, 3].map((i) => ({
    name: `web-${i}`,
    vm: "h1",
    version: "new",
    before: { vm: "h1", version: "old" },
}));

describe("what a set says of its rollout", () => {
    for (const [order, parallelism, away] of [
        ["start-first", 4, 0],
        ["stop-first", 1, 1],
        ["stop-first", 3, 3],
        ["stop-first", 4, Number.POSITIVE_INFINITY],
    ] as const) {
        it(`is read by the review: ${order}, ${parallelism} at a time`, () => {
            const update = { order, parallelism, bounded: false };
            const words = tellRollout({ name: "web", update }, replicas, {}, undefined, undefined);
            assert.ok(words?.includes("replaces 4 of 4"));
            assert.equal(rolledAway(words?.split("\n") ?? []), away);
        });
    }

    for (const [kind, read] of [
        ["new", ""],
        ["canary", "canary"],
        ["confirmed", "confirmed"],
        ["back", "rollback"],
    ] as const) {
        it(`is read by the review: an image that is ${kind}`, () => {
            const image = `r/web@sha256:${"2".repeat(64)}`;
            const memory = { image, heldBack: `r/web@sha256:${"3".repeat(64)}` };
            const words = tellRollout(
                { name: "web", update: { order: "start-first", parallelism: 4, bounded: false } },
                replicas,
                {},
                { kind, image, trial: image, memory },
                { image: `r/web@sha256:${"1".repeat(64)}` },
            );
            assert.equal(releaseIn(words?.split("\n") ?? []), read, words);
        });
    }
});
