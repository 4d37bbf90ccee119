import assert from "node:assert/strict";
import { tellSecrets } from "../../../lib/containers/secretPrints";

describe("what a preview says of a set's secrets", () => {
    it("names those that change, come and go", () => {
        const before = { "env A": "1", "env B": "1", "file /c": "1" };
        assert.equal(
            tellSecrets("web", before, { "env A": "2", "env B": "1", "env D": "1" }),
            "web: secrets that change, without their values:\n  env A: changes\n  env D: is new\n  file /c: goes",
        );
    });

    it("is nothing where none does, or nothing is known of the last deployment", () => {
        assert.equal(tellSecrets("web", { "env A": "1" }, { "env A": "1" }), undefined);
        assert.equal(tellSecrets("web", undefined, { "env A": "1" }), undefined);
        assert.equal(tellSecrets("web", { "env A": "1" }, undefined), undefined);
    });
});
