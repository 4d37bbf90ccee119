import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../lib/inputError";
import { explain, type PlacementExplanation, type PlacementProblem, place } from "../../../lib/placement";
import { faultsOfCall } from "../../support/faults";
import { broken, replicasOf, valueOfAssignment } from "./oracle";
import { problems, running } from "./problems";

const hosts = ["vm1", "vm2", "vm3"].map((name, i) => ({
    name,
    capacity: { memory: 256 },
    labels: { zone: i < 2 ? "a" : "b" },
}));
const problemOf = (web: object, more: object = {}): PlacementProblem => ({
    hosts,
    services: [{ name: "web", replicas: 2, ...web }],
    ...more,
});
const said = (problem: PlacementProblem, replica = "web-0"): PlacementExplanation =>
    explain(problem, place(problem), replica);

describe("explain", () => {
    it("tells what a host lacks, without what the replica itself takes", () => {
        const problem = problemOf({ replicas: 3, demand: { memory: 200 } });
        assert.deepEqual(said(problem), {
            host: "vm1",
            why: "the only host that fits",
            elsewhere: { vm2: "memory: needs 200, 56 left", vm3: "memory: needs 200, 56 left" },
        });
    });

    it("tells which rule forbids a host", () => {
        const apart = problemOf({ antiAffinity: { with: ["web"], over: "zone" } });
        assert.match(said(apart).elsewhere.vm3 ?? "", /^antiAffinity: web is on zone b$/);
        const required = problemOf({ replicas: 1, require: { zone: ["b"] } });
        assert.deepEqual(said(required), {
            host: "vm3",
            why: "the only host that fits",
            elsewhere: { vm1: "zone: needs b, is a", vm2: "zone: needs b, is a" },
        });
        const pinned = problemOf({ replicas: 1, pin: { "web-0": "vm2" } });
        assert.deepEqual(said(pinned), {
            host: "vm2",
            why: "is pinned there",
            elsewhere: { vm1: "pinned to vm2", vm3: "pinned to vm2" },
        });
        const led = problemOf({ replicas: 1 });
        const follower = { ...led, services: [...led.services, { name: "api", replicas: 1, affinity: ["web"] }] };
        assert.equal(said(follower).elsewhere.vm2, "affinity: api would be without web on host vm1");
    });

    it("tells what would work and is not better, by which figure", () => {
        assert.deepEqual(said(problemOf({}, { previous: { "web-0": "vm1", "web-1": "vm2" } })), {
            host: "vm1",
            why: "ran there before and stays (least movement)",
            elsewhere: {
                vm2: "would work; stays where it is (least movement)",
                vm3: "would work; stays where it is (least movement)",
            },
        });
        assert.deepEqual(said(problemOf({})).elsewhere, {
            vm2: "would work; spread: 1 pair on one host instead of 0 pairs on one host",
            vm3: "would work; as good by spread: 0 pairs on one host either way",
        });
        const preferring = said(problemOf({ replicas: 1, prefer: { zone: ["b"] } }));
        assert.equal(preferring.host, "vm3");
        assert.equal(preferring.elsewhere.vm1, "would work; not preferred (zone: prefers b, is a)");
        const crowded = said(problemOf({}, { previous: { "web-0": "vm1", "web-1": "vm1" } }));
        assert.match(
            crowded.elsewhere.vm2 ?? "",
            /^would work; spread: 0 pairs .* instead of 1 pair .*, but it stays .*; move.improve lets it move$/,
        );
    });

    it("tells from where and why it has moved", () => {
        const problem = problemOf({ replicas: 1 }, { previous: { "web-0": "vm9" } });
        assert.match(said(problem).why, /^moved from vm9 \(vm9 is gone\); chosen of 3 hosts that fit by spread/);
    });

    it("knows of a replica that fits nowhere, and of none that is not there", () => {
        const problem = problemOf({ replicas: 1, demand: { memory: 300 } });
        assert.deepEqual(said(problem), {
            why: "fits on no host",
            elsewhere: Object.fromEntries(hosts.map(({ name }) => [name, "memory: needs 300, 256 left"])),
        });
        assert.deepEqual(
            faultsOfCall(() => said(problemOf({}), "web-7")),
            ['replica: there is no replica "web-7"; there is web-0, web-1'],
        );
    });

    it("says that a host would work if and only if the replica alone could be there", () => {
        let judged = 0;
        fc.assert(
            fc.property(fc.oneof(problems, running), (problem) => {
                let answer: ReturnType<typeof place>;
                try {
                    answer = place(problem);
                } catch (error) {
                    assert.ok(error instanceof FusionInputError, String(error));
                    return;
                }
                for (const replica of replicasOf(problem)) {
                    const { host, elsewhere } = explain(problem, answer, replica);
                    assert.equal(host, answer.assignment[replica]);
                    const others = problem.hosts.map(({ name }) => name).filter((name) => name !== host);
                    assert.deepEqual(Object.keys(elsewhere).sort(), others.sort());
                    for (const [other, text] of Object.entries(elsewhere)) {
                        const moved = { ...answer.assignment, [replica]: other };
                        const faults = broken(problem, moved);
                        assert.equal(/^would work;/.test(text), faults.length === 0, `${replica}: ${text} ${faults}`);
                        const figures = /: (\d+)( pairs?| hosts?) .* instead of (\d+)/.exec(text);
                        if (figures !== null) {
                            assert.equal(Number(figures[1]), valueOfAssignment(problem, moved));
                            assert.equal(Number(figures[3]), valueOfAssignment(problem, answer.assignment));
                        }
                        judged++;
                    }
                }
            }),
            { numRuns: 800, seed: 5 },
        );
        assert.ok(judged > 2000, String(judged));
    });
});
