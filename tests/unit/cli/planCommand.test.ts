import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { planSentence } from "../../../lib/cli/planCommand";
import { planCapacity } from "../../../lib/placement/capacity/planCapacity";
import type { CapacityPlan } from "../../../lib/placement/capacity/types";
import { projectDir } from "../../../tools/paths";
import { runCli } from "../../support/cli";

const grow = join(projectDir, "examples", "problems", "grow.json");

describe("fusion plan-capacity", () => {
    it("prints exactly the plan as JSON, and tells people the same", async () => {
        const { code, out } = await runCli(["plan-capacity", "--json", grow]);
        assert.equal(code, 0);
        const plan: CapacityPlan = JSON.parse(out);
        assert.deepEqual(plan, planCapacity(JSON.parse(readFileSync(grow, "utf8"))));
        const told = await runCli(["plan-capacity", grow]);
        assert.equal(told.out.split("\n")[0], planSentence(plan));
        // The machines to add are among the hosts, drawn and told.
        assert.match(told.out, /^(small|large)-0 +c /m);
        assert.equal((await runCli(["place", grow])).code, 1);
    });

    it("ends with 1 when something fits on no size, with 2 for wrong input", async () => {
        const size = { name: "s", capacity: { cpu: 1 } };
        const problem = { services: [{ name: "web", replicas: 1, demand: { cpu: 2 } }], sizes: [size] };
        const small = await runCli(["plan-capacity", "-"], { stdin: JSON.stringify(problem) });
        assert.equal(small.code, 1);
        assert.match(small.out, /^add nothing \(1 replica fits on none of the sizes\)/);
        const none = await runCli(["plan-capacity", "-"], { stdin: JSON.stringify({ ...problem, sizes: [] }) });
        assert.equal(none.code, 2);
        assert.match(none.err, /^fusion: standard input: sizes: must name at least one size/);
    });

    it("says what to add and how good that is", () => {
        const placement = {
            assignment: {},
            unplaced: [],
            objective: { value: 0, lowerBound: 0, gap: 0, proven: true },
            moves: 0,
            moved: [],
            fewestMoves: 0,
        };
        const add = [
            { size: "large", count: 1 },
            { size: "small", count: 3 },
        ];
        const plan: CapacityPlan = { add, cost: 13, lowerBound: 13, gap: 0, proven: true, placement };
        assert.equal(planSentence(plan), "add 1 of large, 3 of small: cost 13 (proven: nothing cheaper does)");
        assert.equal(
            planSentence({ ...plan, lowerBound: 11, gap: 2, proven: false }),
            "add 1 of large, 3 of small: cost 13 (nothing below 11 does, so 2 at most could be saved)",
        );
        assert.equal(planSentence({ ...plan, add: [], cost: 0 }), "add nothing (proven: nothing cheaper does)");
    });
});
