import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const folder = join(__dirname, "..", "golden");

/**
 * Compares a text with `tests/golden/NAME` as a whole. `UPDATE_GOLDEN=1 npm test` writes what is new or changed: read the
 * difference before committing it.
 */
export function assertGolden(name: string, actual: string): void {
    const file = join(folder, name);
    if (process.env.UPDATE_GOLDEN === "1") {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, actual);
        return;
    }
    assert.ok(existsSync(file), `there is no tests/golden/${name}; UPDATE_GOLDEN=1 writes it`);
    assert.equal(actual, readFileSync(file, "utf8"), `differs from tests/golden/${name}`);
}
