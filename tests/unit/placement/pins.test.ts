import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../lib/inputError";
import { type PlacementAnswer, type PlacementProblem, type PlacementService, place } from "../../../lib/placement";
import { faultsOfCall } from "../../support/faults";
import { broken, everyPlacement, movesOf, replicasOf, valueOfAssignment } from "./oracle";
import { problems, running } from "./problems";

const hosts = ["vm1", "vm2", "vm3"].map((name, i) => ({
    name,
    capacity: { cpu: 100 },
    labels: { zone: i < 2 ? "a" : "b" },
}));
const one = (service: object, more: object = {}): PlacementAnswer =>
    place({ hosts, services: [{ name: "web", replicas: 2, ...service }], ...more });

/** Problems with some replicas pinned to hosts. */
const pinned = (base: fc.Arbitrary<PlacementProblem>): fc.Arbitrary<PlacementProblem> =>
    base.chain((problem) =>
        fc
            .array(fc.constantFrom(undefined, ...problem.hosts.map(({ name }) => name)), {
                minLength: 12,
                maxLength: 12,
            })
            .map((drawn) => {
                const replicas = replicasOf(problem);
                const services = problem.services.map((service): PlacementService => {
                    const own = replicas.flatMap((replica, i): [string, string][] => {
                        const host = drawn[i];
                        return replica.startsWith(`${service.name}-`) && host !== undefined ? [[replica, host]] : [];
                    });
                    return { ...service, pin: Object.fromEntries(own) };
                });
                return { ...problem, services };
            }),
    );

function check(
    base: fc.Arbitrary<PlacementProblem>,
    numRuns: number,
    property: (problem: PlacementProblem, answer: PlacementAnswer) => void,
): void {
    let judged = 0;
    fc.assert(
        fc.property(pinned(base), (problem) => {
            let answer: PlacementAnswer;
            try {
                answer = place(problem);
            } catch (error) {
                assert.ok(error instanceof FusionInputError, String(error));
                return;
            }
            judged++;
            property(problem, answer);
        }),
        { numRuns, seed: 6 },
    );
    assert.ok(judged > numRuns / 4, `only ${judged} of ${numRuns} problems were valid`);
}

describe("pinned replicas", () => {
    it("run where they are pinned to, the others where the objective has them", () => {
        assert.deepEqual(one({ pin: { "web-1": "vm1" } }).assignment, { "web-0": "vm2", "web-1": "vm1" });
        const both = one({ pin: { "web-0": "vm3", "web-1": "vm3" } });
        assert.deepEqual(both.assignment, { "web-0": "vm3", "web-1": "vm3" });
    });

    it("go there even from where they run, which counts as a move", () => {
        const { moved, moves, fewestMoves } = one(
            { pin: { "web-0": "vm3" } },
            { previous: { "web-0": "vm1", "web-1": "vm2" } },
        );
        assert.deepEqual(moved, [{ replica: "web-0", from: "vm1", to: "vm3", why: "is pinned there" }]);
        assert.deepEqual([moves, fewestMoves], [1, 1]);
    });

    it("push away what runs only where it may be moved, and say so of the others", () => {
        const web = { replicas: 3, demand: { cpu: 60 }, pin: { "web-2": "vm1" } };
        const previous = { "web-0": "vm1", "web-1": "vm2" };
        assert.equal(one(web, { previous }).unplaced[0]?.reasons.vm1, "cpu: needs 60, 40 left");
        const { moved, assignment } = one(web, { previous, move: { add: 1 } });
        assert.deepEqual(moved, [{ replica: "web-0", from: "vm1", to: "vm3", why: "makes room for web-2" }]);
        assert.equal(assignment["web-2"], "vm1");
    });

    it("bring along those that they want to be with", () => {
        const { assignment, unplaced } = place({
            hosts,
            services: [
                { name: "cache", replicas: 1 },
                { name: "web", replicas: 1, affinity: ["cache"], pin: { "web-0": "vm2" } },
            ],
        });
        assert.deepEqual([assignment, unplaced], [{ "cache-0": "vm2", "web-0": "vm2" }, []]);
    });

    it("have a reason for each host where they do not fit", () => {
        const { unplaced } = one({ replicas: 1, demand: { cpu: 200 }, pin: { "web-0": "vm2" } });
        assert.deepEqual(unplaced, [
            {
                replica: "web-0",
                reasons: { vm1: "pinned to vm2", vm2: "cpu: needs 200, 100 left", vm3: "pinned to vm2" },
            },
        ]);
        const skewed = one({ pin: { "web-0": "vm1", "web-1": "vm2" }, spreadOver: "zone" });
        assert.match(skewed.unplaced[0]?.reasons.vm2 ?? "", /^spreadOver: zone a has 1/);
    });

    it("may be called by names", () => {
        const { assignment } = one({ names: ["b", "a"], pin: { "web-b": "vm3" } });
        assert.deepEqual(assignment, { "web-a": "vm1", "web-b": "vm3" });
    });

    it("must be there, on hosts that are there and have what is required", () => {
        const told = faultsOfCall(() =>
            one({ pin: { "web-2": "vm1", "web-0": "vm9", "web-1": "vm3", "web-01": "vm1" }, require: { zone: ["a"] } }),
        );
        assert.deepEqual(told, [
            'services[0].pin["web-2"]: there is no replica "web-2"; there is web-0, web-1',
            'services[0].pin["web-0"]: there is no host "vm9"; there is vm1, vm2, vm3',
            'services[0].pin["web-1"]: contradicts require: zone needs "a", that of "vm3" is "b"; pin it to another host, or require less',
            'services[0].pin["web-01"]: there is no replica "web-01"; there is web-0, web-1',
        ]);
        assert.deepEqual(
            faultsOfCall(() => one({ names: ["a", "a", ""], pin: JSON.parse('{"web-a":1}') })).map((line) =>
                line.replace(/:.*/, ""),
            ),
            [
                "services[0].names[2]",
                'services[0].pin["web-a"]',
                "services[0].names",
                "services[0].names[1]",
                'services[0].pin["web-a"]',
            ],
        );
    });

    it("must not be called like those of another service", () => {
        const services = [
            { name: "web", replicas: 1, names: ["api-1"] },
            { name: "web-api", replicas: 2 },
        ];
        assert.deepEqual(
            faultsOfCall(() => place({ hosts, services })),
            [
                'services[0].names[0]: web-api-1 would be called like a replica of web-api, got "api-1"; rename one of them',
            ],
        );
    });

    it("are nowhere else, whatever the problem, and break no requirement", () => {
        check(fc.oneof(problems, running), 1200, (problem, answer) => {
            const { assignment, unplaced, objective, moves, moved, fewestMoves } = answer;
            assert.deepEqual(broken(problem, assignment), []);
            const all = [...Object.keys(assignment), ...unplaced.map(({ replica }) => replica)];
            assert.deepEqual(all.sort(), replicasOf(problem).sort());
            for (const { reasons } of unplaced)
                for (const reason of Object.values(reasons)) assert.notEqual(reason, "");
            assert.equal(objective.value, valueOfAssignment(problem, assignment));
            assert.ok(objective.gap >= 0);
            assert.deepEqual([moves, moved.length], [movesOf(problem, assignment), moves]);
            assert.ok(fewestMoves <= moves);
        });
    });

    it("are all placed where there is a way, without what few can hope for", () => {
        let complete = 0;
        let missed = 0;
        check(problems, 400, (problem, { unplaced, objective }) => {
            if (replicasOf(problem).length > 6) return;
            let least = Number.POSITIVE_INFINITY;
            // Equal replicas are told apart by their pins.
            everyPlacement({ ...problem, previous: {} }, (assignment) => {
                least = Math.min(least, valueOfAssignment(problem, assignment));
                return false;
            });
            if (least === Number.POSITIVE_INFINITY) return;
            complete++;
            if (unplaced.length > 0) missed++;
            else assert.ok(objective.lowerBound <= least, `${objective.lowerBound} > ${least}`);
        });
        assert.ok(complete > 50 && missed <= complete / 50, `${missed} of ${complete} missed`);
    });

    it("move nothing when nothing changed", () => {
        check(problems, 400, (problem, { assignment }) => {
            const again = place({ ...problem, previous: assignment });
            assert.deepEqual([again.moves, again.fewestMoves], [0, 0]);
        });
    });
});
