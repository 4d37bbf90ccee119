import assert from "node:assert/strict";
import fc from "fast-check";
import { analyseSwarm, checkSwarmSurvives, type SurvivalDemands, type SwarmProblem } from "../../../../lib/graph";
import { FusionInputError } from "../../../../lib/inputError";

const nodes = ["a", "a", "b", "b"].map((zone, i) => ({ name: `vm${i + 1}`, labels: { zone, rack: "r" } }));
const swarm: SwarmProblem = {
    nodes,
    services: [
        { name: "web", replicas: 2 },
        { name: "apart", replicas: 2, maxPerNode: 1 },
        { name: "spread", replicas: 2, maxPerNode: 1, spreadOver: "zone" },
        { name: "quorum", replicas: 3, needs: 2, maxPerNode: 1 },
        { name: "api", replicas: 4, maxPerNode: 1, dependsOn: ["web"] },
        { name: "agent", replicas: "global", needs: 3 },
        { name: "one", replicas: 1, nodes: ["vm2"] },
        { name: "old", placed: { vm1: 1, vm3: 1 } },
        { name: "wide", replicas: 9, maxPerNode: 2, needs: 9 },
    ],
};

const reasons = (service: string, demands: Record<string, number>): string[] =>
    checkSwarmSurvives(swarm, service, demands).violations.map(({ reason }) => reason);

describe("checkSwarmSurvives", () => {
    it("holds where it holds wherever Swarm puts the replicas", () => {
        assert.deepEqual(checkSwarmSurvives(swarm, "apart", { vms: 1, zones: 0 }), { holds: true, violations: [] });
        assert.deepEqual(checkSwarmSurvives(swarm, "old", { vms: 1, zones: 1 }), { holds: true, violations: [] });
        assert.deepEqual(checkSwarmSurvives(swarm, "web", {}), { holds: true, violations: [] });
    });

    it("names a worst placement, and what would help", () => {
        assert.deepEqual(checkSwarmSurvives(swarm, "web", { vms: 1, zones: 1 }).violations, [
            {
                demand: "vms",
                label: "host",
                wanted: 1,
                survives: 0,
                stoppedBy: ["vm1"],
                placement: { vm1: 2 },
                reason: "losing host vm1 may stop web: vm1 may run both of its replicas; give web maxPerNode: 1",
            },
            {
                demand: "zones",
                label: "zone",
                wanted: 1,
                survives: 0,
                stoppedBy: ["a"],
                placement: { vm1: 2 },
                reason: "losing zone a may stop web: a may run both of its replicas; give web 3 replicas and maxPerNode: 1",
            },
        ]);
        assert.deepEqual(reasons("spread", { zones: 1 }), [
            "losing zone a may stop spread: a may run both of its replicas; give spread 3 replicas and maxPerNode: 1; spreadOver zone alone does not ensure it: Swarm keeps to it while it places, and moves nothing back after a failure",
        ]);
        assert.deepEqual(reasons("quorum", { vms: 1, zones: 1 }), [
            "losing zone a may stop quorum: a may run 2 of its 3 replicas and it needs 2; give quorum 4 replicas and maxPerNode: 1",
        ]);
        assert.deepEqual(reasons("one", { vms: 1, zones: 1, rack: 1 }), [
            "losing rack r may stop one: r may run its only replica; there is only one rack: add nodes in another rack",
            "losing host vm2 may stop one: vm2 may run its only replica; only 1 host may run one: let it run on another host",
            "losing zone a may stop one: a may run its only replica; only 1 zone may run one: let it run in another zone",
        ]);
        assert.deepEqual(reasons("agent", { vms: 1, zones: 1 }), [
            "losing zone a may stop agent: a runs 2 of its 4 replicas and it needs 3; each replica of agent belongs to its node: it needs 3, and 2 may be left: let it run on more nodes",
        ]);
        assert.deepEqual(reasons("old", { vms: 2 }), [
            "losing hosts vm1 and vm3 may stop old: vm1 and vm3 run both of its replicas; only 2 hosts may run old: let it run on another host",
        ]);
    });

    it("speaks of what a service depends on, and of what never has room", () => {
        assert.deepEqual(reasons("api", { vms: 1 }), [
            "losing host vm1 may stop api: it depends on web, of which vm1 may run both of the replicas; give web maxPerNode: 1",
        ]);
        assert.deepEqual(reasons("wide", { vms: 0 }), [
            "wide has room for 8 of 9 replicas and needs 9; add nodes that may run wide, then give it maxPerNode: 1",
        ]);
    });

    it("names the service that gives way: itself first, then by name", () => {
        const through = (maxPerNode: number) =>
            analyseSwarm({
                nodes,
                services: [
                    { name: "x", replicas: 2, maxPerNode, dependsOn: ["c", "b"] },
                    { name: "b", replicas: 2 },
                    { name: "c", replicas: 2 },
                ],
            }).domains[0]?.services[2];
        assert.equal(through(2)?.through, "x");
        assert.equal(through(1)?.through, "b");
        assert.equal(
            through(1)?.sentence,
            "in the worst placement losing host vm1 stops x: it depends on b, of which vm1 may run both of the replicas",
        );
    });

    it("gives advice that is true: once it is followed, the demand holds", () => {
        let followed = 0;
        const cases = fc.record({
            zones: fc.array(fc.constantFrom("a", "b", "c"), { minLength: 2, maxLength: 6 }),
            cpu: fc.integer({ min: 1, max: 4 }),
            replicas: fc.nat(6),
            needs: fc.integer({ min: 1, max: 4 }),
            demand: fc.constantFrom<SurvivalDemands>({ vms: 1 }, { vms: 2 }, { zones: 1 }),
        });
        fc.assert(
            fc.property(cases, ({ zones, cpu, replicas, needs, demand }) => {
                const on = zones.map((zone, i) => ({ name: `n${i}`, labels: { zone }, capacity: { cpu } }));
                const problem = { nodes: on, services: [{ name: "web", replicas, needs, demand: { cpu: 1 } }] };
                const [found] = checkSwarmSurvives(problem, "web", demand).violations;
                const advised = /give web (?:(\d+) replicas? and )?maxPerNode: (\d+)/.exec(found?.reason ?? "");
                if (found === undefined || advised === null) return;
                followed++;
                const more = Number(advised[1] ?? replicas);
                const service = { ...problem.services[0], name: "web", replicas: more, maxPerNode: Number(advised[2]) };
                const after = { ...problem, services: [service] };
                assert.ok(checkSwarmSurvives(after, "web", demand).holds, found.reason);
                assert.equal(analyseSwarm(after).domains[0]?.services[0]?.room, more, "all have room");
            }),
            { numRuns: 400, seed: 4 },
        );
        assert.ok(followed > 100, `${followed} followed`);
    });

    it("names every wrong argument", () => {
        const wrong: unknown = {
            nodes: [
                { name: "vm1", capacity: { cpu: 4 }, capacityAtMost: { cpu: 2 } },
                { name: "vm2", lables: {} },
            ],
            services: [
                { name: "web", replicas: -1, maxPerNod: 1, nodes: ["vm3"] },
                { name: "api", replicas: 2e6, dependsOn: ["none"], placed: { vm9: 1 } },
            ],
            losses: 11,
        };
        assert.throws(
            () => checkSwarmSurvives(wrong as SwarmProblem, "web", { zones: 1 }),
            (error) => {
                assert.ok(error instanceof FusionInputError);
                assert.deepEqual(
                    error.errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`),
                    [
                        "nodes[0].capacityAtMost.cpu: is 2, less than capacity, which is 4; give the larger of both here",
                        "nodes[1].lables: is not known here; what can be given is capacity, capacityAtMost, labels, name",
                        "services[0].maxPerNod: is not known here; what can be given is demand, dependsOn, maxPerNode, name, needs, nodes, placed, replicas and 2 more",
                        'services[0].replicas: must be a whole number from 0 to 2^53 - 1, got -1; give how many, or "global" for one on each node',
                        'services[0].nodes: there is no node "vm3"; there is vm1, vm2',
                        'services[1].placed.vm9: there is no node "vm9"; there is vm1, vm2',
                        'survives.zones: hosts vm1, vm2 have no label "zone"; give it to every host, or leave it out here',
                        'services[1].dependsOn[0]: there is no service "none"; there is api, web',
                        "losses: must be at most 10, got 11; give how many are lost at once, e.g. 2",
                    ],
                );
                return true;
            },
        );
        assert.throws(() => checkSwarmSurvives(swarm, "wbe", {}), /service: there is no service "wbe"; there is agent/);
    });
});
