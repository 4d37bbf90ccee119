import assert from "node:assert/strict";
import fc from "fast-check";
import { analyseSwarm, checkSwarmSurvives, type SwarmProblem } from "../../../../lib/graph";
import { numbers, subsets } from "../inputs";
import { BruteForce, nodesIn, swarms } from "./bruteForce";

describe("the worst case of a swarm", () => {
    it("agrees with trying every placement and every loss", () => {
        const seen = { shared: 0, partly: 0, stopped: 0 };
        fc.assert(
            fc.property(swarms, (problem) => {
                const brute = new BruteForce(problem);
                const states = brute.states([...problem.nodes.keys()]);
                const at = (row: readonly number[] | undefined, nodes: readonly number[]): number =>
                    brute.sum(nodes.map((n) => row?.[n] ?? 0));
                for (const { label, names, services } of analyseSwarm(problem).domains) {
                    for (const [s, { room, losses, ownFewestLosses, needs }] of services.entries()) {
                        const most = Math.max(...states.map((state) => brute.sum(state[s] ?? [])));
                        assert.equal(room, most);
                        const whole = states.filter((state) => brute.sum(state[s] ?? []) === most);
                        if (whole.length < states.length) seen.shared++;
                        const worst = subsets(names).map((lost) => ({
                            count: lost.length,
                            taken: Math.max(...whole.map((state) => at(state[s], nodesIn(problem, label, lost)))),
                        }));
                        for (const { count, lost, left, domains, placement } of losses) {
                            assert.equal(
                                lost,
                                Math.max(...worst.filter((of) => of.count === count).map((of) => of.taken)),
                            );
                            assert.equal(left, room - lost);
                            const placed = problem.nodes.map(({ name }) => placement[name] ?? 0);
                            assert.ok(
                                whole.some((state) => state[s]?.join() === placed.join()),
                                "the placement is one of them",
                            );
                            assert.equal(at(placed, nodesIn(problem, label, domains)), lost);
                            if (lost > 0 && lost < room) seen.partly++;
                        }
                        const stopping = worst.filter(({ taken }) => most - taken < needs).map(({ count }) => count);
                        if (stopping.length > 0) seen.stopped++;
                        assert.equal(ownFewestLosses, stopping.length > 0 ? Math.min(...stopping) : undefined);
                    }
                }
            }),
            { numRuns: 200, seed: 4 },
        );
        assert.ok(
            Object.values(seen).every((count) => count > 30),
            JSON.stringify(seen),
        );
    });

    it("decides on demands as the report does, along dependencies", () => {
        let held = 0;
        fc.assert(
            fc.property(swarms, fc.nat(2), (problem, wanted) => {
                const [hosts] = analyseSwarm(problem).domains;
                for (const { service, fewestLosses, through, stoppedByFewest } of hosts?.services ?? []) {
                    const own = (name: string): number =>
                        hosts?.services.find((of) => of.service === name)?.ownFewestLosses ?? Number.POSITIVE_INFINITY;
                    const dependsOn = problem.services.find(({ name }) => name === service)?.dependsOn ?? [];
                    assert.equal(
                        fewestLosses ?? Number.POSITIVE_INFINITY,
                        Math.min(...[service, ...dependsOn].map(own)),
                    );
                    const { holds, violations } = checkSwarmSurvives(problem, service, { vms: wanted });
                    assert.equal(holds, fewestLosses === undefined || fewestLosses > wanted);
                    if (holds) held++;
                    else assert.deepEqual(violations[0]?.stoppedBy, stoppedByFewest);
                    if (fewestLosses !== undefined) assert.ok(through !== undefined);
                }
            }),
            { numRuns: 200, seed: 4 },
        );
        assert.ok(held > 60 && held < 340, `${held} held`);
    });

    it("is the same bytes for the same swarm in another order", () => {
        fc.assert(
            fc.property(swarms, (problem) => {
                const turned = {
                    ...problem,
                    nodes: [...problem.nodes].reverse(),
                    services: [...problem.services]
                        .reverse()
                        .map((service) => Object.fromEntries(Object.entries(service).reverse())),
                };
                const again: unknown = turned;
                assert.equal(
                    JSON.stringify(analyseSwarm(again as SwarmProblem)),
                    JSON.stringify(analyseSwarm(problem)),
                );
            }),
            { numRuns: 100, seed: 4 },
        );
    });

    it("takes about a second for 200 nodes and 50 services that want the same room", function () {
        this.timeout(30_000);
        const problem: SwarmProblem = {
            nodes: numbers(200).map((i) => ({
                name: `n${i}`,
                labels: { zone: `z${i % 5}`, hypervisor: `h${i % 40}` },
                capacity: { cpu: 4000, memory: 8192 },
            })),
            services: numbers(50).map((i) => ({
                name: `s${i}`,
                replicas: 2 + (i % 30) * 3,
                demand: { cpu: 100 + 10 * i, memory: 64 * (1 + (i % 8)) },
                ...(i % 3 === 0 && { maxPerNode: 1 }),
                ...(i % 4 === 0 && { spreadOver: "zone" }),
                ...(i > 0 && { dependsOn: [`s${i - 1}`] }),
            })),
        };
        const begin = process.cpuUsage();
        assert.equal(analyseSwarm(problem).domains.length, 3);
        const seconds = process.cpuUsage(begin).user / 1e6;
        // Several times what it takes, as a busy machine is slower.
        assert.ok(seconds < 8, `${seconds} s of a processor`);
    });
});
