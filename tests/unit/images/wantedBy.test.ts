import assert from "node:assert/strict";
import { wantedBy } from "../../../lib/images/wantedBy";

describe("the containers that an image is wanted by", () => {
    const names = ["web-0-a-0", "web-1-a-0"];
    const said = (before: string, ...there: string[]) => wantedBy(names, before, there);

    it("are named", () => {
        assert.equal(said(""), "web-0-a-0 web-1-a-0", "new ones");
        assert.equal(said("web-0-a-0 web-1-a-0", ...names), "web-0-a-0 web-1-a-0");
        assert.equal(said("web-0-b-0 web-1-b-0"), "web-0-a-0 web-1-a-0", "of another version");
        assert.equal(wantedBy([], "web-0-a-0", []), "");
    });

    it("are told apart from those that were gone, once each time", () => {
        const first = said("web-0-a-0 web-1-a-0", "web-0-a-0");
        assert.equal(first, "web-0-a-0 web-1-a-0+1");
        assert.equal(said(first, ...names), first, "with nothing to do in a second preview");
        assert.equal(said(first, "web-0-a-0"), "web-0-a-0 web-1-a-0+2");
    });
});
