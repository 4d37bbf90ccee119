import assert from "node:assert/strict";
import fc from "fast-check";
import { analyse, biadjacency, type GraphInput } from "../../../lib/graph";
import { singularValues } from "../../../lib/graph/spectrum";
import { FusionInputError } from "../../../lib/inputError";
import { place } from "../../../lib/placement";

const hosts = [
    { name: "vm1", labels: { zone: "a" } },
    { name: "vm2", labels: { zone: "a" } },
    { name: "vm3", labels: { zone: "b" } },
];
const assignment = { "web-0": "vm1", "web-1": "vm2", "web-2": "vm3", "db-0": "vm3", "api-0": "vm1", "api-1": "vm2" };

/** Up to 5 hosts in up to 3 zones, up to 8 replicas of up to 3 services, each with its need. */
const inputs: fc.Arbitrary<GraphInput> = fc.record({ vms: fc.integer({ min: 1, max: 5 }) }).chain(({ vms }) =>
    fc.record({
        hosts: fc
            .array(fc.constantFrom("a", "b", "c"), { minLength: vms, maxLength: vms })
            .map((zones) => zones.map((zone, i) => ({ name: `vm${i}`, labels: { zone } }))),
        services: fc
            .array(fc.integer({ min: 0, max: 3 }), { minLength: 3, maxLength: 3 })
            .map((needs) => needs.map((need, i) => ({ name: `s${i}`, needs: need }))),
        assignment: fc
            .array(fc.record({ service: fc.integer({ min: 0, max: 2 }), vm: fc.integer({ min: 0, max: vms - 1 }) }), {
                maxLength: 8,
            })
            .map((edges) => Object.fromEntries(edges.map(({ service, vm }, i) => [`s${service}-${i}`, `vm${vm}`]))),
    }),
);

function subsets<T>(items: readonly T[]): T[][] {
    const [first, ...rest] = items;
    if (first === undefined) return [[]];
    return subsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

describe("analyse", () => {
    it("shows the bipartite graph for what it is: stars", () => {
        const { graph } = analyse({ assignment, hosts });
        assert.deepEqual(graph.replicas, ["api-0", "api-1", "db-0", "web-0", "web-1", "web-2"]);
        assert.deepEqual(biadjacency(graph), [
            [1, 0, 0, 1, 0, 0],
            [0, 1, 0, 0, 1, 0],
            [0, 0, 1, 0, 0, 1],
        ]);
        assert.deepEqual(graph.degrees, [2, 2, 2]);
        assert.deepEqual(graph.spectrum, [Math.SQRT2, Math.SQRT2, Math.SQRT2]);
    });

    it("says in a sentence what a failure stops", () => {
        const [byHost, byZone] = analyse({ assignment, hosts }).domains;
        assert.deepEqual(
            byHost?.services.map(({ sentence }) => sentence),
            [
                "api survives the loss of any one host; losing vm1 and vm2 stops it",
                "losing host vm3 stops db",
                "web survives the loss of any 2 hosts",
            ],
        );
        assert.deepEqual(
            byZone?.services.map(({ fewestLosses, stoppedBy }) => ({ fewestLosses, stoppedBy })),
            [
                { fewestLosses: 1, stoppedBy: ["a"] },
                { fewestLosses: 1, stoppedBy: ["b"] },
                { fewestLosses: 2, stoppedBy: [] },
            ],
        );
    });

    it("knows a quorum", () => {
        const [byHost] = analyse({ assignment, hosts, services: [{ name: "web", needs: 2 }, { name: "off" }] }).domains;
        const web = byHost?.services.find(({ service }) => service === "web");
        assert.deepEqual([web?.fewestLosses, web?.stoppedBy, web?.pairs], [2, [], 3]);
        const off = byHost?.services.find(({ service }) => service === "off");
        assert.deepEqual([off?.fewestLosses, off?.sentence], [0, "off has 0 replicas and needs 1: it does not serve"]);
    });

    it("takes an answer of place", () => {
        const answer = place({ hosts, services: [{ name: "web", replicas: 3 }] });
        assert.equal(analyse({ ...answer, hosts }).domains[0]?.services[0]?.fewestLosses, 3);
    });

    it("ranks the hosts on which the most hangs first", () => {
        const [byHost] = analyse({
            assignment: { "a-0": "vm2", "a-1": "vm2", "b-0": "vm2", "b-1": "vm1" },
            hosts,
        }).domains;
        assert.deepEqual(
            byHost?.concentration.map(({ domain }) => domain),
            ["vm2", "vm1", "vm3"],
        );
    });

    it("agrees with trying every set of losses", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                for (const { label, names, services } of analyse(input).domains) {
                    const domainOf = (host: string): string =>
                        label === "host"
                            ? host
                            : (input.hosts.find(({ name }) => name === host)?.labels?.[label] ?? "");
                    for (const { service, needs, fewestLosses, stoppedBy, stoppedByPair } of services) {
                        const stops = subsets(names).filter((lost) => {
                            const left = Object.entries(input.assignment).filter(
                                ([replica, host]) =>
                                    replica.startsWith(`${service}-`) && !lost.includes(domainOf(host)),
                            );
                            return left.length < needs;
                        });
                        const sizes = stops.map((lost) => lost.length);
                        if (sizes.length > 0) assert.equal(fewestLosses, Math.min(...sizes));
                        else assert.ok(fewestLosses > 0);
                        if (fewestLosses === 0) continue;
                        const alone = stops.filter((lost) => lost.length === 1).map(([domain]) => domain);
                        assert.deepEqual(stoppedBy, alone.sort());
                        const pairs = stops
                            .filter((lost) => lost.length === 2 && !lost.some((domain) => alone.includes(domain)))
                            .map((pair) => pair.sort().join());
                        assert.deepEqual(stoppedByPair.map((pair) => pair.join()).sort(), pairs.sort());
                    }
                }
            }),
            { numRuns: 500, seed: 4 },
        );
    });

    it("finds as many singular values of 1 as there are cells, and the spectrum of the stars", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                const { graph, domains } = analyse(input);
                for (const { cells, spectral } of domains) {
                    const ones = spectral?.normalised.filter((value) => Math.abs(value - 1) < 1e-6) ?? [];
                    assert.equal(ones.length, cells);
                    assert.ok(spectral === undefined || spectral.effectiveDomains >= 1 - 1e-9);
                }
                if (graph.replicas.length === 0) return;
                const dense = singularValues(biadjacency(graph));
                for (const [i, value] of dense.entries()) assert.ok(Math.abs(value - (graph.spectrum[i] ?? 0)) < 1e-6);
            }),
            { numRuns: 300, seed: 4 },
        );
    });

    it("gives the same bytes for any order of the input", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                const reversed = {
                    hosts: [...input.hosts].reverse(),
                    services: [...(input.services ?? [])].reverse(),
                    assignment: Object.fromEntries(Object.entries(input.assignment).reverse()),
                };
                assert.equal(JSON.stringify(analyse(reversed)), JSON.stringify(analyse(input)));
            }),
            { numRuns: 200, seed: 4 },
        );
    });

    it("names every wrong argument", () => {
        const wrong = {
            assignment: { "web-0": "vm9", web: "vm1" },
            hosts: [{ name: "vm1" }, { name: "vm1" }],
            services: [{ name: "web", needs: -1 }],
            domains: ["zone"],
        };
        assert.throws(
            () => analyse(wrong),
            (error) => {
                assert.ok(error instanceof FusionInputError);
                assert.deepEqual(
                    error.errors.map(({ propertyPath }) => propertyPath),
                    ["hosts[1].name", "services[0].needs", 'assignment["web-0"]', "assignment.web", "domains[0]"],
                );
                return true;
            },
        );
    });
});
