import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { projectDir } from "../../../tools/paths";
import { digestOfAnswers } from "./answers";

/** Another line of Node.js than the one that the tests run on. */
const OTHER = process.versions.node.startsWith("24.") ? "22.23.3" : "24.21.0";

describe(`answers on Node.js ${process.versions.node}`, () => {
    it(`are the same on ${OTHER}`, function () {
        // It may have to be downloaded.
        this.timeout(300_000);
        const script = join(__dirname, "answers.ts");
        const there = execFileSync(process.execPath, [join(projectDir, "tools", "node.mjs"), script], {
            env: { ...process.env, FUSION_NODE: OTHER },
            encoding: "utf8",
        });
        assert.equal(there.trim(), digestOfAnswers());
    });
});
