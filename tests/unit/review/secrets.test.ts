import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { maskText } from "../../../lib/review/mask";
import { SECRET } from "../../../tools/review/kinds";
import { runCli } from "../../support/cli";

/** A preview of the real engine where every place that takes a secret has one, and those that are plain text too. */
const recording = readFileSync(join(__dirname, "..", "..", "golden", "review", "secrets.json"), "utf8");

describe("a secret in every place where a user could put one", () => {
    for (const [what, preview] of [
        ["as the engine prints it", recording],
        ["where the engine would not mask it", recording.replaceAll("[secret]", `${SECRET}\\n${SECRET}`)],
    ] as const) {
        for (const args of [[], ["--json"]]) {
            it(`is in no output of fusion review ${args.join("")}, ${what}`, async () => {
                assert.ok(preview.includes(SECRET));
                const { out, err } = await runCli(["review", ...args], { stdin: preview });
                assert.ok(out.length > 1000);
                const at = out.indexOf(SECRET);
                assert.equal(at, -1, out.slice(Math.max(0, at - 200), at + 60));
                assert.equal(err, "");
                // Names are there.
                for (const name of ["MARKED", "/etc/marked.conf", "registryAuth"]) assert.ok(out.includes(name), name);
            });
        }
    }

    it("is masked where nobody has marked it, and what is none stays", () => {
        for (const text of [
            `password=${SECRET}`,
            `DB_PASSWORD: "${SECRET}"`,
            `--token ${SECRET}`,
            `https://me:${SECRET}@example.org/x`,
            `stats auth me:${SECRET}`,
            `user me insecure-password ${SECRET}`,
            `    user me password ${SECRET}`,
            `Authorization: Bearer ${SECRET}`,
            `-----BEGIN OPENSSH PRIVATE KEY-----\n${SECRET}\n-----END OPENSSH PRIVATE KEY-----`,
        ]) {
            assert.ok(!maskText(text).includes(SECRET), maskText(text));
        }
        for (const text of [
            "server web-0 10.0.0.1:80 weight 100",
            "PasswordAuthentication no",
            "web: secrets that change",
            "timeout client 60s",
        ]) {
            assert.equal(maskText(text), text);
        }
    });
});
