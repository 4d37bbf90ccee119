import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requiredPackages } from "../../tools/engine/stand-ins/packages";
import { versions } from "../../tools/engine/versions";
import { labConfig } from "../../tools/farm/hypervisor";
import { type Lab, labDown, labUp } from "../../tools/lab";
import { installPacked } from "../support/packed";
import { TestStack } from "../support/stack";
import { webfarmProgram } from "../support/webfarm";

describe("the packed library, installed in an empty project", () => {
    let dir = "";
    let lab: Lab | undefined;
    before(async () => {
        dir = await installPacked();
    });
    after(async () => {
        rmSync(dir, { recursive: true, force: true });
        if (lab) {
            await labDown(lab.name, lab.dir);
        }
    });

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

    it("type-checks and previews a program with the four components", async () => {
        lab = await labUp("test-packed", mkdtempSync(join(tmpdir(), "fusion-test-packed-")));
        const options = { project: "webfarm", config: labConfig(lab), wrap: lab.wrap, typescript: "checked" as const };
        const stack = await TestStack.create({
            ...options,
            program: webfarmProgram,
            modules: join(dir, "node_modules"),
        });
        try {
            const preview = await stack.preview();
            assert.equal(preview.ok, true, preview.text);
            const components = new Set(
                preview.steps.map(({ type }) => type).filter((type) => /^fusion:index:Fusion/.test(type)),
            );
            assert.deepEqual([...components].sort(), [
                "fusion:index:FusionBalancer",
                "fusion:index:FusionContainerSet",
                "fusion:index:FusionHypervisor",
                "fusion:index:FusionVm",
            ]);
        } finally {
            await stack.dispose();
        }
    });
});
