import assert from "node:assert/strict";
import { reviewMarkdown, summarisePreview } from "../../../lib";
import { manySteps } from "../../support/previews";

describe("the review of a change of 1,000 containers", () => {
    const review = summarisePreview(manySteps({ sets: 10, replicas: 100, hosts: 50 }));
    const text = reviewMarkdown(review);

    it("tells equal changes of many replicas as one row", () => {
        assert.match(text, /\| 🔁 replaced \| 100 containers of `s0` \| image \|/);
        assert.match(text, /^± +100 x docker:index\/container:Container s0-0, .* and 94 more/m);
    });

    it("fits into a comment", () => assert.ok(text.length < 65_536, String(text.length)));

    it("fits where there are more sections than a comment has room for their titles, and says how many are left out", () => {
        const guests = Array.from({ length: 1500 }, (_, i) => ({
            machines: [`machine-${i}-${"x".repeat(30)}`],
            policy: "",
            diff: `-a${i}\n+b${i}`,
        }));
        const long = reviewMarkdown({ ...review, guests });
        assert.ok(long.length < 65_536, String(long.length));
        assert.match(long, /_\d+ sections are left out here, to fit into a comment/);
        assert.match(long, /### Services/);
    });

    it("fits however much there is to tell, with a word of what was cut, and what matters is there still", () => {
        const moves = Array.from({ length: 5000 }, (_, i) => ({
            replica: `s-${i}`,
            from: "h1",
            to: `h${i}`,
            why: "because ".repeat(20),
        }));
        const long = reviewMarkdown({ ...review, headline: "x".repeat(100_000), moves });
        assert.ok(long.length < 65_536, String(long.length));
        assert.match(long, /more lines are cut here, to fit into a comment/);
        assert.match(long, /### Services/);
        // The least important went first.
        assert.doesNotMatch(long, /\+ .*docker:index/);
        assert.equal((long.match(/^```/gm) ?? []).length % 2, 0);
        assert.equal((long.match(/<details>/g) ?? []).length, (long.match(/<\/details>/g) ?? []).length);
    });
});
