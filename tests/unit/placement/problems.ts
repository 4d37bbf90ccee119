import fc from "fast-check";
import type { PlacementGoal, PlacementHost, PlacementProblem, PlacementService } from "../../../lib/placement";

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const host = (i: number): fc.Arbitrary<PlacementHost> =>
    fc
        .record({
            name: fc.constant(`vm${i}`),
            capacity: fc.record({ cpu: small(6), memory: small(8) }),
            labels: fc.oneof(
                { weight: 6, arbitrary: fc.record({ zone: fc.constantFrom("a", "b", "c") }) },
                { weight: 1, arbitrary: fc.constant({}) },
            ),
            portsInUse: fc.oneof(
                { weight: 4, arbitrary: fc.constant([]) },
                { weight: 1, arbitrary: fc.constant([80]) },
            ),
        })
        .map(({ portsInUse, ...rest }) => (portsInUse.length === 0 ? rest : { ...rest, portsInUse }));

const over = fc.constantFrom("host", "zone");
const zones = fc.subarray(["a", "b"], { minLength: 1 });

/** Affinity names services before this one, so that there are no circles. */
const service = (i: number): fc.Arbitrary<PlacementService> => {
    const apart = fc.record({ with: fc.constantFrom([`s${i}`], [`s${i}`, "s0"], ["s0"]), over });
    const friends = [`s${i - 1}`];
    return fc
        .record(
            {
                name: fc.constant(`s${i}`),
                replicas: small(4),
                demand: fc.record({ cpu: small(3), memory: small(4) }),
                require: fc.record({ zone: zones }),
                prefer: fc.record({ zone: zones }),
                ports: fc.constantFrom([80], [80, 443], [443]),
                antiAffinity: fc.oneof(apart, fc.array(apart, { maxLength: 2 })),
                affinity:
                    i === 0
                        ? fc.constant([])
                        : fc.oneof(
                              fc.constant(friends),
                              fc.record({ with: fc.constant(friends), over }),
                              fc.array(fc.record({ with: fc.constant(friends), over }), { maxLength: 2 }),
                          ),
                spreadOver: over,
                maxSkew: fc.integer({ min: 1, max: 2 }),
            },
            { requiredKeys: ["name", "replicas"] },
        )
        .map(({ ports, ...rest }) => (ports === undefined || i % 2 === 1 ? rest : { ...rest, ports }))
        .map(({ maxSkew, ...rest }) => (rest.spreadOver === undefined ? rest : { ...rest, maxSkew: maxSkew ?? 1 }));
};

const goal = fc.constantFrom<PlacementGoal>("spread", "binpack", "balance", "fewest-hosts");

/** Problems small enough to try every placement, a good part of them infeasible. The first host has a zone. */
export const problems: fc.Arbitrary<PlacementProblem> = fc
    .record({ hosts: fc.integer({ min: 1, max: 4 }), services: fc.integer({ min: 1, max: 3 }) })
    .chain((size) =>
        fc.record({
            hosts: fc
                .tuple(...Array.from({ length: size.hosts }, (_, i) => host(i)))
                .map((hosts) => hosts.map((one, i) => (i === 0 ? { ...one, labels: { zone: "a" } } : one))),
            services: fc.tuple(...Array.from({ length: size.services }, (_, i) => service(i))),
            objective: goal,
        }),
    );

/** The same with replicas that run already, some on a host that is gone, and with budgets for moves. */
export const running: fc.Arbitrary<PlacementProblem> = problems.chain((problem) =>
    fc
        .record({
            hosts: fc.array(fc.constantFrom(...problem.hosts.map(({ name }) => name), "gone", "new"), {
                minLength: 12,
                maxLength: 12,
            }),
            move: fc.option(fc.record({ restore: small(2), add: small(2), improve: small(2) }), { nil: undefined }),
        })
        .map(({ hosts, move }) => {
            const replicas = problem.services.flatMap(({ name, replicas: count }) =>
                Array.from({ length: count }, (_, i) => `${name}-${i}`),
            );
            const ran = replicas.map((replica, i) => [replica, hosts[i] ?? "new"] as const);
            const previous = Object.fromEntries(ran.filter(([, name]) => name !== "new"));
            return { ...problem, previous, ...(move === undefined ? {} : { move }) };
        }),
);

/** The same problem with every list and table in another order, decided by `seed`. */
export function shuffled(problem: PlacementProblem, seed: number): PlacementProblem {
    let state = seed;
    const mix = (value: unknown): unknown => {
        if (Array.isArray(value)) return order(value.map(mix));
        if (typeof value !== "object" || value === null) return value;
        return Object.fromEntries(order(Object.entries(value)).map(([key, of]) => [key, mix(of)]));
    };
    const order = <T>(items: readonly T[]): T[] =>
        items
            .map((item) => {
                state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
                return { item, key: state };
            })
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
    return mix(problem) as PlacementProblem;
}
