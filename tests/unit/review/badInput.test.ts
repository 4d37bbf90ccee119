import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { FusionInputError, reviewMarkdown, summarisePreview } from "../../../lib";
import { runCli } from "../../support/cli";

const recording = (name: string) =>
    readFileSync(join(__dirname, "..", "..", "golden", "review", `${name}.json`), "utf8");

describe("fusion review", () => {
    for (const [what, stdin, words] of [
        [
            "nothing",
            "",
            /^fusion: standard input: is empty: the preview printed nothing; give what `pulumi preview --json --show-sames` prints$/m,
        ],
        ["a preview that is cut off", recording("image").slice(0, 5000), /the preview is cut off: run it again/],
        ["no JSON", "Previewing update (dev):\n", /^fusion: standard input:1:1: .*give what `pulumi preview --json/m],
        ["a list", "[]", /is no preview but \[\]; give what/],
        ["an empty object", "{}", /is an empty object and no preview/],
        ["a stack's state", '{"version":3,"deployment":{"resources":[]}}', /is the state of a stack and no preview/],
        [
            "an event of the engine",
            '{"sequence":0,"preludeEvent":{"config":{}}}',
            /is one of the engine's events .*PULUMI_ENABLE_STREAMING_JSON_PREVIEW/,
        ],
        ["a placement problem", '{"hosts":[],"services":[]}', /is a placement problem and no preview/],
        ["other JSON", '{"name":"web","version":"1"}', /is no preview: it has name, version/],
        ["steps that are no list", '{"steps":{}}', /standard input: steps: must be a list, got \{\}/],
        [
            "a step without a URN",
            '{"steps":[{"op":"create"}]}',
            /standard input: steps\[0\]\.urn: must be a text that is not empty, got undefined/,
        ],
    ] as const) {
        it(`says clearly that it was given ${what}`, async () => {
            const { code, out, err } = await runCli(["review"], { stdin });
            assert.deepEqual([code, out], [2, ""]);
            assert.match(err, words);
        });
    }

    it("says what is wrong with the rules, with path, value and remedy", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-review-"));
        try {
            for (const [file, text, words] of [
                [
                    "a.json",
                    '{"deleteDate":true}',
                    /a\.json: deleteDate: is not known here; what can be given is deleteData/,
                ],
                [
                    "b.yaml",
                    "leastServing: { web: -1 }",
                    /b\.yaml: leastServing\.web: must be a whole number from 0 .*, got -1; give how many/,
                ],
                ["c.yaml", "publicListener: maybe", /c\.yaml: publicListener: must be true or false, got "maybe"/],
                ["d.yaml", "a: [", /d\.yaml: is no YAML/],
            ] as const) {
                writeFileSync(join(dir, file), text);
                const { code, err } = await runCli(["review", "--rules", join(dir, file)], {
                    stdin: recording("nothing"),
                });
                assert.equal(code, 2);
                assert.match(err, words);
            }
            writeFileSync(join(dir, "good.yaml"), "publicListener: true\n");
            const stopped = await runCli(["review"], { stdin: recording("listener-added") });
            const allowed = await runCli(["review", "--rules", join(dir, "good.yaml")], {
                stdin: recording("listener-added"),
            });
            assert.deepEqual([stopped.code, allowed.code], [1, 0]);
        } finally {
            rmSync(dir, { recursive: true });
        }
    });

    it("prints the review as JSON", async () => {
        const { code, out } = await runCli(["review", "--json"], { stdin: recording("image") });
        assert.equal(code, 0);
        assert.match(JSON.parse(out).headline, /^web: 4 replicas roll/);
    });

    it("tells a preview that failed, loudly", async () => {
        const message = "1 wrong argument, nothing was created:\nweb.image: is not there";
        const { code, out } = await runCli(["review"], {
            stdin: JSON.stringify({ steps: [], diagnostics: [{ severity: "error", message }] }),
        });
        assert.equal(code, 1);
        assert.match(out, /The preview failed/);
        assert.match(out, /web\.image: is not there/);
    });

    it("lists resources of other providers plainly", async () => {
        const state = {
            type: "aws:s3/bucket:Bucket",
            parent: "urn:pulumi:dev::shop::pulumi:pulumi:Stack::shop-dev",
            inputs: {},
            outputs: {},
        };
        const urn = "urn:pulumi:dev::shop::aws:s3/bucket:Bucket::logs";
        const { code, out } = await runCli(["review"], {
            stdin: JSON.stringify({ steps: [{ op: "delete", urn, oldState: state }] }),
        });
        assert.equal(code, 0);
        assert.match(out, /\| ❌ deleted \| `aws:s3\/bucket:Bucket` `logs` \|/);
        assert.match(out, /^-.* aws:s3\/bucket:Bucket logs$/m);
    });

    it("answers anything with a review or an error that names it", () => {
        const step = fc.record({
            op: fc.constantFrom("create", "delete", "replace", "x"),
            urn: fc.string(),
            oldState: fc.jsonValue(),
            newState: fc.jsonValue(),
        });
        fc.assert(
            fc.property(fc.oneof(fc.jsonValue(), fc.record({ steps: fc.array(step) })), (value) => {
                try {
                    assert.ok(reviewMarkdown(summarisePreview(value)).length < 65_536);
                } catch (error) {
                    assert.ok(error instanceof FusionInputError, String(error));
                }
            }),
        );
    });
});
