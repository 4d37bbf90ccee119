import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkerFlags, type Recipe, recipeKey, recipes } from "../../../tools/engine/recipe";
import { checksumOf } from "../../../tools/engine/released";
import { projectDir } from "../../../tools/paths";

describe("recipeKey", () => {
    let go = "";
    beforeEach(() => {
        go = mkdtempSync(join(tmpdir(), "fusion-recipe-"));
        cpSync(join(projectDir, "tools", "engine", "go"), go, { recursive: true });
    });
    afterEach(() => rmSync(go, { recursive: true }));

    const keys = () =>
        Object.fromEntries(Object.entries(recipes).map(([name, recipe]) => [name, recipeKey(recipe, go)]));
    const changed = (change: () => void): string[] => {
        const before: Record<string, string> = keys();
        change();
        const after: Record<string, string> = keys();
        return Object.keys(before).filter((name) => before[name] !== after[name]);
    };

    it("is another one for each program, and the same for the same recipe", () => {
        assert.equal(new Set(Object.values(keys())).size, Object.keys(recipes).length);
        assert.deepEqual(
            changed(() => {}),
            [],
        );
    });

    it("changes with the module's versions", () => {
        const modules = changed(() => writeFileSync(join(go, "plugins", "go.sum"), "other"));
        assert.deepEqual(modules, ["cli", "docker", "terraformProvider", "dockerTerraform", "sdkWriter"]);
    });

    it("changes with the program's own sources, and with no other's", () => {
        assert.deepEqual(
            changed(() => writeFileSync(join(go, "plugins", "docker", "info", "info.go"), "")),
            ["docker"],
        );
    });

    it("changes with the flags and the platform, not with the estimate shown", () => {
        const recipe: Recipe = recipes.cli;
        const key = recipeKey(recipe, go, "linux-x64");
        assert.notEqual(recipeKey({ ...recipe, variables: {} }, go, "linux-x64"), key);
        assert.notEqual(recipeKey(recipe, go, "linux-arm64"), key);
        assert.equal(recipeKey({ ...recipe, minutes: 99 }, go, "linux-x64"), key);
    });
});

describe("linkerFlags", () => {
    it("sets the version that the engine reports", () => {
        const flags = "-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0";
        assert.equal(linkerFlags(recipes.cli), flags);
    });
});

describe("checksumOf", () => {
    const sums =
        "AA11  pulumi-v1-linux-x64.tar.gz\nbb22 *./dist/pulumi-v1-linux-arm64.tar.gz\ncc33  old-pulumi-v1-linux-x64.tar.gz.sig\n";
    it("finds a file by its whole name", () => {
        assert.equal(checksumOf("pulumi-v1-linux-x64.tar.gz", sums), "aa11");
        assert.equal(checksumOf("pulumi-v1-linux-arm64.tar.gz", sums), "bb22");
        assert.equal(checksumOf("linux-x64.tar.gz", sums), undefined);
    });
});
