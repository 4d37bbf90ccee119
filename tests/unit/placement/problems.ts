import fc from "fast-check";
import type { PlacementGoal, PlacementHost, PlacementProblem, PlacementService } from "../../../lib/placement";

const small = (max: number): fc.Arbitrary<number> => fc.integer({ min: 0, max });

const host = (i: number): fc.Arbitrary<PlacementHost> =>
    fc.record({
        name: fc.constant(`vm${i}`),
        capacity: fc.record({ cpu: small(6), memory: small(8) }),
        labels: fc.oneof(
            { weight: 6, arbitrary: fc.record({ zone: fc.constantFrom("a", "b", "c") }) },
            { weight: 1, arbitrary: fc.constant({}) },
        ),
    });

/** Affinity names services before this one, so that there are no circles. */
const service = (i: number): fc.Arbitrary<PlacementService> =>
    fc
        .record(
            {
                name: fc.constant(`s${i}`),
                replicas: small(4),
                demand: fc.record({ cpu: small(3), memory: small(4) }),
                require: fc.record({ zone: fc.subarray(["a", "b"], { minLength: 1 }) }),
                antiAffinity: fc.record({ with: fc.constant([`s${i}`]), over: fc.constantFrom("host", "zone") }),
                affinity: fc.constant(i > 0 ? [`s${i - 1}`] : []),
                spreadOver: fc.constantFrom("host", "zone"),
                maxSkew: fc.integer({ min: 1, max: 2 }),
            },
            { requiredKeys: ["name", "replicas"] },
        )
        .map(({ maxSkew, ...rest }) => (rest.spreadOver === undefined ? rest : { ...rest, maxSkew: maxSkew ?? 1 }));

/** Problems small enough to try every placement, a good part of them infeasible. The first host has a zone. */
export const problems: fc.Arbitrary<PlacementProblem> = fc
    .record({ hosts: fc.integer({ min: 1, max: 4 }), services: fc.integer({ min: 1, max: 3 }) })
    .chain((size) =>
        fc.record({
            hosts: fc
                .tuple(...Array.from({ length: size.hosts }, (_, i) => host(i)))
                .map((hosts) => hosts.map((one, i) => (i === 0 ? { ...one, labels: { zone: "a" } } : one))),
            services: fc.tuple(...Array.from({ length: size.services }, (_, i) => service(i))),
            objective: fc.constantFrom<PlacementGoal>("spread", "binpack", "balance", "fewest-hosts"),
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
