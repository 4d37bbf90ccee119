import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { analyse } from "../../../lib/graph";
import { projectDir } from "../../../tools/paths";
import { follow } from "./follow";

describe("docs/graph.md", () => {
    it("has an example whose numbers are right", () => {
        const text = readFileSync(join(projectDir, "docs", "graph.md"), "utf8");
        const report = analyse(JSON.parse(/```json\n(.*?)```/s.exec(text)?.[1] ?? ""));
        const rows = [...text.matchAll(/^\| `([^`]+)` \| `([^`]+)` \|/gm)];
        assert.ok(rows.length > 15, `${rows.length} rows`);
        for (const [, path = "", value = ""] of rows) {
            assert.deepEqual(follow(report, path), JSON.parse(value), path);
        }
    });
});
