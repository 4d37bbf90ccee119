import assert from "node:assert/strict";
import fc from "fast-check";
import { FusionInputError } from "../../../../lib/inputError";
import { type PlacementHost, type PlacementProblem, type PlacementService, place } from "../../../../lib/placement";
import { Board } from "../../../../lib/placement/board";
import { canonicalise } from "../../../../lib/placement/canonical";
import { overfull } from "../../../../lib/placement/conflict/hall";
import { contradictions } from "../../../../lib/placement/conflict/presolve";
import { everyPlacement } from "../oracle";
import { problems } from "../problems";

describe("what counting tells of conflicts", () => {
    it("is true beside every placement there is, and tells of most small conflicts", () => {
        const seen = { infeasible: 0, told: 0 };
        fc.assert(
            fc.property(problems, (problem) => {
                if (problem.services.reduce((sum, { replicas }) => sum + replicas, 0) > 7) return;
                let board: Board;
                try {
                    board = new Board(canonicalise(problem));
                } catch (error) {
                    assert.ok(error instanceof FusionInputError);
                    return;
                }
                const told = contradictions(board).length > 0;
                const feasible = everyPlacement(problem, () => true);
                assert.ok(!(told && feasible), "a problem that can be solved is said to be in conflict");
                if (!feasible) seen.infeasible++;
                if (told) seen.told++;
            }),
            { numRuns: 1500, seed: 8 },
        );
        assert.ok(seen.infeasible > 200 && seen.told > seen.infeasible * 0.7, JSON.stringify(seen));
    });

    it("finds groups that need too much exactly where some set of them does", () => {
        const amounts = fc.array(fc.nat(6), { minLength: 1, maxLength: 5 });
        const table = fc.array(fc.boolean(), { minLength: 25, maxLength: 25 });
        fc.assert(
            fc.property(amounts, amounts, table, (needs, rooms, edges) => {
                const mayUse = (group: number, room: number): boolean => edges[group * 5 + room] ?? false;
                const exceeds = (groups: readonly number[]): boolean => {
                    const offered = rooms.filter((_, room) => groups.some((group) => mayUse(group, room)));
                    const sum = (of: readonly number[]): number => of.reduce((all, one) => all + one, 0);
                    return sum(groups.map((group) => needs[group] ?? 0)) > sum(offered);
                };
                const sets = Array.from({ length: 2 ** needs.length }, (_, bits) =>
                    [...needs.keys()].filter((group) => (bits >> group) % 2 === 1),
                );
                const found = overfull(needs, rooms, mayUse);
                assert.equal(found.length > 0, sets.some(exceeds));
                for (const groups of found) assert.ok(exceeds(groups));
            }),
            { numRuns: 2000, seed: 8 },
        );
    });
});

/** Problems of 1,000 hosts and more services than are searched to the end. */
describe("place: conflicts in large problems", () => {
    const hosts = (of: (i: number) => Omit<PlacementHost, "name">): PlacementHost[] =>
        Array.from({ length: 1000 }, (_, i) => ({ name: `vm${i}`, ...of(i) }));
    const services = (of: (i: number) => Omit<PlacementService, "name">): PlacementService[] =>
        Array.from({ length: 200 }, (_, i) => ({ name: `s${i}`, ...of(i) }));
    const conflictOf = (problem: PlacementProblem): { paths: string[]; smallest: boolean | undefined } => {
        const { conflict } = place(problem);
        return { paths: conflict?.requirements.map(({ path }) => path) ?? [], smallest: conflict?.smallest };
    };
    const rest = { replicas: 10, demand: { cpu: 5 } };
    const plain = hosts((i) => ({ capacity: { cpu: 100 }, labels: { zone: `z${i % 10}` } }));

    it("names as few demands as exceed what all hosts offer", () => {
        const big = services((i) => ({ replicas: 100, demand: { cpu: 5 + (i % 2) } }));
        const { paths } = conflictOf({ hosts: plain, services: big });
        // 100 of them want 60,000; 80 of the others want the rest.
        assert.equal(paths.length, 181);
        assert.equal(paths.filter((path) => Number(path.match(/\d+/)?.[0]) % 2 === 1).length, 100);
    });

    it("names what exceeds the hosts of one label, or of labels within each other", () => {
        const labelled = hosts((i) => ({
            capacity: { cpu: 100 },
            labels: { disk: i < 20 ? "ssd" : "hdd", gpu: i < 10 ? "yes" : "no" },
        }));
        const of = services(
            (i): Omit<PlacementService, "name"> => ({
                ...rest,
                ...(i < 2 ? { demand: { cpu: 90 }, require: { gpu: ["yes"] } } : {}),
                ...(i === 2 ? { demand: { cpu: 60 }, require: { disk: ["ssd"] } } : {}),
            }),
        );
        assert.deepEqual(conflictOf({ hosts: labelled, services: of }), {
            paths: ["s0.demand.cpu", "s0.require.gpu", "s1.demand.cpu", "s1.require.gpu"].map((p) => `services.${p}`),
            smallest: false,
        });
        const nested = of.map((one, i): PlacementService => (i === 1 ? { ...one, require: { disk: ["ssd"] } } : one));
        assert.deepEqual(
            conflictOf({ hosts: labelled, services: nested }).paths,
            [
                "s0.demand.cpu",
                "s0.require.gpu",
                "s1.demand.cpu",
                "s1.require.disk",
                "s2.demand.cpu",
                "s2.require.disk",
            ].map((p) => `services.${p}`),
        );
    });

    it("names large replicas of which no two share a host", () => {
        const mixed = hosts((i) => ({ capacity: { cpu: i < 500 ? 100 : 50 } }));
        const of = services((i) => (i < 3 ? { replicas: 200, demand: { cpu: 51 + i } } : { ...rest, replicas: 1 }));
        assert.deepEqual(conflictOf({ hosts: mixed, services: of }).paths, [
            "services.s0.demand.cpu",
            "services.s1.demand.cpu",
            "services.s2.demand.cpu",
        ]);
    });

    it("names services that all keep apart, whoever states it", () => {
        const names = ["s0", "s1", "s2", "s3"];
        const apart = (i: number): Pick<PlacementService, "antiAffinity"> =>
            i < 4 ? { antiAffinity: { with: names.slice(i), over: "zone" } } : {};
        const of = services((i) => ({ ...rest, replicas: i < 4 ? 3 : 10, ...apart(i) }));
        // s3 states only that its own replicas keep apart; all four are needed for 12 zones.
        assert.deepEqual(conflictOf({ hosts: plain, services: of }), {
            paths: [0, 1, 2, 3].map((i) => `services.s${i}.antiAffinity`),
            smallest: false,
        });
        const ports = services((i) => (i < 3 ? { replicas: 334, ports: [80, 1000 + i] } : rest));
        assert.deepEqual(
            conflictOf({ hosts: plain, services: ports }).paths,
            [0, 1, 2].map((i) => `services.s${i}.ports`),
        );
    });

    it("names a spread that one domain is too small for, of one service or of several", () => {
        const uneven = hosts((i) => ({ capacity: { cpu: 100 }, labels: { zone: i < 995 ? `z${i % 9}` : "small" } }));
        const one = services((i) => (i === 7 ? { replicas: 100, demand: { cpu: 60 }, spreadOver: "zone" } : rest));
        assert.deepEqual(conflictOf({ hosts: uneven, services: one }), {
            paths: ["services.s7.demand.cpu", "services.s7.spreadOver"],
            smallest: true,
        });
        const several = services((i) => ({ replicas: 40, demand: { cpu: 1 + (i % 3) }, spreadOver: "zone" }));
        const { paths } = conflictOf({ hosts: uneven, services: several });
        // At least 4 replicas of each are in the small zone, which offers 500: 12 for each of the largest.
        assert.equal(paths.length, 2 * 42);
    });

    it("names nothing where everything has a place, and does not look", () => {
        const { conflict, unplaced } = place({ hosts: plain, services: services(() => rest) });
        assert.deepEqual([conflict, unplaced], [undefined, []]);
    });
});
