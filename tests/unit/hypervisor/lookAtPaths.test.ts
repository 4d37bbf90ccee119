import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lookAtPaths } from "../../../lib/hypervisor/lookAtPaths";

describe("a look at paths on a hypervisor", () => {
    it("tells files, directories and what is not there, whatever they are called", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-paths-"));
        try {
            const odd = join(dir, "it's $HOME \\n");
            writeFileSync(odd, "");
            const none = join(dir, "none");
            const found = await lookAtPaths(undefined, [odd, dir, none]);
            assert.deepEqual(
                [...found],
                [
                    [odd, "file"],
                    [dir, "directory"],
                    [none, "nothing"],
                ],
            );
            assert.equal((await lookAtPaths(undefined, [])).size, 0);
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });
});
