import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathLook } from "../../../lib/hypervisor/lookAtPaths";

describe("a look at paths on a hypervisor", () => {
    it("tells files, directories and what is not there, whatever they are called", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-paths-"));
        try {
            const odd = join(dir, "it's $HOME \\n");
            writeFileSync(odd, "");
            const none = join(dir, "none");
            const found = await pathLook.at(undefined, [odd, dir, none]);
            assert.deepEqual(
                [...found],
                [
                    [odd, "file"],
                    [dir, "directory"],
                    [none, "nothing"],
                ],
            );
            assert.equal((await pathLook.at(undefined, [])).size, 0);
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });
});
