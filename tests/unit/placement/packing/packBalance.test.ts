import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../../lib/inputError";
import { type PlacementProblem, place } from "../../../../lib/placement";
import { Board, NOWHERE } from "../../../../lib/placement/board";
import { canonicalise, replicaName } from "../../../../lib/placement/canonical";
import { fill, keep } from "../../../../lib/placement/greedy";
import { objectiveValue } from "../../../../lib/placement/objective";
import { byChoice } from "../../../../lib/placement/orders";
import { packBalance } from "../../../../lib/placement/packing/packBalance";
import { afterLoss } from "../losses";
import { broken, leastOf, valueOfAssignment } from "../oracle";
import { problems, running } from "../problems";

/** A greedy placement, what still fits kept; undefined where the problem is refused, or greedy does not place all. */
function greedy(problem: PlacementProblem): Board | undefined {
    try {
        const board = new Board(canonicalise(problem));
        keep(board);
        fill(board, byChoice(board), []);
        return board.homeless === 0 ? board : undefined;
    } catch (error) {
        assert.ok(error instanceof FusionInputError);
        return undefined;
    }
}

function assignmentOf({ problem, hostOf }: Board): Record<string, string> {
    const entries = [...hostOf].map((host, replica) => [
        replicaName(problem, replica),
        problem.hosts[host]?.name ?? "",
    ]);
    return Object.fromEntries(entries);
}

describe("packing for the balance", () => {
    it("proves no more than is true, and finds what keeps every requirement", () => {
        const seen = { all: 0, best: 0, better: 0, fixed: 0 };
        fc.assert(
            fc.property(fc.oneof(problems, running), (given) => {
                const { move: _, ...rest } = given;
                const problem: PlacementProblem = { ...rest, objective: "balance", effort: "good" };
                if (problem.services.reduce((sum, { replicas }) => sum + replicas, 0) > 7) return;
                const before = greedy(problem);
                if (before === undefined) return;
                const { board, bound } = packBalance(before);
                seen.all++;
                const { previous: __, ...free } = problem;
                const least = leastOf(free, valueOfAssignment) ?? Number.POSITIVE_INFINITY;
                assert.ok(bound <= least, `bound ${bound} above ${least}`);
                if (bound === least) seen.best++;
                assert.deepEqual(broken(problem, assignmentOf(board)), []);
                assert.ok(objectiveValue(board) <= objectiveValue(before));
                if (objectiveValue(board) < objectiveValue(before)) seen.better++;
                for (const [replica, host] of before.hostOf.entries()) {
                    if (before.fixed[replica] === 0) continue;
                    seen.fixed++;
                    assert.equal(board.hostOf[replica], host);
                }
                assert.ok(!board.hostOf.includes(NOWHERE));
            }),
            { numRuns: 1500, seed: 5 },
        );
        assert.ok(seen.all > 200 && seen.best > seen.all * 0.8, JSON.stringify(seen));
        assert.ok(seen.better > 0 && seen.fixed > 30, JSON.stringify(seen));
    });

    for (const seed of [1, 2, 3]) {
        it(`proves the balance of 40 replicas on 9 hosts, problem ${seed}`, () => {
            const { hosts, services } = afterLoss({ seed: seed * 7919, hosts: 10, replicas: 40, load: 60 });
            const problem: PlacementProblem = { hosts, services, objective: "balance", effort: "good" };
            const { assignment, unplaced, objective } = place(problem);
            assert.deepEqual([unplaced, broken(problem, assignment)], [[], []]);
            assert.equal(objective.value, valueOfAssignment(problem, assignment));
            assert.deepEqual([objective.gap, objective.proven], [0, true]);
        });
    }

    it("moves nothing for the balance that runs, unless it may", () => {
        const problem = afterLoss({ seed: 7919, hosts: 10, replicas: 40, load: 60 });
        const { moves, fewestMoves } = place({ ...problem, effort: "good" });
        assert.equal(moves, fewestMoves);
    });
});
