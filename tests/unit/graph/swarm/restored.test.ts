import assert from "node:assert/strict";
import fc from "fast-check";
import { analyseSwarm, type SwarmProblem } from "../../../../lib/graph";
import { numbers, subsets } from "../inputs";
import { BruteForce, nodesIn, type State, swarms, tightSwarms } from "./bruteForce";

/** Every end that a loss may lead to, straight from the definition. */
class Ends {
    private readonly brute: BruteForce;
    private readonly all: number[];
    private readonly before: State[];
    private readonly after = new Map<string, State[]>();

    constructor(private readonly problem: SwarmProblem) {
        this.brute = new BruteForce(problem);
        this.all = [...problem.nodes.keys()];
        this.before = this.brute.states(this.all);
    }

    /** Whether a service may run so many replicas. */
    runs(s: number, replicas: number): boolean {
        return this.before.some((state) => this.brute.sum(state[s] ?? []) === replicas);
    }

    /** The fewest replicas of a service in the end, when it ran so many before `count` domains were lost. */
    fewest(
        s: number,
        running: number,
        { label, names }: { label: string; names: readonly string[] },
        count: number,
    ): number {
        const whole = this.before.filter((state) => this.brute.sum(state[s] ?? []) === running);
        const ends = subsets(names)
            .filter((lost) => lost.length === count)
            .flatMap((lost) => {
                const gone = nodesIn(this.problem, label, lost);
                const left = this.all.filter((n) => !gone.includes(n));
                // What runs on nodes that are left is never stopped.
                const isFrom = (end: State): boolean =>
                    whole.some((state) =>
                        left.every((n) => end.every((row, t) => (row[n] ?? 0) >= (state[t]?.[n] ?? 0))),
                    );
                return this.stops(left)
                    .filter(isFrom)
                    .map((end) => this.brute.sum(end[s] ?? []));
            });
        return Math.min(...ends);
    }

    private stops(left: readonly number[]): State[] {
        const found = this.after.get(left.join()) ?? this.brute.states(left);
        this.after.set(left.join(), found);
        return found;
    }
}

describe("what a swarm runs after it has rescheduled", () => {
    it("is bounded, and exact where the bounds meet", () => {
        const seen = { exact: 0, open: 0, less: 0 };
        fc.assert(
            fc.property(fc.oneof(swarms, tightSwarms), (problem) => {
                const ends = new Ends(problem);
                for (const kind of analyseSwarm(problem).domains) {
                    for (const [s, { room, losses }] of kind.services.entries()) {
                        for (const { count, restored } of losses) {
                            const { low, high } = restored;
                            const fewest = ends.fewest(s, room, kind, count);
                            assert.ok(low <= fewest && fewest <= high, `${low} <= ${fewest} <= ${high}`);
                            if (low < high) seen.open++;
                            else seen.exact++;
                            if (fewest < room) seen.less++;
                        }
                    }
                }
            }),
            { numRuns: 200, seed: 4 },
        );
        assert.ok(seen.open >= 3 && seen.less > 100 && seen.exact > 20 * seen.open, JSON.stringify(seen));
    });

    it("and what a loss takes are the worst over all capacities that nodes may have", () => {
        const seen = { more: 0, less: 0 };
        const cases = fc.record({
            nodes: fc.array(fc.record({ least: fc.integer({ min: 1, max: 4 }), more: fc.nat(2) }), {
                minLength: 2,
                maxLength: 3,
            }),
            services: fc.array(
                fc.record({ replicas: fc.integer({ min: 1, max: 2 }), cpu: fc.integer({ min: 1, max: 2 }) }),
                {
                    minLength: 1,
                    maxLength: 2,
                },
            ),
        });
        fc.assert(
            fc.property(cases, ({ nodes, services }) => {
                const problem = (capacity: readonly number[]): SwarmProblem => ({
                    nodes: capacity.map((cpu, i) => ({ name: `n${i}`, capacity: { cpu } })),
                    services: services.map(({ replicas, cpu }, i) => ({ name: `s${i}`, replicas, demand: { cpu } })),
                });
                const least = problem(nodes.map((node) => node.least));
                const between = nodes.map((node, i) => ({
                    name: `n${i}`,
                    capacity: { cpu: node.least },
                    capacityAtMost: { cpu: node.least + node.more },
                }));
                const [kind] = analyseSwarm({ ...least, nodes: between }).domains;
                const choices = nodes.reduce<number[][]>(
                    (all, node) =>
                        all.flatMap((some) => numbers(node.more + 1).map((more) => [...some, node.least + more])),
                    [[]],
                );
                const each = choices.map((capacity) => ({
                    ends: new Ends(problem(capacity)),
                    report: analyseSwarm(problem(capacity)).domains[0],
                }));
                for (const [s, { room, losses }] of kind?.services.entries() ?? []) {
                    const possible = each.filter(({ ends }) => ends.runs(s, room));
                    for (const { count, lost, restored } of losses) {
                        const worst = possible.map(({ report }) => report?.services[s]?.losses[count - 1]?.lost ?? 0);
                        assert.equal(lost, Math.max(...worst));
                        const fewest = Math.min(
                            ...possible.map(({ ends }) =>
                                ends.fewest(s, room, { label: "host", names: kind?.names ?? [] }, count),
                            ),
                        );
                        assert.ok(restored.low <= fewest && fewest <= restored.high);
                        if (lost > Math.min(...worst)) seen.more++;
                        if (fewest < room) seen.less++;
                    }
                }
            }),
            { numRuns: 80, seed: 4 },
        );
        assert.ok(seen.more > 5 && seen.less > 50, JSON.stringify(seen));
    });

    it("is what counting says", () => {
        const nodes = numbers(4).map((i) => ({ name: `n${i}`, capacity: { memory: 8 } }));
        const restored = (services: SwarmProblem["services"]) =>
            analyseSwarm({ nodes, services }).domains[0]?.services.map(({ losses }) => losses[0]?.restored);
        // Alone: three nodes are left.
        assert.deepEqual(restored([{ name: "a", replicas: 4, maxPerNode: 1 }]), [{ low: 3, high: 3 }]);
        assert.deepEqual(restored([{ name: "a", replicas: 3, maxPerNode: 1, demand: { memory: 8 } }]), [
            { low: 3, high: 3 },
        ]);
        // Six of b fit beside nobody on three nodes, two each: they may leave no room for a. One of b cannot.
        const a = { name: "a", replicas: 2, demand: { memory: 3 }, maxPerNode: 1 };
        const b = { name: "b", replicas: 6, demand: { memory: 3 } };
        assert.deepEqual(restored([a, b])?.[0], { low: 1, high: 1 });
        assert.deepEqual(restored([a, { ...b, replicas: 1 }])?.[0], { low: 2, high: 2 });
        // A global service comes first or last, but only once on each node.
        const agent = { name: "c", replicas: "global" as const, demand: { memory: 2 } };
        assert.deepEqual(restored([{ ...b, replicas: 8 }, agent]), [
            { low: 6, high: 6 },
            { low: 3, high: 3 },
        ]);
    });

    it("sees that others must fill a node before they take anything of it", () => {
        // Beside a, a node of 10 has 8 left: six of b, two each, keep a off one of the two nodes that are left, not off both.
        const nodes = numbers(3).map((i) => ({ name: `n${i}`, capacity: { cpu: 10 } }));
        const { domains } = analyseSwarm({
            nodes,
            services: [
                { name: "a", replicas: 2, demand: { cpu: 1 } },
                { name: "b", replicas: 6, demand: { cpu: 2 } },
            ],
        });
        assert.deepEqual(domains[0]?.services[0]?.losses[0]?.restored, { low: 2, high: 2 });
    });

    it("tries each loss by itself", () => {
        // Losing n0 leaves one that was on n1 already, losing n1 leaves room for one beside what may come to n0: neither leaves none.
        const { domains } = analyseSwarm({
            nodes: [
                { name: "n0", capacity: { cpu: 5, memory: 5 } },
                { name: "n1", capacity: { cpu: 6, memory: 8 } },
            ],
            services: [
                { name: "a", replicas: 3, demand: { cpu: 1, memory: 2 } },
                { name: "b", replicas: 3, demand: { cpu: 3, memory: 3 } },
            ],
        });
        assert.deepEqual(domains[0]?.services[0]?.losses[0]?.restored, { low: 1, high: 1 });
    });

    it("bounds many losses at once, too many to try each", () => {
        const { domains } = analyseSwarm({
            nodes: numbers(60).map((i) => ({ name: `n${i}`, capacity: { cpu: 4 } })),
            services: [
                { name: "a", replicas: 55, demand: { cpu: 2 }, maxPerNode: 1 },
                { name: "b", replicas: 10, demand: { cpu: 3 } },
            ],
            losses: 3,
        });
        // What is lost was of a, one a node, and b comes to the five nodes without one.
        assert.deepEqual(
            domains[0]?.services[0]?.losses.map(({ restored }) => restored),
            [54, 53, 52].map((replicas) => ({ low: replicas, high: replicas })),
        );
    });

    it("is open where the bounds know too little of how others fit", () => {
        // Once n0 is lost, one of a is left on n1, beside which b does not fit: a gets its room after all. The bound does not see it.
        const { domains } = analyseSwarm({
            nodes: [
                { name: "n0", capacity: { cpu: 7, memory: 4 } },
                { name: "n1", capacity: { cpu: 5, memory: 4 } },
            ],
            services: [
                { name: "a", replicas: 3, demand: { cpu: 2, memory: 2 } },
                { name: "b", replicas: 2, demand: { cpu: 2, memory: 3 }, maxPerNode: 1 },
            ],
        });
        assert.deepEqual(domains[0]?.services[0]?.losses[0]?.restored, { low: 1, high: 2 });
    });
});
