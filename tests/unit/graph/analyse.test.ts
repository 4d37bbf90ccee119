import assert from "node:assert/strict";
import fc from "fast-check";
import { analyse, type GraphReport, serviceMatrix } from "../../../lib/graph";
import { place } from "../../../lib/placement";
import { inputs } from "./inputs";

const hosts = [
    { name: "vm1", labels: { zone: "a" } },
    { name: "vm2", labels: { zone: "a" } },
    { name: "vm3", labels: { zone: "b" } },
];
const assignment = { "web-0": "vm1", "web-1": "vm2", "web-2": "vm3", "db-0": "vm3", "api-0": "vm1", "api-1": "vm2" };

const told = ({ findings }: GraphReport): string[] =>
    findings.map(
        ({ severity, sentence, advice }) => `${severity}: ${sentence}${advice === undefined ? "" : ` -> ${advice}`}`,
    );

describe("analyse", () => {
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
        assert.deepEqual(byZone && serviceMatrix(byZone), [
            [2, 0],
            [0, 1],
            [2, 1],
        ]);
    });

    it("knows a quorum, and a service that does not serve", () => {
        const services = [{ name: "web", needs: 2 }, { name: "off" }, { name: "front", needs: 0, dependsOn: ["off"] }];
        const [byHost] = analyse({ assignment, hosts, services }).domains;
        const find = (name: string) => byHost?.services.find(({ service }) => service === name);
        assert.deepEqual([find("web")?.fewestLosses, find("web")?.stoppedBy, find("web")?.pairs], [2, [], 3]);
        assert.equal(find("off")?.sentence, "off has 0 replicas and needs 1: it does not serve");
        assert.equal(
            find("front")?.sentence,
            "front does not serve: it depends on off, and off has 0 replicas and needs 1",
        );
    });

    it("takes an answer of place together with its problem", () => {
        const problem = {
            hosts,
            services: [
                { name: "web", replicas: 3, needs: 2 },
                { name: "api", replicas: 2, dependsOn: ["web"] },
            ],
        };
        const [byHost] = analyse({ ...problem, ...place(problem) }).domains;
        assert.deepEqual(
            byHost?.services.map(({ service, fewestLosses, needs }) => [service, fewestLosses, needs]),
            [
                ["api", 2, 1],
                ["web", 2, 2],
            ],
        );
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

    it("gathers what matters, the bad first, with what to change", () => {
        const services = [
            { name: "api", dependsOn: ["db"] },
            { name: "db" },
            { name: "web", dependsOn: ["api"] },
            { name: "off", needs: 2 },
        ];
        const traffic = [{ from: "web", to: "api", weight: 3 }];
        assert.deepEqual(told(analyse({ assignment, hosts, services, traffic })), [
            "bad: db has only one replica: losing host vm3 stops db, and api and web with it -> give db 2 replicas and antiAffinity over host",
            "bad: off does not serve: it has 0 replicas and needs 2 -> place 2 more replicas of off",
            "warning: both replicas of api are in zone a: losing zone a stops api, and web with it -> spread the 2 replicas of api with antiAffinity over zone",
        ]);
    });

    it("has nothing bad to say of what survives", () => {
        const even = { "web-0": "vm1", "web-1": "vm3", "api-0": "vm2", "api-1": "vm3", "api-2": "vm1" };
        assert.deepEqual(told(analyse({ assignment: even, hosts })), [
            "good: all 2 services survive the loss of any one host; losing vm1 and vm3 stops web",
            "good: all 2 services survive the loss of any one zone; losing a and b stops api",
        ]);
        const single = { "web-0": "vm1", "web-1": "vm2" };
        assert.deepEqual(told(analyse({ assignment: single, hosts: hosts.slice(0, 2) })), [
            "warning: there is only one zone, a: losing it stops web -> add hosts in another zone",
            "good: web survives the loss of any one host; losing vm1 and vm2 stops web",
        ]);
    });

    it("tells of the loss of a host, not of its zone again, and of what is down, not of what waits for it", () => {
        const services = [{ name: "web", dependsOn: ["off"] }, { name: "off" }];
        const zones = hosts.slice(0, 2);
        assert.deepEqual(told(analyse({ assignment: { "web-0": "vm1", "db-0": "vm2" }, hosts: zones, services })), [
            "bad: db has only one replica: losing host vm2 stops db -> give db 2 replicas and antiAffinity over host",
            "bad: off does not serve, and web with it: it has 0 replicas and needs 1 -> place one more replica of off",
        ]);
    });

    it("names circles", () => {
        const services = [
            { name: "web", dependsOn: ["api"] },
            { name: "api", dependsOn: ["web", "db"] },
        ];
        const report = analyse({ assignment, hosts, services });
        assert.deepEqual(report.dependencies.circles, [["api", "web"]]);
        assert.ok(
            told(report).some((text) => text.includes("api and web depend on each other: none serves without all")),
        );
        const self = analyse({ assignment, hosts, services: [{ name: "db", dependsOn: ["db"] }] });
        assert.deepEqual([self.dependencies.circles, self.dependencies.services[1]?.dependsOn], [[["db"]], []]);
    });

    it("has as many normalised singular values of 1 as cells", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                for (const { cells, spectral, names } of analyse(input).domains) {
                    const ones = spectral?.normalised.filter((value) => Math.abs(value - 1) < 1e-6) ?? [];
                    assert.equal(ones.length, cells);
                    if (spectral === undefined) continue;
                    const { low, high } = spectral.effectiveDomains;
                    assert.ok(low === high && low >= 1 - 1e-9 && low <= names.length + 1e-9);
                }
            }),
            { numRuns: 300, seed: 4 },
        );
    });

    it("gives the same bytes for any order of the input", () => {
        const shuffled = inputs.chain((input) =>
            fc.tuple(
                fc.constant(input),
                fc.shuffledSubarray([...input.hosts], { minLength: input.hosts.length }),
                fc.shuffledSubarray([...(input.services ?? [])], { minLength: input.services?.length }),
                fc.shuffledSubarray([...(input.traffic ?? [])], { minLength: input.traffic?.length }),
                fc.shuffledSubarray(Object.entries(input.assignment), {
                    minLength: Object.keys(input.assignment).length,
                }),
            ),
        );
        fc.assert(
            fc.property(shuffled, ([input, hosts, services, traffic, edges]) => {
                const other = { traffic, services, hosts, assignment: Object.fromEntries(edges) };
                assert.equal(JSON.stringify(analyse(other)), JSON.stringify(analyse(input)));
            }),
            { numRuns: 300, seed: 4 },
        );
    });
});
