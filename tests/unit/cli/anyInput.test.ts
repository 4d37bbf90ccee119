import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { isRecord } from "../../../lib/isRecord";
import { projectDir } from "../../../tools/paths";
import { runCli } from "../../support/cli";

const problem = {
    ...JSON.parse(readFileSync(join(projectDir, "examples", "problems", "3-vms.json"), "utf8")),
    previous: { "web-0": "vm1" },
    traffic: [{ from: "web", to: "api", weight: 3 }],
    domains: ["host", "zone"],
};
const placement = { ...problem, assignment: { "web-0": "vm1", "api-0": "vm2" } };
const outputs = {
    held: { "web-0": { vm: "vm1" } },
    hosts: { vm1: { labels: { zone: "a" }, capacity: { cpu: 4 } }, vm2: {} },
    demand: { cpu: 1 },
    needs: 1,
    dependsOn: ["db"],
};
const record = { type: "fusion:index:PlacementRecord", urn: "urn:pulumi:dev::p::t::web", outputs };
const state = { version: 3, deployment: { resources: [record] } };

/** The value with something else at the end of a path of numbers, each taken modulo what there is. */
function spoilt(value: unknown, path: readonly number[], other: unknown): unknown {
    const [step, ...rest] = path;
    const entries = Array.isArray(value) || isRecord(value) ? Object.entries(value) : [];
    if (step === undefined || entries.length === 0) return other;
    const changed = entries.map(([key, one], i) => [key, i === step % entries.length ? spoilt(one, rest, other) : one]);
    return Array.isArray(value) ? changed.map(([, one]) => one) : Object.fromEntries(changed);
}

describe("input that is wrong anywhere", () => {
    it("is an answer or a line that begins with the file's name, never a crash or a word such as undefined", async () => {
        const odd = [
            null,
            -1,
            1.5,
            0,
            "",
            "x",
            "host",
            "__proto__",
            true,
            [],
            {},
            [null],
            ["web"],
            { a: null },
            undefined,
        ];
        const commands = [
            ["place", "-"],
            ["place", "-", "--svg", "-", "--picture", "load"],
            ["graph", "-"],
            ["graph", "-", "--svg", "-"],
            ["graph", "-", "--mermaid"],
            ["graph", "--state", "-"],
        ];
        const codes = new Set<number>();
        await fc.assert(
            fc.asyncProperty(
                fc.constantFrom(...commands),
                fc.constantFrom(problem, placement, state),
                fc.array(fc.nat(20), { minLength: 1, maxLength: 6 }),
                fc.constantFrom(...odd),
                async (argv, input, path, other) => {
                    const { code, out, err } = await runCli(argv, {
                        stdin: JSON.stringify(spoilt(input, path, other)),
                    });
                    codes.add(code);
                    assert.ok(
                        code === 2 ? out === "" && /^(fusion: standard input: .+\n)+$/.test(err) : err === "",
                        err,
                    );
                    assert.doesNotMatch(out, /undefined|NaN|\[object/);
                },
            ),
            { numRuns: 2000 },
        );
        assert.deepEqual([...codes].sort(), [0, 1, 2]);
    });
});
