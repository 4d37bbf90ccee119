import assert from "node:assert/strict";
import { isOpen, readLastRun, runNumber, runTriggers, strayHost } from "../../../lib/jobs/lastRun";

/** The state after deployments: what the command ran with last, and the run that was begun last. */
const state = (
    done: { run?: number; job?: string; host?: string; triggers?: string[] } | undefined,
    begun?: [string, number],
) =>
    readLastRun(
        done && {
            environment: {
                FUSION_RUN: String(done.run ?? 1),
                FUSION_JOB: done.job ?? "job-v1",
                FUSION_HOST: done.host ?? "h1",
            },
            triggers: done.triggers ?? ["once"],
        },
        begun && { vm: begun[0], turn: begun[1] },
    );
const decided = (last: ReturnType<typeof state>, version: string, host = "h1") => ({
    number: runNumber(last, version),
    triggers: runTriggers(last, host),
    stray: strayHost(last, host),
});

describe("the number of a job's run", () => {
    const first = { number: 1, triggers: ["once"], stray: undefined };

    it("is 1 for the first, the same where nothing is to run, and the next for another version", () => {
        assert.deepEqual(decided(state(undefined), "job-v1"), first);
        const ran = state({}, ["h1", 1]);
        assert.equal(isOpen(ran), false);
        assert.deepEqual(decided(ran, "job-v1"), first);
        assert.deepEqual(decided(ran, "job-v1", "h2"), first);
        assert.deepEqual(decided(ran, "job-v2"), { ...first, number: 2 });
    });

    it("is another one, version by version, until what was begun has ended well", () => {
        const open = state({}, ["h1", 2]);
        assert.equal(isOpen(open), true);
        assert.deepEqual(decided(open, "job-v1"), { ...first, number: 3 });
        assert.deepEqual(decided(state({}, ["h1", 3]), "job-v1"), { ...first, number: 4 });
        assert.deepEqual(decided(state({ run: 4 }, ["h1", 4]), "job-v1"), { ...first, number: 4 });
        assert.deepEqual(decided(state(undefined, ["h1", 1]), "job-v1"), { ...first, number: 2 });
    });

    it("comes with a replacement where what was begun may be on another host, once", () => {
        const moved = { number: 3, triggers: ["once", "3"], stray: undefined };
        assert.deepEqual(decided(state({}, ["h1", 2]), "job-v2", "h2"), moved);
        const after = state({ run: 3, job: "job-v2", host: "h2", triggers: ["once", "3"] }, ["h2", 3]);
        assert.deepEqual(decided(after, "job-v2", "h2"), moved);
        assert.deepEqual(decided(after, "job-v3", "h1"), { ...moved, number: 4 });
    });

    it("says which host no command reaches any more", () => {
        assert.equal(decided(state({}, ["h2", 2]), "job-v1", "h1").stray, "h2");
        assert.equal(decided(state(undefined, ["h2", 1]), "job-v1", "h1").stray, "h2");
        assert.equal(decided(state({ run: 2 }, ["h2", 2]), "job-v1", "h1").stray, undefined);
    });

    it("does not mind a state without numbers, nor one with a schedule", () => {
        const old = readLastRun({ environment: { FUSION_JOB: "job-v1" }, triggers: ["once"] }, { vm: "h1", turn: 0 });
        assert.deepEqual(decided(old, "job-v1", "h2"), { ...first, number: 0 });
        const scheduled = state({ triggers: ["h1", "fusion-job"] }, ["h1", 0]);
        assert.deepEqual(decided(scheduled, "job-v1", "h2"), first);
    });
});
