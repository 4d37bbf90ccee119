import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { analyseSwarm } from "../../../../lib/graph";
import { projectDir } from "../../../../tools/paths";
import { follow } from "../follow";

describe("docs/swarm.md", () => {
    it("has an example whose numbers are right", () => {
        const text = readFileSync(join(projectDir, "docs", "swarm.md"), "utf8");
        const section = text.slice(text.indexOf("## What a swarm survives"));
        const problem = readFileSync(join(projectDir, "examples", "problems", "swarm.json"), "utf8");
        const report = analyseSwarm(JSON.parse(problem));
        const rows = [...section.matchAll(/^\| `(domains\.[^`]+)` \| `([^`]+)` \|/gm)];
        assert.ok(rows.length >= 10, `${rows.length} rows`);
        for (const [, path = "", value = ""] of rows) assert.deepEqual(follow(report, path), JSON.parse(value), path);
    });
});
