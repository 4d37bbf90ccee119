import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../../lib/inputError";
import { type CapacityProblem, type CapacitySize, place, planCapacity } from "../../../../lib/placement";

const size = (name: string, cpu: number, cost: number, zone?: string): CapacitySize => ({
    name,
    capacity: { cpu },
    cost,
    ...(zone === undefined ? {} : { labels: { zone } }),
});

const small: fc.Arbitrary<CapacityProblem> = fc.record({
    hosts: fc.integer({ min: 0, max: 4 }).map((cpu) => [{ name: "old", capacity: { cpu } }]),
    services: fc
        .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 3 }), fc.boolean())
        .map(([cpu, replicas, apart]) => [
            { name: "a", replicas, demand: { cpu }, ...(apart ? { antiAffinity: { with: ["a"] } } : {}) },
            { name: "b", replicas: 2, demand: { cpu: 2 } },
        ]),
    sizes: fc
        .tuple(
            fc.integer({ min: 2, max: 5 }),
            fc.integer({ min: 4, max: 9 }),
            fc.integer({ min: 1, max: 3 }),
            fc.integer({ min: 2, max: 6 }),
        )
        .map(([s, l, cheap, dear]) => [size("s", s, cheap), size("l", l, dear)]),
});

/** The cheapest set by trying all sets of up to five of each size. */
function cheapest({ sizes, hosts = [], ...rest }: CapacityProblem): number | undefined {
    let best: number | undefined;
    for (let s = 0; s <= 5; s++) {
        for (let l = 0; l <= 5; l++) {
            const cost = s * (sizes[0]?.cost ?? 1) + l * (sizes[1]?.cost ?? 1);
            if (best !== undefined && cost >= best) continue;
            const added = [s, l].flatMap((count, i) =>
                Array.from({ length: count }, (_, n) => ({ name: `${i}-${n}`, capacity: sizes[i]?.capacity ?? {} })),
            );
            const all = { ...rest, hosts: [...hosts, ...added], effort: "prove" as const };
            if (place(all).unplaced.length === 0) best = cost;
        }
    }
    return best;
}

describe("planCapacity", () => {
    it("adds the cheapest machines that do, beside all sets there are, and proves no more than is true", () => {
        const seen = { all: 0, best: 0, proven: 0 };
        fc.assert(
            fc.property(small, (problem) => {
                const best = cheapest(problem);
                const plan = planCapacity({ ...problem, effort: "good" });
                if (best === undefined) {
                    assert.ok(plan.placement.unplaced.length > 0 && !plan.proven);
                    return;
                }
                seen.all++;
                assert.equal(plan.placement.unplaced.length, 0);
                assert.ok(plan.lowerBound <= best && plan.cost >= best, JSON.stringify({ plan, best }));
                if (plan.cost === best) seen.best++;
                if (plan.proven) seen.proven++;
            }),
            { numRuns: 150, seed: 4 },
        );
        assert.ok(
            seen.all > 80 && seen.best >= seen.all * 0.97 && seen.proven >= seen.all * 0.85,
            JSON.stringify(seen),
        );
    });

    it("adds a machine in each zone that a rule over zones needs", () => {
        const plan = planCapacity({
            services: [{ name: "db", replicas: 3, demand: { cpu: 1 }, antiAffinity: { with: ["db"], over: "zone" } }],
            sizes: ["a", "b", "c"].flatMap((zone) => [size(`s${zone}`, 1, 5, zone), size(`l${zone}`, 4, 12, zone)]),
        });
        const add = ["sa", "sb", "sc"].map((of) => ({ size: of, count: 1 }));
        assert.deepEqual([plan.add, plan.cost, plan.proven], [add, 15, true]);
    });

    it("adds two machines where one alone is of no use", () => {
        const plan = planCapacity({
            hosts: [
                { name: "h0", capacity: { cpu: 6, mem: 0 }, labels: { zone: "b" } },
                { name: "h1", capacity: { cpu: 3, mem: 5 }, labels: { zone: "b" } },
            ],
            services: [
                { name: "s0", replicas: 1, demand: { cpu: 5, mem: 3 }, require: { zone: ["b"] } },
                { name: "s1", replicas: 2, demand: { cpu: 1, mem: 3 }, antiAffinity: { with: ["s0"], over: "zone" } },
            ],
            sizes: [
                { name: "z0", capacity: { cpu: 7, mem: 4 }, labels: { zone: "a" }, cost: 4 },
                { name: "z1", capacity: { cpu: 5, mem: 9 }, labels: { zone: "b" }, cost: 1 },
            ],
        });
        assert.deepEqual([plan.placement.unplaced, plan.cost], [[], 9]);
    });

    it("adds nothing when everything fits, and leaves what runs where it is", () => {
        const hosts = [{ name: "vm1", capacity: { cpu: 4 } }];
        const services = [{ name: "web", replicas: 3, demand: { cpu: 1 } }];
        const fits = planCapacity({ hosts, services, sizes: [size("s", 4, 1)] });
        assert.deepEqual([fits.add, fits.cost, fits.proven], [[], 0, true]);
        const previous = fits.placement.assignment;
        const more = [{ name: "web", replicas: 6, demand: { cpu: 1 } }];
        const plan = planCapacity({ hosts, services: more, sizes: [size("s", 4, 1)], previous });
        assert.deepEqual([plan.add, plan.placement.moves, plan.proven], [[{ size: "s", count: 1 }], 0, true]);
    });

    it("keeps to the most there can be of a size", () => {
        const services = [{ name: "web", replicas: 4, demand: { cpu: 2 } }];
        const sizes = [{ ...size("cheap", 2, 1), most: 2 }, size("dear", 4, 5)];
        const plan = planCapacity({ services, sizes });
        assert.deepEqual(plan.add, [
            { size: "cheap", count: 2 },
            { size: "dear", count: 1 },
        ]);
        assert.equal(plan.proven, true);
    });

    it("says what fits on no machine of any size, and adds none for it", () => {
        const plan = planCapacity({
            services: [{ name: "db", replicas: 1, demand: { cpu: 9 } }],
            sizes: [size("s", 4, 1)],
        });
        assert.deepEqual([plan.add, plan.cost, plan.proven], [[], 0, false]);
        assert.deepEqual(plan.placement.unplaced, [{ replica: "db-0", reasons: { "s-0": "cpu: needs 9, 4 left" } }]);
    });

    it("gives the same bytes for any order of sizes, hosts and services, and names that are not taken", () => {
        const problem: CapacityProblem = {
            hosts: [
                { name: "s-0", capacity: { cpu: 1 } },
                { name: "vm1", capacity: { cpu: 1 } },
            ],
            services: [
                { name: "a", replicas: 3, demand: { cpu: 2 } },
                { name: "b", replicas: 2, demand: { cpu: 1 } },
            ],
            sizes: [size("s", 2, 2), size("l", 4, 3)],
        };
        const plan = planCapacity(problem);
        const turned = planCapacity({
            sizes: [...problem.sizes].reverse(),
            services: [...problem.services].reverse(),
            hosts: [...(problem.hosts ?? [])].reverse(),
        });
        assert.equal(JSON.stringify(turned), JSON.stringify(plan));
        assert.equal(planCapacity({ services: [], sizes: problem.sizes }).cost, 0);
    });

    it("names wrong arguments, those of sizes by the size, all at once", () => {
        const wrong: CapacityProblem = {
            hosts: [{ name: "vm1" }],
            services: [{ name: "web", replicas: 1, demand: { cpu: -1 } }],
            sizes: [size("s", 1, 0), { name: "s", capacity: { cpu: 0.5 } }, { name: "t", most: 0 }],
        };
        assert.throws(
            () => planCapacity(wrong),
            (error) => {
                assert.ok(error instanceof FusionInputError);
                const paths = error.errors.map(({ propertyPath }) => propertyPath);
                const expected = [
                    "services[0].demand.cpu",
                    "sizes[0].cost",
                    "sizes[1].capacity.cpu",
                    "sizes[1].name",
                    "sizes[2].most",
                ];
                assert.deepEqual(paths.sort(), expected);
                return true;
            },
        );
        assert.throws(() => planCapacity({ services: [], sizes: [] }), /sizes: must name at least one size/);
        const odd = (text: string): CapacityProblem => JSON.parse(text);
        const refuses = (text: string, message: RegExp): void =>
            assert.throws(
                () => planCapacity(odd(text)),
                (error) => error instanceof FusionInputError && message.test(error.message),
                text,
            );
        refuses('{"hosts": {}, "services": [], "sizes": [{"name": "s"}]}', /^hosts: must be a list/m);
        refuses('{"hosts": [null], "services": [], "sizes": [{"name": "s"}]}', /^hosts\[0\]: must be an object/m);
        refuses('{"services": 3, "sizes": [{"name": "s"}, null, {}]}', /^services: .*\n?sizes\[1\]: |^sizes\[1\]: /m);
        refuses("[]", /./);
        refuses("null", /./);
    });
});
