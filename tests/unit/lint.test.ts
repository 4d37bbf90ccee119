import assert from "node:assert/strict";
import { join } from "node:path";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";

const program = (name: string) => join(projectDir, "node_modules", ...name.split("/"));

describe("the repository", () => {
    const clean = async (args: string[]) => {
        const { code, stdout, stderr } = await run(process.execPath, args, { cwd: projectDir, allowFailure: true });
        assert.equal(code, 0, `${stdout}${stderr}`);
    };

    it("is formatted and free of lint", () => clean([program("@biomejs/biome/bin/biome"), "check", "."]));
    it("has sound types", () => clean([program("typescript/bin/tsc"), "--noEmit"]));
});
