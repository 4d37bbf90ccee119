import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { commandLine, quote, script } from "../../lib/shell";

describe("shell text", () => {
    it("leaves plain words as they are and quotes the rest", () => {
        assert.equal(quote("qemu:///system"), "qemu:///system");
        assert.equal(quote(""), "''");
        assert.equal(quote("it's $HOME"), `'it'\\''s $HOME'`);
        assert.equal(commandLine(["ssh", "-o", "A=b c"]), "ssh -o 'A=b c'");
    });

    it("gives any word to a program unchanged", () => {
        fc.assert(
            fc.property(
                fc.array(
                    fc.string({ unit: "binary" }).filter((s) => !/[\0\ud800-\udfff]/.test(s)),
                    { maxLength: 5 },
                ),
                (words) => {
                    const out = execFileSync("sh", ["-c", commandLine(["printf", "%s\\0", ...words])], {
                        encoding: "utf8",
                    });
                    assert.deepEqual(out.split("\0").slice(0, -1), words.length === 0 ? [""] : words);
                },
            ),
            { numRuns: 60 },
        );
    });

    it("hands values to a script as variables, in the order of their names", () => {
        assert.equal(script({ B: "x y", A: 1 }, "\necho $A\n"), "set -eu\nA=1\nB='x y'\necho $A\n");
    });

    it("refuses a NUL character", () => {
        assert.throws(() => quote("a\0b"), /NUL/);
    });
});
