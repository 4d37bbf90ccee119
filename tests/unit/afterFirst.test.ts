import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { afterFirst } from "../../lib/afterFirst";

describe("clients of a machine", () => {
    it("wait for the first one, whether it fails or not; those of another machine do not", async () => {
        const begun: string[] = [];
        const end: (() => void)[] = [];
        const client = (name: string) => () => {
            begun.push(name);
            return new Promise<string>((resolve, reject) =>
                end.push(() => (name === "first" ? reject(new Error("no way")) : resolve(name))),
            );
        };
        const one = { address: "192.0.2.1", user: "ann" };
        const first = assert.rejects(afterFirst(one, client("first")), /no way/);
        const more = [afterFirst({ ...one }, client("second")), afterFirst({ ...one }, client("third"))];
        const other = afterFirst({ address: "192.0.2.2" }, client("other"));
        await setImmediate();
        assert.deepEqual(begun, ["first", "other"]);
        end[0]?.();
        await first;
        await setImmediate();
        assert.deepEqual(begun, ["first", "other", "second", "third"]);
        for (const done of end.slice(1)) {
            done();
        }
        assert.deepEqual(await Promise.all([...more, other]), ["second", "third", "other"]);
    });
});
