import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../../lib/known";
import { mergeArgs } from "../../lib/passThrough";

describe("arguments that are passed through", () => {
    const own = { labels: ["own"], hostname: "web" };
    const labels = (more: unknown) => Reflect.get(mergeArgs<object>(own, { labels: more }), "labels");

    it("go behind the library's own list, or take the place of its value", () =>
        assert.deepEqual(mergeArgs<object>(own, { labels: ["more"], hostname: "other", tty: true }), {
            labels: ["own", "more"],
            hostname: "other",
            tty: true,
        }));

    it("go behind it as well where the list comes later", async () => {
        assert.deepEqual(await knownValue(labels(pulumi.output(["more"]))), ["own", "more"]);
        assert.deepEqual(await knownValue(labels(Promise.resolve(["more"]))), ["own", "more"]);
        assert.deepEqual(await knownValue(labels(pulumi.output(undefined))), ["own"]);
    });
});
