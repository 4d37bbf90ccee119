import assert from "node:assert/strict";
import * as fc from "fast-check";
import { unifiedDiff } from "../../../lib/review/unifiedDiff";

const text = fc
    .array(fc.constantFrom("a", "b", "c", "d", ""), { minLength: 1, maxLength: 20 })
    .map((lines) => `${lines.join("\n")}\n`);

describe("a unified diff", () => {
    it("leads from the one text to the other", () => {
        fc.assert(
            fc.property(text, text, (before, after) => {
                const diff = unifiedDiff(before, after, 1000);
                if (before === after) return diff === "";
                const lines = diff.split("\n").slice(1, -1);
                const side = (other: string) =>
                    lines.flatMap((line) => (line.startsWith(other) ? [] : [`${line.slice(1)}\n`])).join("");
                assert.equal(side("+"), before);
                assert.equal(side("-"), after);
            }),
        );
    });

    it("shows three lines around each change, and where it is", () => {
        const lines = Array.from({ length: 20 }, (_, i) => `${i + 1}`);
        const after = lines.map((line) => (line === "10" ? "ten" : line));
        assert.equal(
            unifiedDiff(lines.join("\n"), after.join("\n")),
            "@@ -7,7 +7,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n",
        );
        assert.equal(unifiedDiff("", "a\n"), "@@ -0,0 +1,1 @@\n+a\n");
    });
});
