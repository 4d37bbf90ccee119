import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import { mergeArgs } from "../../../lib/passThrough";
import { checkDomain, domainHash } from "../../../lib/vm/domainArgs";

describe("what a user adds to a domain", () => {
    it("goes behind the library's own in lists, and takes the place of anything else", () => {
        const own = { name: "vm1", cpu: { mode: "host-passthrough" }, disks: [{ volumeId: "/pool/vm1.qcow2" }] };
        assert.deepEqual(
            mergeArgs<object>(own, {
                cpu: { mode: "host-model" },
                disks: [{ blockDevice: "/dev/sdb" }],
                tpm: {},
            }),
            {
                name: "vm1",
                cpu: { mode: "host-model" },
                disks: [{ volumeId: "/pool/vm1.qcow2" }, { blockDevice: "/dev/sdb" }],
                tpm: {},
            },
        );
    });

    it("is refused where an argument of the component says it, by name", () => {
        const faults = new Faults();
        checkDomain("vm1.domain", { memory: 5, cpu: {}, running: true, cloudinit: "x" }, faults);
        assert.deepEqual(
            faults.error().errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`),
            [
                "vm1.domain.cloudinit: is what the library itself sets; use the arguments for the guest",
                "vm1.domain.memory: is what the library itself sets; use memoryMiB and maxMemoryMiB",
                "vm1.domain.running: is what the library itself sets; use no argument: it always runs, and is started again when it is found stopped",
            ],
        );
    });

    it("has a name that follows its values and not their order", () => {
        assert.equal(domainHash({}), "");
        assert.equal(domainHash({ machine: "q35", arch: "x86_64" }), domainHash({ arch: "x86_64", machine: "q35" }));
        assert.notEqual(domainHash({ machine: "q35" }), domainHash({ machine: "pc" }));
    });
});
