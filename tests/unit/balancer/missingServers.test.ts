import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allMissing, noneFound } from "../../../lib/balancer/missingServers";

describe("the servers that a deployment waits for", () => {
    /** Which of them are missing, where these are up. */
    function missing(text: string, servers: string[], up: string[]): string[] {
        const dir = mkdtempSync(join(tmpdir(), "fusion-missing-"));
        try {
            const lines = (all: string[]) => all.map((one) => `${one}\n`).join("");
            writeFileSync(join(dir, "servers.new"), lines(servers));
            writeFileSync(join(dir, "servers.up"), lines(up));
            const said = execFileSync("sh", ["-euc", `${text}\nmissing`], {
                env: { ...process.env, DIR: dir, FOUND: "api" },
                encoding: "utf8",
            });
            return said.split("\n").filter(Boolean);
        } finally {
            rmSync(dir, { recursive: true });
        }
    }
    const api = ["api/api-h1 10.0.0.1:30000", "api/api-h2 10.0.0.2:30000"];
    const web = "web/web-0 10.0.0.1:20000";

    it("are all that are new, where a deployment knows where each is", () => {
        assert.deepEqual(missing(allMissing, [...api, web], [web]), api);
    });

    it("are one of a service's, and all of others", () => {
        assert.deepEqual(missing(noneFound, [...api, web], api.slice(1)), [web]);
        assert.deepEqual(missing(noneFound, [...api, web], [web]), api);
        assert.deepEqual(missing(noneFound, [...api, web], [api[0] ?? "", web]), []);
    });

    it("are all where none is up yet", () => {
        assert.deepEqual(missing(noneFound, [...api, web], []), [...api, web]);
    });
});
