import assert from "node:assert/strict";
import { type MachineFacts, machineChange, mountsMove, readFacts, writeFacts } from "../../../lib/vm/machineFacts";
import { facts } from "../../support/documents";

const change = (more: Partial<MachineFacts>) => machineChange(facts, { ...facts, ...more });

describe("what happens to a machine that is to change", () => {
    it("is nothing where nothing differs", () => {
        assert.deepEqual(machineChange(facts, { ...facts, dataDisks: { ...facts.dataDisks } }), {
            effect: undefined,
            reasons: [],
        });
    });

    const cases: [string, Partial<MachineFacts>, string, string][] = [
        ["more processors", { vcpus: 2 }, "vcpus: 1 -> 2", "in place"],
        ["more memory", { memoryMiB: 3072 }, "memoryMiB: 2048 -> 3072", "in place"],
        ["a larger disk", { diskGiB: 20 }, "diskGiB: 10 -> 20", "in place"],
        ["no autostart", { autostart: false }, "autostart: true -> false", "in place"],
        ["a larger data disk", { dataDisks: { data: 30 } }, "data disk data: 20 GiB -> 30 GiB", "in place"],
        ["another maximum of memory", { maxMemoryMiB: 4096 }, "maxMemoryMiB: 2048 -> 4096", "restart"],
        ["a further data disk", { dataDisks: { data: 20, logs: 5 } }, "data disk logs: none -> 5 GiB", "restart"],
        ["a data disk taken away", { dataDisks: {} }, "data disk data: 20 GiB -> none", "restart"],
        ["another CPU model", { domain: "01234567" }, "domain:  -> 01234567", "restart"],
        [
            "another image",
            { image: "b".repeat(64) },
            `image.sha256: ${"a".repeat(64)} -> ${"b".repeat(64)}`,
            "new disk",
        ],
        [
            "other user data",
            { userData: "ffffffffffff" },
            "guest's configuration: 0123456789ab -> ffffffffffff",
            "new disk",
        ],
        ["a loss", { generation: 1 }, "lost: false -> true", "new disk"],
    ];
    for (const [what, more, told, effect] of cases) {
        it(`of ${what} is: ${effect}`, () => {
            const { effect: found, reasons } = change(more);
            assert.equal(found, effect);
            assert.deepEqual(
                reasons.map(({ argument, before, after }) => `${argument}: ${before} -> ${after}`),
                [told],
            );
        });
    }

    it("names the arguments of the guest that differ, where they are known of both", () => {
        const guest = { commands: "1", users: "1" };
        const reasons = (before: object, after: object) =>
            machineChange({ ...facts, ...before }, { ...facts, userData: "ffffffffffff", ...after }).reasons.map(
                ({ argument }) => argument,
            );
        assert.deepEqual(reasons({ guest }, { guest: { timezone: "1", users: "1" } }), ["commands", "timezone"]);
        assert.deepEqual(reasons({ guest }, { guest }), ["what the library itself puts into the guest"]);
        assert.deepEqual(reasons({}, { guest }), ["guest's configuration"]);
    });

    it("is nothing where the state is of a version that kept no hashes of the guest's arguments", () => {
        assert.equal(machineChange(facts, { ...facts, guest: { commands: "1" } }).effect, undefined);
        const made = writeFacts(facts);
        assert.deepEqual(readFacts(`MADE='${made}'`), facts);
    });

    it("is a restart where a data disk is to be elsewhere, and nothing where the state does not say where it is", () => {
        const at = (path: string) => ({ ...facts, mounts: { data: { filesystem: "ext4", path } } });
        const { effect, reasons } = machineChange(at("/srv/data"), at("/srv/more"));
        assert.equal(effect, "restart");
        assert.deepEqual(
            reasons.map(({ argument, before, after }) => `${argument}: ${before} -> ${after}`),
            ["path of data disk data: /srv/data -> /srv/more"],
        );
        assert.equal(machineChange(facts, at("/srv/data")).effect, undefined);
        assert.ok(mountsMove(at("/srv/data").mounts, at("/srv/more").mounts));
        assert.ok(!mountsMove(undefined, at("/srv/data").mounts));
        assert.ok(!mountsMove(at("/srv/data").mounts, {}));
        const now = at("/srv/data");
        assert.deepEqual(readFacts(`MADE='${writeFacts(now)}'`), now);
    });

    it("is the strongest of several", () => {
        const { effect, reasons } = change({ vcpus: 2, maxVcpus: 2, image: "b".repeat(64) });
        assert.equal(effect, "new disk");
        assert.deepEqual(
            reasons.map((reason) => reason.effect),
            ["new disk", "in place", "restart"],
        );
    });
});
