import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { type ProgramResult, runProgram } from "../support/mocks";

const cidrs: Record<string, string> = { rack1: "10.81.0.0/24", rack2: "10.82.0.0/24", rack3: "10.83.0.0/24" };

/** Machines that a program places over hypervisors; where they are, told by their labels. */
function program(racks: string[], vms: string[], more: Partial<fusion.VmToPlace> = {}) {
    const place = async (): Promise<Record<string, string>> => {
        const hypervisors = racks.map(
            (name, i) =>
                new fusion.FusionHypervisor(name, {
                    uri: `qemu+ssh://root@${name}/system`,
                    network: { cidr: cidrs[name] ?? "" },
                    labels: { zone: `z${i}` },
                    capacity: { cpus: 8, memoryMiB: 8192 },
                }),
        );
        const wants = Object.fromEntries(vms.map((vm) => [vm, { vcpus: 1, memoryMiB: 2048, ...more }]));
        const on = await fusion.placeVms("spread", { hypervisors, vms: wants });
        const placed = await Promise.all(
            Object.entries(on).map(async ([name, hypervisor], index) => {
                const vm = new fusion.FusionVm(name, {
                    hypervisor,
                    image: { source: "/image.qcow2", sha256: "a".repeat(64) },
                    address: `10.8${hypervisor.spec.name.slice(-1)}.0.${11 + index}`,
                    ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
                });
                return [name, `${vm.spec.labels.hypervisor} ${vm.spec.labels.zone}`] as const;
            }),
        );
        return Object.fromEntries(placed);
    };
    return { on: pulumi.output(place()) };
}

describe("virtual machines that a program places", () => {
    let first: ProgramResult;
    before(async () => {
        first = await runProgram(() => program(["rack1", "rack2"], ["vm1", "vm2", "vm3"]));
    });

    it("are spread, made on their hypervisors and inherit their labels", () => {
        assert.deepEqual(first.errors, []);
        assert.deepEqual(first.values.on, { vm1: "rack1 z0", vm2: "rack2 z1", vm3: "rack1 z0" });
        const domains = first.registered.filter(({ type }) => type === "libvirt:index/domain:Domain");
        assert.deepEqual(domains.map(({ name, provider }) => `${name} ${/::(rack\d)/.exec(provider)?.[1]}`).sort(), [
            "vm1 rack1",
            "vm2 rack2",
            "vm3 rack1",
        ]);
    });

    it("stay when a hypervisor and a machine are added", async () => {
        const racks = ["rack3", "rack1", "rack2"];
        const now = await runProgram(() => program(racks, ["vm0", "vm1", "vm2", "vm3"]), first.outputs);
        assert.deepEqual(now.errors, []);
        const fresh = await runProgram(() => program(racks, ["vm0", "vm1", "vm2", "vm3"]));
        const hypervisors = (values: unknown) => JSON.stringify(values).replaceAll(/ z\d/g, "");
        assert.equal(
            hypervisors(now.values.on),
            hypervisors({ vm0: "rack3", vm1: "rack1", vm2: "rack2", vm3: "rack1" }),
        );
        assert.notEqual(
            hypervisors(fresh.values.on),
            hypervisors(now.values.on),
            "the last state makes the difference",
        );
    });

    it("that fit nowhere fail before anything is made", async () => {
        const { errors, registered } = await runProgram(() => program(["rack1"], ["vm1"], { memoryMiB: 9000 }));
        assert.equal(errors.length, 1, errors.join("\n"));
        assert.match(
            errors[0] ?? "",
            /spread\.vms\.vm1: fits on no hypervisor \(rack1: memoryMiB: needs 9000, 8192 left\)/,
        );
        assert.deepEqual(
            registered.filter(({ type }) => !type.startsWith("fusion:")),
            [],
        );
    });
});
