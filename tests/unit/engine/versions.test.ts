import assert from "node:assert/strict";
import { atLeast, chooseOrigin } from "../../../tools/engine/versions";

describe("atLeast", () => {
    const cases: [string, string, boolean][] = [
        ["3.238.0", "3.238.0", true],
        ["3.237.9", "3.238.0", false],
        ["v3.259.0", "3.238.0", true],
        ["4.0.0", "3.238.0", true],
        ["go1.26.8", "1.26", true],
        ["go1.9", "1.26", false],
        ["3.260.0-alpha.1", "3.259.0", true],
    ];
    for (const [version, minimum, expected] of cases) {
        it(`${version} is ${expected ? "" : "not "}at least ${minimum}`, () => {
            assert.equal(atLeast(version, minimum), expected);
        });
    }
});

describe("chooseOrigin", () => {
    it("prefers the user's own, then the released one, then the build", () => {
        assert.equal(chooseOrigin({ installed: "3.250.0", releases: true }), "installed");
        assert.equal(chooseOrigin({ installed: "3.250.0", releases: false }), "installed");
        assert.equal(chooseOrigin({ releases: true }), "released");
        assert.equal(chooseOrigin({ releases: false }), "built");
    });

    it("passes over a Pulumi that is too old", () => {
        assert.equal(chooseOrigin({ installed: "3.100.0", releases: true }), "released");
    });

    it("does what FUSION_ENGINE says", () => {
        assert.equal(chooseOrigin({ forced: "built", installed: "3.250.0", releases: true }), "built");
        assert.equal(chooseOrigin({ forced: "released", releases: false }), "released");
        assert.equal(chooseOrigin({ forced: "", releases: false }), "built");
    });

    it("says why FUSION_ENGINE cannot be had", () => {
        assert.throws(() => chooseOrigin({ forced: "installed", releases: true }), /no pulumi on the PATH.*3\.238\.0/);
        assert.throws(() => chooseOrigin({ forced: "installed", installed: "3.1.0", releases: true }), /is 3\.1\.0/);
        assert.throws(() => chooseOrigin({ forced: "mine", releases: true }), /"mine".*installed, released or built/);
    });
});
