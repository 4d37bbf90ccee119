import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { backendEnv } from "../../../tools/engine/backend";

describe("backendEnv", () => {
    let dir = "";
    let project = "";
    let home = "";

    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "fusion-backend-"));
        [project, home] = [join(dir, "project"), join(dir, "home")];
        mkdirSync(project);
        mkdirSync(home);
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    const login = (content: object) => {
        mkdirSync(join(home, ".pulumi"));
        writeFileSync(join(home, ".pulumi", "credentials.json"), JSON.stringify(content));
    };

    it("keeps state and a passphrase that only its owner reads inside the project", () => {
        const env = backendEnv(project, { HOME: home });
        const file = join(project, ".fusion", "passphrase");
        assert.deepEqual(env, {
            PULUMI_BACKEND_URL: `file://${join(project, ".fusion", "state")}`,
            PULUMI_CONFIG_PASSPHRASE_FILE: file,
        });
        assert.equal(statSync(file).mode & 0o777, 0o600);
        const passphrase = readFileSync(file, "utf8");
        assert.ok(passphrase.length >= 32);
        backendEnv(project, { HOME: home });
        assert.equal(readFileSync(file, "utf8"), passphrase, "made once");
    });

    it("leaves the user's passphrase alone", () => {
        const env = backendEnv(project, { HOME: home, PULUMI_CONFIG_PASSPHRASE: "" });
        assert.deepEqual(Object.keys(env), ["PULUMI_BACKEND_URL"]);
    });

    it("leaves the user's backend and token alone", () => {
        assert.deepEqual(backendEnv(project, { HOME: home, PULUMI_BACKEND_URL: "https://pulumi.example" }), {});
        assert.deepEqual(backendEnv(project, { HOME: home, PULUMI_ACCESS_TOKEN: "t" }), {});
    });

    it("carries over a login, since the engine has a PULUMI_HOME of its own", () => {
        login({ current: "https://pulumi.example", accessTokens: { "https://pulumi.example": "t", other: "u" } });
        assert.deepEqual(backendEnv(project, { HOME: home }), {
            PULUMI_BACKEND_URL: "https://pulumi.example",
            PULUMI_ACCESS_TOKEN: "t",
        });
    });

    it("gives a backend of files a passphrase, since only the user's own can be asked for", () => {
        const passphrase = join(project, ".fusion", "passphrase");
        const env = backendEnv(project, { HOME: home, PULUMI_BACKEND_URL: "s3://states" });
        assert.deepEqual(env, { PULUMI_CONFIG_PASSPHRASE_FILE: passphrase });
    });

    it("gives a login to a folder of files no token", () => {
        login({ current: "file://~", accessTokens: { "file://~": "" } });
        assert.equal(backendEnv(project, { HOME: home }).PULUMI_BACKEND_URL, "file://~");
        assert.equal(backendEnv(project, { HOME: home }).PULUMI_ACCESS_TOKEN, undefined);
    });

    it("takes a credentials file without a login for no login", () => {
        login({ current: "" });
        assert.match(String(backendEnv(project, { HOME: home }).PULUMI_BACKEND_URL), /project\/\.fusion\/state$/);
    });
});
