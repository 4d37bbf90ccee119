import assert from "node:assert/strict";
import { isMachineMemory, type MachineMemory, type MachineSight, nextMemory } from "../../../lib/vm/machineMemory";

const last: MachineMemory = {
    ...{ generation: 0, definitions: 0, starts: 0, lost: false },
    ...{ userData: "u1", identity: "i1", image: "a" },
};
const wanted = {
    ...{ lost: false, userData: "u1", identity: "i1", image: "a" },
    onUserDataChange: "replace" as const,
    moves: false,
};
const runs: MachineSight = { known: true, domain: "running", diskGone: false };

describe("what is remembered of a machine", () => {
    const next = (more: object = {}, sight: Partial<MachineSight> = {}, before: MachineMemory | undefined = last) =>
        nextMemory(before, { ...wanted, ...more }, { ...runs, ...sight });

    it("stays as it is where nothing has happened", () => {
        assert.deepEqual(next(), last);
        assert.deepEqual(next({}, { domain: "not seen" }), last);
    });

    it("is another generation once the program says that it is lost, and only once", () => {
        const lost = next({ lost: true }, { domain: "stopped" });
        assert.deepEqual(lost, { ...last, lost: true, generation: 1 });
        assert.deepEqual(next({ lost: true }, {}, lost), lost);
        assert.deepEqual(next({}, {}, lost), { ...lost, lost: false });
        assert.equal(next({ lost: true }, {}, next({}, {}, lost)).generation, 2);
    });

    it("of a new machine that is called lost is the first generation", () => {
        const fresh = nextMemory(undefined, { ...wanted, lost: true }, { ...runs, known: false });
        assert.equal(fresh.generation, 0);
        assert.equal(nextMemory(fresh, { ...wanted, lost: true }, runs).generation, 0);
    });

    it("is another generation where its disk is gone, another definition where its domain alone is", () => {
        assert.deepEqual(next({}, { diskGone: true, domain: "gone" }), { ...last, generation: 1 });
        assert.deepEqual(next({}, { domain: "gone" }), { ...last, definitions: 1 });
    });

    it("is another definition where a data disk is to be mounted elsewhere: the guest is shut down and started for it", () => {
        assert.deepEqual(next({ moves: true }), { ...last, definitions: 1 });
        assert.deepEqual(next({ moves: true, lost: true }), { ...last, lost: true, generation: 1 });
    });

    it("counts starts of a machine that stands still", () => {
        assert.deepEqual(next({}, { domain: "stopped" }), { ...last, starts: 1 });
    });

    it("blames nothing on a machine that the state does not know", () => {
        assert.deepEqual(next({}, { known: false, domain: "gone", diskGone: true }), last);
    });

    it("takes other user data, or keeps the old until the machine is made anew for another reason", () => {
        assert.equal(next({ userData: "u2" }).userData, "u2");
        const ignore = { userData: "u2", onUserDataChange: "ignore" };
        assert.equal(next(ignore).userData, "u1");
        for (const [more, sight] of [
            [{ image: "b" }, {}],
            [{ identity: "i2" }, {}],
            [{ lost: true }, {}],
            [{}, { diskGone: true }],
        ] as const) {
            assert.equal(next({ ...ignore, ...more }, sight).userData, "u2");
        }
    });

    it("is known again in the state, and nothing else is", () => {
        assert.equal(isMachineMemory({ ...last }), true);
        assert.equal(isMachineMemory({ ...last, starts: "1" }), false);
        assert.equal(isMachineMemory({}), false);
    });
});
