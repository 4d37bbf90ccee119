import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../lib/inputError";
import { type PlacementAnswer, type PlacementProblem, place } from "../../../lib/placement";
import { bestValue, broken, replicasOf, valueOfAssignment } from "./oracle";
import { problems, shuffled } from "./problems";

/** What `place` answers, or undefined for a problem that contradicts itself: the generator makes some. */
function answer(problem: PlacementProblem): PlacementAnswer | undefined {
    try {
        return place(problem);
    } catch (error) {
        assert.ok(error instanceof FusionInputError, String(error));
        return undefined;
    }
}

function check(
    runs: number,
    property: (problem: PlacementProblem, answer: PlacementAnswer, seed: number) => void,
): void {
    let judged = 0;
    fc.assert(
        fc.property(problems, fc.integer({ min: 1, max: 1e9 }), (problem, seed) => {
            const found = answer(problem);
            if (found === undefined) return;
            judged++;
            property(problem, found, seed);
        }),
        { numRuns: runs, seed: 4 },
    );
    assert.ok(judged > runs / 2, `only ${judged} of ${runs} problems were valid`);
}

describe("place: what holds for every problem", () => {
    it("keeps every requirement", () => {
        check(1500, (problem, { assignment }) => assert.deepEqual(broken(problem, assignment), []));
    });

    it("names every replica once, placed or with a reason for each host", () => {
        check(500, (problem, { assignment, unplaced }) => {
            const named = [...Object.keys(assignment), ...unplaced.map(({ replica }) => replica)];
            assert.deepEqual(named.sort(), replicasOf(problem).sort());
            for (const { reasons } of unplaced) {
                assert.deepEqual(Object.keys(reasons).sort(), problem.hosts.map(({ name }) => name).sort());
                for (const reason of Object.values(reasons)) assert.notEqual(reason, "");
            }
        });
    });

    it("gives the same bytes for any order of the input", () => {
        check(500, (problem, found, seed) => {
            assert.equal(JSON.stringify(place(shuffled(problem, seed))), JSON.stringify(found));
        });
    });

    it("moves nothing when nothing changed", () => {
        check(500, (problem, { assignment, unplaced }) => {
            const again = place({ ...problem, previous: assignment });
            assert.equal(again.moves, 0);
            if (unplaced.length === 0) assert.deepEqual(again.assignment, assignment);
        });
    });

    it("moves nothing when a host, a replica or a service is added", () => {
        check(500, (problem, { assignment }) => {
            const grown = {
                ...problem,
                hosts: [...problem.hosts, { name: "new", capacity: { cpu: 9, memory: 9 }, labels: { zone: "d" } }],
                services: [...problem.services.map((one) => ({ ...one, replicas: one.replicas + 1 })), extra],
                previous: assignment,
            };
            const again = place(grown);
            assert.equal(again.moves, 0);
            for (const [replica, host] of Object.entries(assignment)) assert.equal(again.assignment[replica], host);
        });
    });

    it("states the value that its definition gives, and a bound that holds", () => {
        check(1000, (problem, { assignment, objective }) => {
            assert.equal(objective.value, valueOfAssignment(problem, assignment));
            assert.equal(objective.gap, objective.value - objective.lowerBound);
            assert.ok(objective.gap >= 0);
        });
    });
});

describe("place: beside every placement there is", () => {
    it("finds a complete placement when there is one, bounds it rightly and claims no more than is true", () => {
        const seen = { feasible: 0, complete: 0, best: 0, proven: 0 };
        check(1200, (problem, { unplaced, objective }) => {
            if (replicasOf(problem).length > 6) return;
            const best = bestValue(problem);
            if (best === undefined) {
                assert.ok(unplaced.length > 0);
                assert.equal(objective.proven, false);
                return;
            }
            seen.feasible++;
            if (unplaced.length > 0) return;
            seen.complete++;
            assert.ok(objective.lowerBound <= best, `bound ${objective.lowerBound} above the best ${best}`);
            assert.ok(objective.value >= best);
            if (objective.value === best) seen.best++;
            if (objective.proven) seen.proven++;
        });
        // Measured: all but a few. The search is not exhaustive, so that some are missed is no fault; many would be.
        const { feasible } = seen;
        assert.ok(feasible > 200, JSON.stringify(seen));
        assert.ok(seen.complete >= feasible * 0.99 && seen.best >= feasible * 0.97, JSON.stringify(seen));
        assert.ok(seen.proven >= feasible * 0.9, JSON.stringify(seen));
    });
});

const extra = { name: "extra", replicas: 2, demand: { cpu: 1 } };
