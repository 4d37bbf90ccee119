import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import { hypervisorSpec } from "../../../lib/hypervisor/hypervisorSpec";
import { planVms, type VmProblem, type VmToPlace } from "../../../lib/vm/planVms";
import { faultsOf } from "../../support/faults";

const hypervisor = (name: string, zone: string, capacity: { cpus?: number; memoryMiB?: number } = {}) =>
    hypervisorSpec(name, { uri: "qemu:///system", labels: { zone }, capacity }, new Faults());
const [rack1, rack2] = [hypervisor("rack1", "a"), hypervisor("rack2", "b")];
const small: VmToPlace = { vcpus: 1, memoryMiB: 1024 };

const problem = (more: Partial<VmProblem>): VmProblem => ({
    hypervisors: [rack1, rack2],
    vms: { vm1: small, vm2: small, vm3: small, vm4: small },
    objective: "balance",
    previous: {},
    ...more,
});
const plan = (more: Partial<VmProblem>) => {
    const faults = new Faults();
    const placed = planVms("spread", problem(more), faults);
    faults.throwIfAny();
    return placed;
};

describe("virtual machines on hypervisors", () => {
    it("are spread evenly, on hypervisors without a capacity too", () => {
        const placed = plan({});
        assert.deepEqual(Object.keys(placed), ["vm1", "vm2", "vm3", "vm4"]);
        assert.equal(Object.values(placed).filter((on) => on === "rack1").length, 2);
    });

    it("are weighed by what they ask", () => {
        const { big, ...others } = plan({ vms: { big: { vcpus: 2, memoryMiB: 4096 }, a: small, b: small } });
        assert.ok(!Object.values(others).includes(big ?? ""));
    });

    it("stay where they are when a machine, a hypervisor or both are added", () => {
        const previous = { vm1: "rack1", vm2: "rack1", vm3: "rack1", vm4: "rack1" };
        assert.deepEqual(plan({ previous }), previous);
        const rack3 = hypervisor("rack3", "c");
        const vms = { ...problem({}).vms, vm5: small, "vm-0": small };
        const { vm5, "vm-0": vm0, ...old } = plan({ previous, vms, hypervisors: [rack3, rack2, rack1] });
        assert.deepEqual(old, previous);
        assert.deepEqual([vm0, vm5].sort(), ["rack2", "rack3"]);
    });

    it("go elsewhere only when their hypervisor is gone", () => {
        const previous = { vm1: "rack1", vm2: "rack2", vm3: "rack9", vm4: "rack1" };
        assert.deepEqual(plan({ previous }), { ...previous, vm3: "rack2" });
    });

    it("keep to labels, and to each other's rules", () => {
        const apart = { antiAffinity: { with: ["db1", "db2"], over: "zone" } };
        const placed = plan({
            vms: { db1: { ...small, ...apart }, db2: small, web: { ...small, require: { hypervisor: ["rack2"] } } },
            objective: "fewest-hosts",
        });
        assert.notEqual(placed.db1, placed.db2);
        assert.equal(placed.web, "rack2");
        assert.equal(plan({ vms: { a: { ...small, prefer: { zone: ["b"] } } } }).a, "rack2");
    });

    const told = (more: Partial<VmProblem>) => faultsOf((faults) => planVms("spread", problem(more), faults));

    it("that fit nowhere are told with the reason for every hypervisor", () => {
        const hypervisors = [hypervisor("rack1", "a", { memoryMiB: 2048 }), hypervisor("rack2", "b", { cpus: 1 })];
        const vms = { vm1: { vcpus: 2, memoryMiB: 4096 } };
        assert.deepEqual(told({ hypervisors, vms }), [
            "spread.vms.vm1: fits on no hypervisor (rack1: memoryMiB: needs 4096, 2048 left; rack2: vcpus: needs 2, 1 left); " +
                "add a hypervisor, or ask for less",
        ]);
    });

    it("that are wrong are told at the argument's path", () => {
        const lines = told({
            hypervisors: [rack1, rack1],
            objective: JSON.parse('"best"'),
            vms: { "vm 1": small, vm2: { vcpus: 0, memoryMiB: 0.5 }, vm3: JSON.parse("null") },
        });
        assert.deepEqual(
            lines.map((line) => line.split(": ")[0]),
            [
                "spread.hypervisors[1]",
                "spread.objective",
                "spread.vms.vm 1",
                "spread.vms.vm2.memoryMiB",
                "spread.vms.vm2.vcpus",
                "spread.vms.vm3",
            ],
        );
        assert.match(told({ hypervisors: [] })[0] ?? "", /^spread\.hypervisors: is empty; give at least one/);
        const unknown = { vm1: { ...small, antiAffinity: { with: ["vm9"] } } };
        assert.match(told({ vms: unknown })[0] ?? "", /^spread\.vms\.vm1\.antiAffinity\.with\[0\]: .*"vm9"/);
    });
});
