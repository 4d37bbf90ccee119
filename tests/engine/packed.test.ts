import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "../../tools/build";
import { requiredPackages } from "../../tools/engine/stand-ins/packages";
import { versions } from "../../tools/engine/versions";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { TestStack } from "../support/stack";

describe("the packed library, installed in an empty project", () => {
    let dir = "";
    before(async () => {
        dir = mkdtempSync(join(tmpdir(), "fusion-packed-"));
        await build();
        const packed = await run("npm", ["pack", "--ignore-scripts", "--pack-destination", dir], { cwd: projectDir });
        const archive = packed.stdout.trim().split("\n").at(-1) ?? "";
        writeFileSync(join(dir, "package.json"), JSON.stringify({ name: "empty", private: true }));
        const packages = [`./${archive}`, `@pulumi/pulumi@${versions.pulumi}`, "@types/node@22", "typescript@5.9"];
        await run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", ...packages], { cwd: dir });
    });
    after(() => rmSync(dir, { recursive: true, force: true }));

    it("tells Pulumi which plugins it needs, libvirt's with its parameter", () => {
        const found = requiredPackages(dir).map(({ name, version, parameterization }) => ({
            name,
            version,
            parameter: parameterization && `${parameterization.name} ${parameterization.version}`,
        }));
        assert.deepEqual(found, [
            { name: "command", version: `v${versions.command}`, parameter: undefined },
            { name: "docker", version: `v${versions.docker}`, parameter: undefined },
            {
                name: "terraform-provider",
                version: `v${versions.terraformProvider}`,
                parameter: `libvirt ${versions.libvirt}`,
            },
        ]);
    });

    it("compiles and previews a program that imports the four components", async () => {
        const stack = await TestStack.create({
            modules: join(dir, "node_modules"),
            typecheck: true,
            program: `
                import * as fusion from "pulumi-fusion";
                const hosts = ["a", "b"].map((name, i) => ({ name, address: "10.99.0.1" + i, ssh: { user: "root" } }));
                const web = new fusion.FusionContainerSet("web", {
                    hosts, image: "httpd@sha256:${"0".repeat(64)}", replicas: 2, ports: [{ container: 80 }],
                });
                export const endpoints = web.endpoints;
                // A hypervisor is asked during a preview already: that there is none here must be what stops these.
                export const classes = [fusion.FusionHypervisor, fusion.FusionVm, fusion.FusionBalancer].map((c) => c.name);`,
        });
        try {
            const preview = await stack.preview();
            assert.equal(preview.ok, true, preview.text);
            const containers = preview.steps.filter(({ type }) => type === "docker:index/container:Container");
            assert.equal(containers.length, 2, preview.text);
        } finally {
            await stack.dispose();
        }
    });
});
