import assert from "node:assert/strict";
import { readFacts } from "../../lib/vm/machineFacts";
import { farm } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";
import { stateAfter, TYPES } from "../support/state";
import { healthySurvey, surveyAs } from "../support/survey";

const running = { uuid: "", state: "running", memoryMiB: 2048, vcpus: 1, autostart: true };
const program = () => farm({ vms: ["vm1"], replicas: 1 });

describe("a machine that was lost before `pulumi refresh`", () => {
    let first: ProgramResult;
    const inputs = ({ registered }: ProgramResult, type: string) =>
        registered.find((one) => one.type === type && one.name === "vm1")?.inputs;

    before(async () => {
        first = await runProgram(program);
        assert.deepEqual(first.errors, []);
    });
    after(() => surveyAs());

    /** The next deployment, in which resources of some types have left the state, and the hypervisor has what is given. */
    const next = async (gone: string[], has: { domain: boolean; disk: boolean }) => {
        const disk = String(inputs(first, TYPES.volume)?.name);
        const domains = new Map(has.domain ? [["vm1", running]] : []);
        const storage = { ...healthySurvey.storage, exists: true, files: has.disk ? [disk] : [] };
        surveyAs(async () => ({ ...healthySurvey, domains, storage }));
        const second = await runProgram(program, stateAfter(first, gone));
        assert.deepEqual(second.errors, []);
        const facts = readFacts(inputs(second, TYPES.command)?.stdin);
        assert.ok(facts);
        const same = (type: string) => JSON.stringify(inputs(second, type)) === JSON.stringify(inputs(first, type));
        return { facts, started: !same(TYPES.command), sameDisk: same(TYPES.volume) };
    };

    it("is left as it is where nothing was lost", async () => {
        const { started, sameDisk } = await next([], { domain: true, disk: true });
        assert.deepEqual({ started, sameDisk }, { started: false, sameDisk: true });
    });

    it("has its command run again, which starts it, over its disk", async () => {
        const { facts, started, sameDisk } = await next([TYPES.domain], { domain: false, disk: true });
        assert.deepEqual({ started, sameDisk }, { started: true, sameDisk: true });
        assert.deepEqual([facts.definitions, facts.generation], [1, 0]);
    });

    it("is made anew where its disk has left the state too, or alone", async () => {
        for (const gone of [[TYPES.domain, TYPES.volume], [TYPES.volume]]) {
            const { facts, sameDisk } = await next(gone, { domain: gone.length === 1, disk: false });
            assert.equal(sameDisk, false);
            assert.deepEqual([facts.definitions, facts.generation], [0, 1]);
        }
    });

    it("has its disk kept from shrinking where the program still says so of the machine before", async () => {
        const lost = (diskGiB: number) => () => farm({ vms: ["vm1"], replicas: 1, vm: { lost: true, diskGiB } });
        surveyAs();
        const made = await runProgram(lost(10));
        assert.deepEqual(made.errors, []);
        assert.match((await runProgram(lost(5), stateAfter(made))).errors.join(), /vm1\.diskGiB: would shrink a disk/);
        assert.deepEqual((await runProgram(lost(5), stateAfter(first))).errors, []);
    });

    it("is nothing but new where it was never completed", async () => {
        const { facts } = await next(Object.values(TYPES), { domain: false, disk: false });
        assert.deepEqual([facts.definitions, facts.generation], [0, 0]);
    });
});
