import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../lib/inputError";
import { type PlacementAnswer, type PlacementProblem, place } from "../../../lib/placement";
import { afterLoss } from "./losses";
import { affinities, broken, leastOf, missedOf, movesOf, replicasOf, serviceOf, valueOfAssignment } from "./oracle";
import { problems, running, shuffled } from "./problems";

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
    arbitrary: fc.Arbitrary<PlacementProblem>,
    runs: number,
    property: (problem: PlacementProblem, answer: PlacementAnswer, seed: number) => void,
): void {
    let judged = 0;
    fc.assert(
        fc.property(arbitrary, fc.integer({ min: 1, max: 1e9 }), (problem, seed) => {
            const found = answer(problem);
            if (found === undefined) return;
            judged++;
            property(problem, found, seed);
        }),
        { numRuns: runs, seed: 4 },
    );
    assert.ok(judged > runs / 2, `only ${judged} of ${runs} problems were valid`);
}

const either = fc.oneof(problems, running);
const proving = problems.map((problem): PlacementProblem => ({ ...problem, effort: "prove" }));
const runningProving = running.map((problem): PlacementProblem => ({ ...problem, effort: "prove" }));
const isSmall = (problem: PlacementProblem): boolean => replicasOf(problem).length <= 6;

describe("place: what holds for every problem", () => {
    it("keeps every requirement", () => {
        check(either, 1500, (problem, { assignment }) => assert.deepEqual(broken(problem, assignment), []));
    });

    it("names every replica once, placed or with a reason for each host", () => {
        check(either, 500, (problem, { assignment, unplaced }) => {
            const named = [...Object.keys(assignment), ...unplaced.map(({ replica }) => replica)];
            assert.deepEqual(named.sort(), replicasOf(problem).sort());
            for (const { reasons } of unplaced) {
                assert.deepEqual(Object.keys(reasons).sort(), problem.hosts.map(({ name }) => name).sort());
                for (const reason of Object.values(reasons)) assert.notEqual(reason, "");
            }
        });
    });

    it("gives the same bytes for any order of the input", () => {
        check(either, 500, (problem, found, seed) => {
            assert.equal(JSON.stringify(place(shuffled(problem, seed))), JSON.stringify(found));
        });
    });

    it("moves nothing when nothing changed", () => {
        check(problems, 500, (problem, { assignment, unplaced }) => {
            const again = place({ ...problem, previous: assignment });
            assert.equal(again.moves, 0);
            assert.deepEqual([again.moved, again.fewestMoves], [[], 0]);
            if (unplaced.length === 0) assert.deepEqual(again.assignment, assignment);
        });
    });

    it("moves nothing when a host, a replica or a service is added", () => {
        check(problems, 500, (problem, { assignment }) => {
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
        check(either, 1000, (problem, { assignment, objective, preferences }) => {
            assert.equal(objective.value, valueOfAssignment(problem, assignment));
            assert.equal(objective.gap, objective.value - objective.lowerBound);
            assert.ok(objective.gap >= 0);
            const prefers = problem.services.some(({ prefer }) => Object.keys(prefer ?? {}).length > 0);
            assert.equal(preferences?.missed, prefers ? missedOf(problem, assignment) : undefined);
            if (preferences !== undefined) assert.ok(preferences.lowerBound <= preferences.missed);
        });
    });

    it("names every move with a reason, and moves for no purpose whose budget is spent", () => {
        check(running, 800, (problem, { assignment, moves, moved, fewestMoves }) => {
            assert.equal(moves, movesOf(problem, assignment));
            assert.equal(moved.length, moves);
            assert.ok(fewestMoves <= moves);
            const hosts = new Set(problem.hosts.map(({ name }) => name));
            for (const { replica, from, to, why } of moved) {
                assert.deepEqual([from, to], [problem.previous?.[replica], assignment[replica]]);
                assert.equal(why === `${from} is gone`, !hosts.has(from), why);
                assert.match(
                    why,
                    /^(gone is gone|makes room for s\d-\d|betters the objective|\w+( \d+(, \d+)*)?: .+)$/,
                );
            }
            const pushed = moved.filter(({ why }) => why.startsWith("makes room")).length;
            const bettered = moved.filter(({ why }) => why.startsWith("betters")).length;
            const { restore = 1e9, add = 0, improve = 0 } = problem.move ?? {};
            assert.ok(bettered <= improve, JSON.stringify(moved));
            assert.ok(pushed + bettered <= restore + add + improve);
        });
    });
});

describe("place: beside every placement there is", () => {
    it("finds a complete placement wherever there is one, and proves the best", () => {
        const seen = { feasible: 0, best: 0, proven: 0 };
        check(proving, 1200, (problem, { assignment, unplaced, objective, preferences }) => {
            if (!isSmall(problem)) return;
            const best = leastOf(problem, valueOfAssignment);
            if (best === undefined) {
                assert.ok(unplaced.length > 0);
                assert.equal(objective.proven, false);
                return;
            }
            seen.feasible++;
            assert.deepEqual(unplaced, []);
            assert.equal(objective.lowerBound, best);
            const missed = leastOf(problem, missedOf) ?? 0;
            assert.equal(missedOf(problem, assignment), missed);
            if (preferences !== undefined) assert.equal(preferences.lowerBound, missed);
            // The objective comes after the preferences: the best of those that miss the fewest.
            const among = leastOf(problem, (of, one) => missedOf(of, one) * 1e9 + valueOfAssignment(of, one)) ?? 0;
            assert.equal(objective.value, among - missed * 1e9);
            if (objective.proven) seen.proven++;
        });
        assert.ok(seen.feasible > 150 && seen.proven > seen.feasible * 0.9, JSON.stringify(seen));
    });

    it("moves as few as can be", () => {
        const seen = { complete: 0, least: 0 };
        check(runningProving, 1500, (given, _, seed) => {
            if (!isSmall(given)) return;
            // Everything ran: what is placed may push others away without limit.
            const { move: __, ...problem } = given;
            const names = [...problem.hosts.map(({ name }) => name), "gone"];
            const previous = Object.fromEntries(
                replicasOf(problem).map((replica, i) => [
                    replica,
                    given.previous?.[replica] ?? names[(seed + i) % names.length] ?? "",
                ]),
            );
            const all = { ...problem, previous };
            const least = leastOf(all, movesOf);
            if (least === undefined) return;
            const { unplaced, moves, fewestMoves } = place(all);
            const simple = problem.services.every((one) => affinities(one).length === 0);
            assert.ok(unplaced.length > 0 || moves >= least);
            if (simple) assert.deepEqual([unplaced, moves, fewestMoves], [[], least, least]);
            if (unplaced.length > 0) return;
            assert.ok(fewestMoves <= least);
            seen.complete++;
            if (moves === least) seen.least++;
        });
        assert.ok(seen.complete > 150, JSON.stringify(seen));
        assert.ok(seen.least >= seen.complete * 0.98, JSON.stringify(seen));
    });

    it("pushes as few away as can be when a host is lost", () => {
        let pushed = 0;
        for (let seed = 1; seed <= 120; seed++) {
            const problem = afterLoss({ seed: seed * 7919, hosts: 4, replicas: 6, load: 75 });
            const least = leastOf(problem, movesOf);
            const { unplaced, moves, fewestMoves, moved } = place(problem);
            assert.equal(unplaced.length === 0, least !== undefined);
            if (least === undefined) continue;
            assert.deepEqual([moves, fewestMoves], [least, least]);
            if (moved.some(({ why }) => why.startsWith("makes room for "))) pushed++;
        }
        assert.ok(pushed > 10, String(pushed));
    });

    it("leaves new replicas out rather than move what runs, and moves for them when it may", () => {
        const seen = { left: 0, moved: 0 };
        for (let seed = 1; seed <= 60; seed++) {
            const lost = afterLoss({ seed: seed * 7919, hosts: 4, replicas: 6, load: 75 });
            const names = lost.hosts.map(({ name }) => name);
            const ran = Object.entries(lost.previous ?? {}).filter(([, name]) => names.includes(name));
            const grown = { ...lost, previous: Object.fromEntries(ran) };
            const stay = place(grown);
            assert.equal(stay.moves, 0);
            const free = place({ ...grown, move: { add: 9 } });
            assert.equal(free.unplaced.length === 0, leastOf(grown, movesOf) !== undefined);
            if (free.unplaced.length < stay.unplaced.length) seen.moved++;
        }
        check(runningProving, 1500, (given) => {
            if (!isSmall(given)) return;
            const stay = place({ ...given, move: { restore: 0, add: 0, improve: 0 } });
            for (const { why } of stay.moved) assert.doesNotMatch(why, /makes room|betters/);
            const free = place({ ...given, move: { restore: 9, add: 9, improve: 0 } });
            assert.ok(free.unplaced.length <= stay.unplaced.length);
            if (stay.unplaced.some(({ replica }) => given.previous?.[replica] === undefined)) seen.left++;
            if (given.services.some((one) => affinities(one).length > 0)) return;
            if (leastOf(given, movesOf) !== undefined) assert.deepEqual(free.unplaced, []);
        });
        assert.ok(seen.left > 20 && seen.moved > 5, JSON.stringify(seen));
    });
});

describe("place: one rich problem", () => {
    it("gives one output for 1,000 orders of the input", () => {
        const [problem] = fc.sample(
            running.filter(
                ({ services, hosts, previous }) =>
                    hosts.length === 4 &&
                    services.every(({ replicas, antiAffinity }) => replicas > 1 && antiAffinity !== undefined) &&
                    services.some(({ prefer }) => prefer !== undefined) &&
                    new Set(Object.keys(previous ?? {}).map(serviceOf)).size === 3,
            ),
            { numRuns: 1, seed: 1 },
        );
        assert.ok(problem);
        const first = JSON.stringify(place(problem));
        for (let seed = 1; seed <= 1000; seed++) assert.equal(JSON.stringify(place(shuffled(problem, seed))), first);
    });
});

const extra = { name: "extra", replicas: 2, demand: { cpu: 1 } };
