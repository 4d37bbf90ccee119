import assert from "node:assert/strict";
import type * as fusion from "../../lib";
import { farm } from "../support/farm";
import { runProgram } from "../support/mocks";
import { TYPES } from "../support/state";

describe("what the engine is told of a machine", () => {
    const registered = async (vm: Partial<fusion.FusionVmArgs>) => {
        const result = await runProgram(() => farm({ vms: ["vm1"], replicas: 1, vm }));
        assert.deepEqual(result.errors, []);
        return result.registered;
    };

    it("is that data disks are protected, unless the program says otherwise, and nothing else is", async () => {
        const dataDisks = [
            { name: "data", sizeGiB: 20 },
            { name: "cache", sizeGiB: 5, protect: false },
        ];
        const resources = await registered({ dataDisks });
        const volumes = resources.filter(({ type }) => type === TYPES.volume);
        assert.deepEqual(volumes.map(({ name, protect }) => [name, protect]).sort(), [
            ["vm1", false],
            ["vm1-cache", false],
            ["vm1-data", true],
        ]);
        assert.deepEqual(
            resources.filter(({ protect }) => protect).map(({ name }) => name),
            ["vm1-data"],
        );
    });

    it("is more time than the scripts take that give up by themselves, and say why", async () => {
        const ready = (await registered({ readyTimeoutSeconds: 600, shutdownSeconds: 60 })).find(
            ({ type, name }) => type === TYPES.command && name === "vm1",
        );
        assert.deepEqual(ready?.timeouts, { create: "780s", update: "780s", delete: "240s" });
    });

    it("is that what `domain` says makes another domain, also when it is taken out", async () => {
        const keys = async (domain: fusion.FusionVmArgs["domain"]) =>
            (await registered({ ...(domain && { domain }) })).find(({ type }) => type === TYPES.domain)
                ?.replaceOnChanges;
        const without = await keys(undefined);
        assert.deepEqual(await keys({ video: { type: "virtio" } }), without);
        assert.ok(
            ["cpu", "disks", "tpm", "video", "xml"].every((key) => without?.includes(key)),
            without?.join(),
        );
        assert.ok(["vcpu", "memory", "running"].every((key) => !without?.includes(key)));
    });
});
