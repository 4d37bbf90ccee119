import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkInputs, diffInputs } from "../../../tools/engine/stand-ins/inputs";
import { requiredPackages } from "../../../tools/engine/stand-ins/packages";
import { equal, hasSecret, hasUnknown, reveal, secret, unknown } from "../../../tools/engine/stand-ins/values";

describe("the values of the command stand-in", () => {
    it("sees secrets and unknowns however deep, and takes the marks off", () => {
        const value = { a: [secret({ b: secret("x") })], c: null };
        assert.equal(hasSecret(value), true);
        assert.equal(hasSecret({ a: [{ b: "x" }] }), false);
        assert.equal(hasUnknown({ a: [secret(unknown)] }), true);
        assert.deepEqual(reveal(value), { a: [{ b: "x" }], c: null });
    });

    it("compares without the order of keys, and tells a list from a map", () => {
        assert.equal(equal({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }), true);
        assert.equal(equal([1, 2], [2, 1]), false);
        assert.equal(equal(["x"], { 0: "x" }), false);
        assert.equal(equal({ a: null }, {}), false);
        assert.equal(equal(secret("x"), "x"), false);
    });
});

describe("checkInputs", () => {
    const reasons = (inputs: Parameters<typeof checkInputs>[0]) =>
        checkInputs(inputs).failures.map(({ property, reason }) => `${property}: ${reason}`);

    it("fills in the default of the released plugin", () => {
        assert.deepEqual(checkInputs({ create: "true" }).inputs, { create: "true", addPreviousOutputInEnv: true });
        assert.equal(checkInputs({ addPreviousOutputInEnv: false }).inputs.addPreviousOutputInEnv, false);
    });

    it("takes secrets and unknowns", () => {
        assert.deepEqual(
            reasons({ create: secret("x"), stdin: unknown, environment: { A: secret("x"), B: unknown } }),
            [],
        );
    });

    it("says all that is wrong at once", () => {
        assert.deepEqual(reasons({ create: 1, logging: "some", environment: { A: 1 }, triggers: "x", nope: true }), [
            "create: expected a string",
            "logging: expected one of none, stdout, stderr, stdoutAndStderr",
            "environment: expected a map of strings",
            "triggers: expected an array",
            "nope: no such input",
        ]);
        assert.match(String(reasons({ assetPaths: ["*"] })), /released plugin has it/);
    });
});

describe("diffInputs", () => {
    it("replaces for triggers alone", () => {
        const olds = { create: "a", triggers: [1], dir: "/" };
        const news = { create: "b", triggers: [2], stdin: "x" };
        assert.deepEqual(diffInputs(olds, news, []), [
            { property: "create", kind: "update", replace: false },
            { property: "triggers", kind: "update", replace: true },
            { property: "dir", kind: "delete", replace: false },
            { property: "stdin", kind: "add", replace: false },
        ]);
        assert.deepEqual(diffInputs(olds, news, ["create", "triggers", "dir", "stdin"]), []);
    });
});

describe("requiredPackages", () => {
    let dir = "";
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "fusion-packages-"));
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    const write = (path: string, content: object) => {
        mkdirSync(join(dir, path), { recursive: true });
        writeFileSync(join(dir, path, "package.json"), JSON.stringify(content));
    };

    it("finds packages in any node_modules, nested and linked ones too", () => {
        const parameterization = { name: "libvirt", version: "0.8.3", value: "e30=" };
        write("elsewhere/lib/dist/sdks/libvirt", {
            name: "@pulumi/libvirt",
            version: "0.8.3",
            pulumi: { resource: true, name: "terraform-provider", version: "1.1.3", parameterization },
        });
        write("program/node_modules/@pulumi/docker", {
            name: "@pulumi/docker",
            version: "5.2.0",
            pulumi: { resource: true },
        });
        write("program/node_modules/plain", { name: "plain", version: "1.0.0" });
        write("program", { name: "@pulumi/own", version: "1.0.0", pulumi: { resource: true } });
        symlinkSync(join(dir, "elsewhere/lib"), join(dir, "program/node_modules/lib"));
        symlinkSync(join(dir, "program"), join(dir, "program/node_modules/loop"));
        symlinkSync(join(dir, "nowhere"), join(dir, "program/node_modules/dangling"));
        const found = requiredPackages(join(dir, "program"));
        assert.deepEqual(
            found.map(({ name, version }) => [name, version]),
            [
                ["docker", "v5.2.0"],
                ["terraform-provider", "v1.1.3"],
            ],
        );
        assert.deepEqual(found[1]?.parameterization, parameterization);
    });
});
