import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LOGIN_FILE } from "../../../lib/balancer/places";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { loginFile } from "../../../lib/balancer/secretScripts";
import { projectDir } from "../../../tools/paths";
import { makeCertificate } from "../../support/certificates";
import { explained, haproxyCheck, least } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

describe("every configuration in tests/golden", () => {
    const folder = join(projectDir, "tests", "golden");
    const names = [
        ...readdirSync(join(folder, "balancer")).map((name) => join("balancer", name)),
        ...readdirSync(folder),
    ].filter((name) => name.endsWith(".cfg"));
    const secrets = mkdtempSync(join(tmpdir(), "fusion-golden-"));
    after(() => rmSync(secrets, { recursive: true }));

    it("is taken by HAProxy, the machine's and a newer one", async () => {
        await needPrograms("haproxy", "openssl");
        const { certificate, key } = await makeCertificate("www.example.org");
        writeFileSync(join(secrets, "0.pem"), certificate + key);
        writeFileSync(join(secrets, LOGIN_FILE), loginFile("a", "b").content);
        const [usual = ""] = renderHaproxyConfig(least).split(/^(?=frontend )/m);
        const texts = names.map((name) => {
            const text = readFileSync(join(folder, name), "utf8")
                .replaceAll(/\S+\/secret\//g, `${secrets}/`)
                .replaceAll(/\S+\/acme\/\w+\.pem/g, `${secrets}/0.pem`);
            // What all have alike at their beginning is kept once.
            return text.startsWith("global") ? text : usual + text;
        });
        assert.ok(names.length >= 8, names.join());
        for (const [index, answer] of (await haproxyCheck(texts)).entries()) {
            assert.equal(answer, undefined, `${names[index]}: ${explained(answer ?? "", texts[index] ?? "")}`);
        }
    });
});
