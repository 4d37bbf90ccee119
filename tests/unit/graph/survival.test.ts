import assert from "node:assert/strict";
import fc from "fast-check";
import { analyse, checkSurvives } from "../../../lib/graph";
import { inputs, serving, subsets } from "./inputs";

describe("survival", () => {
    it("agrees with trying every set of losses, along dependencies and circles", () => {
        let stoppedByOthers = 0;
        fc.assert(
            fc.property(inputs, (input) => {
                for (const { label, names, services } of analyse(input).domains) {
                    const tries = subsets(names).map((lost) => ({ lost, up: serving(input, label, lost) }));
                    for (const {
                        service,
                        fewestLosses,
                        stoppedByFewest,
                        stoppedBy,
                        pairs,
                        stoppedByPair,
                        through,
                    } of services) {
                        const stops = tries.filter(({ up }) => !up.has(service)).map(({ lost }) => lost);
                        const sizes = stops.map((lost) => lost.length);
                        assert.equal(fewestLosses, sizes.length > 0 ? Math.min(...sizes) : undefined);
                        if (through !== service && fewestLosses !== undefined) stoppedByOthers++;
                        if (fewestLosses === undefined || fewestLosses === 0) continue;
                        assert.equal(stoppedByFewest.length, fewestLosses);
                        assert.ok(!serving(input, label, stoppedByFewest).has(service));
                        const alone = stops.filter((lost) => lost.length === 1).map(([domain]) => domain);
                        assert.deepEqual(stoppedBy, alone.sort());
                        const both = stops
                            .filter((lost) => lost.length === 2 && !lost.some((domain) => alone.includes(domain)))
                            .map((pair) => pair.sort().join());
                        assert.deepEqual(
                            stoppedByPair.map((pair) => pair.join()),
                            both.sort(),
                        );
                        assert.equal(pairs, both.length);
                    }
                }
            }),
            { numRuns: 500, seed: 4 },
        );
        assert.ok(stoppedByOthers > 100, `only ${stoppedByOthers} cases were about dependencies`);
    });

    it("reads the losses the other way round", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                for (const { label, losses } of analyse(input).domains) {
                    const before = serving(input, label, []);
                    for (const { domain, stopped, stops, stopsThrough } of losses) {
                        const after = serving(input, label, [domain]);
                        const gone = [...before].filter((service) => !after.has(service)).sort();
                        assert.deepEqual([...stops, ...stopsThrough].sort(), gone);
                        assert.equal(stopped, gone.length);
                        const alone = serving(
                            { ...input, services: input.services?.map((s) => ({ ...s, dependsOn: [] })) },
                            label,
                            [domain],
                        );
                        for (const service of stops) assert.ok(!alone.has(service), `${service} stops of itself`);
                        for (const service of stopsThrough)
                            assert.ok(alone.has(service), `${service} stops through others`);
                    }
                }
            }),
            { numRuns: 200, seed: 4 },
        );
    });

    it("knows the blast radius of each service", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                // A service that can never serve takes down exactly those that need it; all others need no replica.
                const { dependencies } = analyse(input);
                for (const { service, stops, stopped } of dependencies.services) {
                    const services = (input.services ?? []).map((of) => ({
                        ...of,
                        needs: of.name === service ? 99 : 0,
                    }));
                    const up = serving({ ...input, services }, "host", []);
                    const gone = services.map(({ name }) => name).filter((name) => name !== service && !up.has(name));
                    assert.deepEqual(stops, gone);
                    assert.equal(stopped, gone.length);
                }
            }),
            { numRuns: 200, seed: 4 },
        );
    });

    it("counts pairs beyond those it lists, once where they stop several that are needed", () => {
        const assignment = Object.fromEntries(
            ["db", "cache"].flatMap((name) => Array.from({ length: 30 }, (_, i) => [`${name}-${i}`, `vm${i}`])),
        );
        const [byHost] = analyse({
            assignment,
            hosts: Array.from({ length: 40 }, (_, i) => ({ name: `vm${i}` })),
            services: [
                { name: "db", needs: 29 },
                { name: "cache", needs: 29 },
                { name: "api", needs: 0, dependsOn: ["db", "cache"] },
            ],
        }).domains;
        const api = byHost?.services.find(({ service }) => service === "api");
        assert.deepEqual([api?.pairs, api?.stoppedByPair.length, api?.stoppedByPair[0]], [435, 100, ["vm0", "vm1"]]);
        assert.equal(
            api?.sentence,
            "api survives the loss of any one host; losing vm0 and vm1 stops it (it depends on cache and db)",
        );
    });

    it("follows a chain that is longer than the stack", () => {
        const services = Array.from({ length: 20_000 }, (_, i) => ({
            name: `s${i}`,
            needs: i === 0 ? 1 : 0,
            dependsOn: i === 0 ? [] : [`s${i - 1}`],
        }));
        const check = checkSurvives({ assignment: { "s0-0": "vm1" }, hosts: [{ name: "vm1" }], services }, "s19999", {
            vms: 1,
        });
        assert.match(check.violations[0]?.reason ?? "", /^losing host vm1 stops s19999: it depends on s0, of which/);
    });
});
