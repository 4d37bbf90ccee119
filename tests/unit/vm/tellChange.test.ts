import assert from "node:assert/strict";
import { type MachineFacts, machineChange } from "../../../lib/vm/machineFacts";
import type { MachineSight } from "../../../lib/vm/machineMemory";
import { refusals, tellChange, urgencyOf } from "../../../lib/vm/tellChange";
import { facts } from "../../support/documents";
import { assertGolden } from "../../support/golden";

const runs: MachineSight = { known: true, domain: "running", diskGone: false };
const kept = { dataDisks: ["data (20 GiB)"], shutdownSeconds: 90, seed: false, lost: false };
const to = (more: object) => machineChange(facts, { ...facts, ...more });
/** Another configuration of the guest, its arguments by their hashes. */
const of = (before: Record<string, string>, after: Record<string, string>) =>
    machineChange({ ...facts, guest: before }, { ...facts, userData: "ffffffffffff", guest: after });

describe("what a preview says of a machine", () => {
    it("is the text in tests/golden for each kind of change", () => {
        const cases: [string, string | undefined][] = [
            ["another image", tellChange("vm2", to({ image: "b".repeat(64) }), runs, kept)],
            [
                "another image, no data disk",
                tellChange("vm2", to({ image: "b".repeat(64) }), runs, { ...kept, dataDisks: [] }),
            ],
            [
                "more memory than the maximum",
                tellChange("vm2", to({ memoryMiB: 4096, maxMemoryMiB: 4096 }), runs, kept),
            ],
            ["more memory within the maximum", tellChange("vm2", to({ memoryMiB: 3072 }), runs, kept)],
            ["it stands still", tellChange("vm2", to({}), { ...runs, domain: "stopped" }, kept)],
            ["its domain is gone", tellChange("vm2", to({ definitions: 1 }), { ...runs, domain: "gone" }, kept)],
            ["its disk is gone", tellChange("vm2", to({ generation: 1 }), { ...runs, diskGone: true }, kept)],
            [
                "it is lost",
                tellChange("vm2", to({ generation: 1 }), { ...runs, domain: "stopped" }, { ...kept, lost: true }),
            ],
            ["it is lost, and runs", tellChange("vm2", to({ generation: 1 }), runs, { ...kept, lost: true })],
            ["a data disk taken away", tellChange("vm2", to({ dataDisks: {} }), runs, { ...kept, dataDisks: [] })],
            [
                "a data disk elsewhere",
                tellChange(
                    "vm2",
                    machineChange(
                        { ...facts, mounts: { data: { filesystem: "ext4", path: "/srv/data" } } },
                        { ...facts, mounts: { data: { filesystem: "ext4", path: "/srv/more" } }, definitions: 1 },
                    ),
                    runs,
                    kept,
                ),
            ],
            ["another hypervisor", tellChange("vm2", to({ hypervisor: "rack2" }), runs, kept)],
            ["a smaller disk of a new image", tellChange("vm2", to({ image: "b".repeat(64), diskGiB: 9 }), runs, kept)],
            ["other commands", tellChange("vm2", of({ commands: "1" }, { commands: "2", files: "3" }), runs, kept)],
            ["another version of the library", tellChange("vm2", of({ files: "1" }, { files: "1" }), runs, kept)],
            ["a configuration that is ignored", tellChange("vm2", to({}), runs, { ...kept, seed: true })],
        ];
        assertGolden("vm/changes.txt", cases.map(([title, text]) => `== ${title}\n${text}\n`).join("\n"));
    });

    it("is nothing where nothing is to be done", () => {
        assert.equal(tellChange("vm2", to({}), runs, kept), undefined);
    });
});

describe("the order of machines that change", () => {
    it("has those first that do not serve, and leaves alone what is not interrupted", () => {
        assert.equal(urgencyOf(to({ vcpus: 2 }), runs), 0);
        assert.equal(urgencyOf(to({ maxVcpus: 2 }), runs), 1);
        assert.equal(urgencyOf(to({ image: "b".repeat(64) }), { ...runs, domain: "not seen" }), 1);
        assert.equal(urgencyOf(to({}), { ...runs, domain: "stopped" }), 2);
        assert.equal(urgencyOf(to({ definitions: 1 }), { ...runs, domain: "gone" }), 2);
        assert.equal(urgencyOf(to({}), { ...runs, known: false, domain: "gone" }), 0);
    });
});

describe("a data disk that would have another file system", () => {
    const refused = (filesystem: string, mounts: MachineFacts["mounts"]) =>
        refusals(
            "vm1",
            { ...facts, mounts },
            { diskGiB: 10, dataDisks: [{ name: "data", sizeGiB: 20, filesystem }] },
            true,
        ).map(({ path, reason }) => `${path}: ${reason}`);

    it("is refused, with the remedy, where it is known what it has", () => {
        const mounts = { data: { filesystem: "ext4", path: "/srv/data" } };
        assert.deepEqual(refused("ext4", mounts), []);
        assert.deepEqual(refused("xfs", undefined), []);
        assert.deepEqual(refused("xfs", { logs: mounts.data }), []);
        assert.deepEqual(refused("xfs", mounts), [
            'vm1.dataDisks[0].filesystem: is "ext4" on the disk already, and only a blank disk is formatted, got "xfs"; keep "ext4", or give a new disk of another name, copy the data, and remove this one',
        ]);
    });
});

describe("a disk that would shrink", () => {
    const refused = (diskGiB: number, sizeGiB: number, madeAnew = false) =>
        refusals("vm1", facts, { diskGiB, dataDisks: [{ name: "data", sizeGiB, filesystem: "ext4" }] }, madeAnew).map(
            ({ path, reason }) => `${path}: ${reason}`,
        );

    it("is refused, with the remedy", () => {
        assert.deepEqual(refused(10, 20), []);
        assert.deepEqual(refused(20, 30), []);
        assert.deepEqual(refused(9, 19), [
            "vm1.diskGiB: would shrink a disk from 10 to 9 GiB, which destroys it; keep 10, or have the machine made anew with lost: true",
            "vm1.dataDisks[0].sizeGiB: would shrink a disk from 20 to 19 GiB, which destroys it; keep 20, or move the data to a disk of another name",
        ]);
    });

    it("of the system may shrink where the machine is made anew, one of data never", () => {
        assert.deepEqual(refused(9, 20, true), []);
        assert.equal(refused(9, 19, true).length, 1);
    });
});
