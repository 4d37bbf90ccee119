import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret, unknownCheckingProxy } from "@pulumi/policy";
import { lastOf, lastResources } from "../../../lib/policy/lastResources";
import { plainValues } from "../../../lib/policy/plainValues";
import { leaveMark, takeMark } from "../../../lib/policy/previewMark";
import { projectFolder } from "../../../lib/policy/projectFolder";
import { projectDir } from "../../../tools/paths";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

describe("a policy pack", () => {
    it("takes properties as they are: unknown, secret, without internal keys", () => {
        const given = unknownCheckingProxy({
            ...{ a: UNKNOWN, b: [new Secret("top-secret-value"), { c: UNKNOWN }], d: new Secret({ e: "x" }) },
            ...{ f: { g: [1, true, null] }, __internal: 1 },
        });
        assert.deepEqual(plainValues(given), {
            ...{ a: UNKNOWN, b: ["[secret]", { c: UNKNOWN }], d: "[secret]", f: { g: [1, true, null] } },
        });
    });

    it("finds its project's folder by the name, upwards from where it is, then from the current folder", () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-policy-"));
        try {
            const [shop, other, pack] = [join(dir, "shop"), join(dir, "other"), join(dir, "shop", "ops", "policy")];
            for (const folder of [shop, other, pack]) mkdirSync(folder, { recursive: true });
            writeFileSync(join(shop, "Pulumi.yaml"), "name: shop\nruntime: nodejs\n");
            writeFileSync(join(other, "Pulumi.json"), '{"name":"other"}');
            assert.equal(projectFolder("shop", [pack, other]), shop);
            assert.equal(projectFolder("other", [pack, other]), other);
            assert.equal(projectFolder("third", [pack, other]), undefined);
            writeFileSync(join(shop, "Pulumi.yaml"), "name: [");
            assert.equal(projectFolder("shop", [pack]), undefined);
        } finally {
            rmSync(dir, { recursive: true });
        }
    });

    it("leaves out of a state what is to be deleted after its successor", () => {
        const urn = "urn:pulumi:dev::shop::docker:index/volume:Volume::data";
        const one = { urn, type: "docker:index/volume:Volume", id: "data", inputs: { name: "data" }, protect: true };
        const provider = "urn:pulumi:dev::shop::pulumi:providers:docker::h1::id";
        assert.deepEqual(
            lastOf([
                { ...one, id: "older", delete: true },
                { ...one, provider },
            ]),
            [
                {
                    urn,
                    id: "data",
                    state: {
                        ...{ urn, type: one.type, parent: "", protect: true, provider: "h1" },
                        ...{ inputs: { name: "data" }, outputs: {}, dependencies: {} },
                    },
                },
            ],
        );
    });

    it("says that there is no pulumi to ask for the state", async () => {
        const { PATH } = process.env;
        process.env.PATH = "/nowhere";
        try {
            await assert.rejects(
                lastResources("dev", tmpdir()),
                /^UsageError: there is no pulumi on the PATH; install it$/,
            );
        } finally {
            process.env.PATH = PATH;
        }
    });

    it("leaves a note of a judged preview for the one update of the stack that follows", async () => {
        const stack = `organization/shop/test-${process.pid}`;
        assert.equal(await takeMark(stack), false);
        await leaveMark(stack);
        assert.equal(await takeMark(`${stack}-other`), false);
        assert.equal(await takeMark(stack), true);
        assert.equal(await takeMark(stack), false);
    });

    it("has the version of the library", () => {
        const version = (...path: string[]) => JSON.parse(readFileSync(join(projectDir, ...path), "utf8")).version;
        assert.equal(version("policy", "package.json"), version("package.json"));
    });
});
