import assert from "node:assert/strict";
import fc from "fast-check";
import { checkSurvives, type GraphInput } from "../../../lib/graph";
import { adviceFor, fewestReplicas } from "../../../lib/graph/advice";
import { FusionInputError } from "../../../lib/inputError";
import { inputs, numbers, serving, subsets } from "./inputs";

const input: GraphInput = {
    hosts: [
        { name: "vm1", labels: { zone: "a", hypervisor: "h1", rack: "r" } },
        { name: "vm2", labels: { zone: "a", hypervisor: "h2", rack: "r" } },
        { name: "vm3", labels: { zone: "b", hypervisor: "h2", rack: "r" } },
    ],
    assignment: { "web-0": "vm1", "web-1": "vm2", "db-0": "vm3", "log-0": "vm1", "log-1": "vm1", "log-2": "vm3" },
    services: [
        { name: "web" },
        { name: "api", needs: 0, dependsOn: ["db"] },
        { name: "log", needs: 2 },
        { name: "off", dependsOn: ["none"] },
        { name: "none" },
    ],
};

const reasons = (service: string, demands: Record<string, number>): string[] =>
    checkSurvives(input, service, demands).violations.map(({ reason }) => reason);

describe("checkSurvives", () => {
    it("holds where it holds", () => {
        assert.deepEqual(checkSurvives(input, "web", { vms: 1, hypervisors: 1, zones: 0 }), {
            holds: true,
            violations: [],
        });
        assert.deepEqual(checkSurvives(input, "web", {}), { holds: true, violations: [] });
    });

    it("says which loss stops the service, why, and what would help", () => {
        assert.deepEqual(checkSurvives(input, "web", { zones: 1, vms: 2 }).violations, [
            {
                demand: "vms",
                label: "host",
                wanted: 2,
                survives: 1,
                stoppedBy: ["vm1", "vm2"],
                reason: "losing hosts vm1 and vm2 stops web: both replicas are there; give web 3 replicas and antiAffinity over host",
            },
            {
                demand: "zones",
                label: "zone",
                wanted: 1,
                survives: 0,
                stoppedBy: ["a"],
                reason: "losing zone a stops web: both replicas are there; spread the 2 replicas of web with antiAffinity over zone",
            },
        ]);
        assert.deepEqual(reasons("db", { vms: 1 }), [
            "losing host vm3 stops db: its only replica is there; give db 2 replicas and antiAffinity over host",
        ]);
        assert.deepEqual(reasons("log", { vms: 1, zones: 2 }), [
            "losing host vm1 stops log: 2 of its 3 replicas are there and it needs 2; spread the 3 replicas of log with antiAffinity over host",
            "losing zone a stops log: 2 of its 3 replicas are there and it needs 2; there are only 2 zones: add hosts in another zone, then spread log over them",
        ]);
        assert.deepEqual(reasons("web", { rack: 1 }), [
            "losing rack r stops web: both replicas are there; there is only one rack: add hosts in another rack, then spread web over them",
        ]);
    });

    it("follows dependencies, also of what does not serve now", () => {
        assert.deepEqual(reasons("api", { vms: 1 }), [
            "losing host vm3 stops api: it depends on db, of which the only replica is there; give db 2 replicas and antiAffinity over host",
        ]);
        const { violations } = checkSurvives(input, "off", { vms: 0 });
        assert.deepEqual([violations[0]?.survives, violations[0]?.stoppedBy], [-1, []]);
        assert.equal(
            violations[0]?.reason,
            "off has 0 replicas and needs 1; give off 1 replica and antiAffinity over host; give none 1 replica and antiAffinity over host",
        );
    });

    it("agrees with trying every set of losses", () => {
        const cases = fc.tuple(inputs, fc.constantFrom("s0", "s1", "s2", "s3"), fc.nat(2), fc.nat(1));
        let held = 0;
        fc.assert(
            fc.property(cases, ([of, service, vms, zones]) => {
                const { violations, holds } = checkSurvives(of, service, { vms, zones });
                assert.equal(holds, violations.length === 0);
                if (holds) held++;
                for (const [demand, label, wanted] of [
                    ["vms", "host", vms],
                    ["zones", "zone", zones],
                ] as const) {
                    const names = [
                        ...new Set(
                            of.hosts.map(({ name, labels }) => (label === "host" ? name : (labels?.zone ?? ""))),
                        ),
                    ];
                    const fatal = subsets(names).filter(
                        (lost) => lost.length <= wanted && !serving(of, label, lost).has(service),
                    );
                    const found = violations.find((violation) => violation.demand === demand);
                    assert.equal(found !== undefined, fatal.length > 0);
                    if (found === undefined) continue;
                    assert.ok(!serving(of, label, found.stoppedBy).has(service));
                    assert.equal(found.survives, Math.min(...fatal.map((lost) => lost.length)) - 1);
                }
            }),
            { numRuns: 500, seed: 4 },
        );
        assert.ok(held > 100 && held < 400, `${held} of 500 held`);
    });

    it("reads well where several more are needed, and hints at what a demand is", () => {
        assert.match(reasons("web", { rack: 2 }).join(), /add hosts in 2 more racks, then spread web over them/);
        const wrong: unknown = [1];
        assert.throws(
            () => checkSurvives(input, "web", wrong as Record<string, number>),
            /^FusionInputError: survives: must be an object, got \[1\]; give kinds and numbers, e\.g\. \{"vms": 1\}$/,
        );
    });

    it("names every wrong argument", () => {
        const hosts = [{ name: "vm1", labels: { zone: "a" } }, { name: "vm2" }, { name: "vm3" }];
        const wrong = { assignment: { "web-0": "vm4" }, hosts };
        assert.throws(
            () => checkSurvives(wrong, "web", { zones: 1, vms: -1, rack: 0.5 }),
            (error) => {
                assert.ok(error instanceof FusionInputError);
                assert.deepEqual(
                    error.errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`),
                    [
                        "survives.rack: must be a whole number from 0 to 2^53 - 1, got 0.5; give how many may be lost at once, e.g. 1",
                        "survives.vms: must be a whole number from 0 to 2^53 - 1, got -1; give how many may be lost at once, e.g. 1",
                        'assignment["web-0"]: there is no host "vm4"; there is vm1, vm2, vm3',
                        'survives.rack: hosts vm1, vm2, vm3 have no label "rack"; give it to every host, or leave it out here',
                        'survives.zones: hosts vm2, vm3 have no label "zone"; give it to every host, or leave it out here',
                    ],
                );
                return true;
            },
        );
        assert.throws(
            () => checkSurvives(input, "wbe", {}),
            /service: there is no service "wbe"; there is api, db, log/,
        );
    });
});

describe("advice", () => {
    /** Straight from the definition: a replica after the other into the next domain, then the fullest domains are lost. */
    function evenlyLeft(replicas: number, domains: number, losses: number): number {
        const counts = numbers(domains).map(() => 0);
        for (const replica of numbers(replicas)) counts[replica % domains] = (counts[replica % domains] ?? 0) + 1;
        const left = counts.sort((a, b) => b - a).slice(losses);
        return left.reduce((sum, count) => sum + count, 0);
    }

    it("gives the fewest replicas of which an even spread leaves enough", () => {
        for (const needs of numbers(12).slice(1)) {
            for (const domains of numbers(7).slice(1)) {
                for (const losses of numbers(domains)) {
                    let least = needs;
                    while (evenlyLeft(least, domains, losses) < needs) least++;
                    assert.equal(fewestReplicas(needs, domains, losses), least);
                }
            }
        }
    });

    it("is true: the service survives once it is followed", () => {
        const cases = fc.record({
            replicas: fc.nat(9),
            needs: fc.integer({ min: 1, max: 5 }),
            domains: fc.integer({ min: 1, max: 5 }),
            losses: fc.nat(4),
        });
        fc.assert(
            fc.property(cases, ({ replicas, needs, domains, losses }) => {
                const advice = adviceFor({ name: "web", replicas, needs }, { label: "host", domains }, losses);
                if (advice.startsWith("there")) {
                    assert.ok(domains <= losses);
                    return;
                }
                const wanted = Number(/(\d+) replica/.exec(advice)?.[1]);
                if (advice.includes("antiAffinity")) assert.ok(wanted <= domains);
                const hosts = numbers(domains).map((i) => ({ name: `vm${i}` }));
                const assignment = Object.fromEntries(numbers(wanted).map((i) => [`web-${i}`, `vm${i % domains}`]));
                assert.ok(
                    checkSurvives({ hosts, assignment, services: [{ name: "web", needs }] }, "web", { vms: losses })
                        .holds,
                );
            }),
            { numRuns: 500, seed: 4 },
        );
    });
});
