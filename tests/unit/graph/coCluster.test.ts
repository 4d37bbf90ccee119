import assert from "node:assert/strict";
import fc from "fast-check";
import { analyse, type GraphTraffic } from "../../../lib/graph";
import { coCluster, modularity } from "../../../lib/graph/coCluster";
import { sparse } from "../../../lib/graph/sparse";
import { numbers, seeded } from "./inputs";

const name = (i: number): string => `s${String(i).padStart(3, "0")}`;

/** Traffic between all pairs, `inside` as much within blocks as between them; the services' names are mixed. */
function planted(
    blocks: readonly number[],
    inside: number,
    seed: number,
): { groups: string[][]; traffic: GraphTraffic[] } {
    const random = seeded(seed);
    const size = blocks.reduce((sum, block) => sum + block, 0);
    const names = numbers(size)
        .map((i) => ({ i, key: random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ i }) => name(i));
    const blockOf = blocks.flatMap((block, b) => numbers(block).map(() => b));
    const traffic: GraphTraffic[] = [];
    for (const i of numbers(size)) {
        for (const j of numbers(i)) {
            const weight = Math.round((5 + 10 * random()) * (blockOf[i] === blockOf[j] ? inside : 1));
            traffic.push({ from: names[i] ?? "", to: names[j] ?? "", weight });
        }
    }
    const groups = blocks.map((_, b) => names.filter((_, i) => blockOf[i] === b).sort());
    return { groups: groups.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1)), traffic };
}

const proposal = (traffic: readonly GraphTraffic[]) =>
    analyse({ assignment: {}, hosts: [], services: services(traffic), traffic }).affinity;
const services = (traffic: readonly GraphTraffic[]) =>
    [...new Set(traffic.flatMap(({ from, to }) => [from, to]))].map((of) => ({ name: of }));

describe("co-clustering", () => {
    for (const [blocks, inside] of [
        [[4, 4], 10],
        [[3, 5, 8], 20],
        [[10, 10, 10, 10, 10], 20],
        [[40, 60], 4],
    ] as const) {
        it(`finds planted blocks of ${blocks.join(", ")} with ${inside} times the traffic`, () => {
            for (const seed of [1, 2, 3]) {
                const { groups, traffic } = planted(blocks, inside, seed);
                const found = proposal(traffic)?.groups.map((group) => group.services) ?? [];
                assert.deepEqual(
                    found.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1)),
                    groups,
                );
            }
        });
    }

    it("says how much stays within the groups", () => {
        const found = proposal([
            { from: "web", to: "cache", weight: 50 },
            { from: "web", to: "api", weight: 10 },
            { from: "api", to: "db", weight: 30 },
            { from: "db", to: "api", weight: 10 },
        ]);
        assert.deepEqual(found, {
            basis: "traffic",
            groups: [
                { services: ["cache", "web"], busiest: "web", share: 0.5 },
                { services: ["api", "db"], busiest: "api", share: 0.4 },
            ],
            within: 0.9,
            // 0.9 - (110/200)^2 - (90/200)^2
            modularity: 0.395,
            sentence: "90 % of the traffic stays within 2 groups; the first is cache and web with 50 %",
        });
    });

    it("takes traffic of 0 for none", () => {
        const some = [
            { from: "a", to: "b", weight: 5 },
            { from: "c", to: "d", weight: 5 },
        ];
        const none = [
            { from: "a", to: "c", weight: 0 },
            { from: "e", to: "f", weight: 0 },
        ];
        assert.deepEqual(proposal([...some, ...none]), proposal(some));
        assert.equal(proposal(none), undefined);
    });

    it("keeps the two sides of a call together: a star is one group, two stars are two", () => {
        const star = (hub: string): GraphTraffic[] =>
            numbers(4).map((i) => ({ from: `${hub}${i}`, to: hub, weight: 5 }));
        assert.deepEqual(
            proposal(star("a"))?.groups.map((group) => group.services),
            [["a", "a0", "a1", "a2", "a3"]],
        );
        const two = proposal([...star("a"), ...star("b"), { from: "a", to: "b", weight: 1 }]);
        assert.deepEqual(
            two?.groups.map(({ busiest, services: { length } }) => [busiest, length]),
            [
                ["a", 5],
                ["b", 5],
            ],
        );
    });

    it("takes the hosts that services share where there is no traffic", () => {
        const assignment = {
            "a-0": "vm1",
            "b-0": "vm1",
            "a-1": "vm2",
            "b-1": "vm2",
            "c-0": "vm3",
            "d-0": "vm3",
            "e-0": "vm4",
        };
        const hosts = numbers(5).map((i) => ({ name: `vm${i}` }));
        const { affinity, findings } = analyse({ assignment, hosts });
        assert.equal(affinity?.basis, "placement");
        assert.deepEqual(
            affinity?.groups.map((group) => group.services),
            [
                ["a", "b"],
                ["c", "d"],
            ],
        );
        assert.ok(!findings.some(({ sentence }) => sentence.includes("traffic")));
        assert.equal(analyse({ assignment: { "a-0": "vm1" }, hosts }).affinity, undefined);
    });

    it("never ends with less modularity than one group for each connected part", () => {
        const graphs = fc.array(fc.tuple(fc.nat(7), fc.nat(7), fc.integer({ min: 1, max: 9 })), {
            minLength: 1,
            maxLength: 20,
        });
        fc.assert(
            fc.property(graphs, (edges) => {
                const rows = numbers(8).map(() => new Map<number, number>());
                for (const [a, b, weight] of edges) {
                    rows[a]?.set(b, (rows[a]?.get(b) ?? 0) + weight);
                    rows[b]?.set(a, (rows[b]?.get(a) ?? 0) + weight);
                }
                const weights = sparse(rows, 8);
                const groups = coCluster(weights);
                assert.deepEqual(groups.flat().sort(), numbers(8));
                assert.ok(modularity(weights, groups).value >= modularity(weights, [numbers(8)]).value - 1e-9);
            }),
            { numRuns: 300, seed: 4 },
        );
    });
});
