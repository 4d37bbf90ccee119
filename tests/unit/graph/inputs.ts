import fc from "fast-check";
import type { GraphInput } from "../../../lib/graph";

/** Up to 5 hosts in up to 3 zones, up to 9 replicas of up to 4 services, with needs, dependencies (circles too) and traffic. */
export const inputs: fc.Arbitrary<GraphInput> = fc.integer({ min: 1, max: 5 }).chain((vms) =>
    fc.record({
        hosts: fc
            .array(fc.constantFrom("a", "b", "c"), { minLength: vms, maxLength: vms })
            .map((zones) => zones.map((zone, i) => ({ name: `vm${i}`, labels: { zone } }))),
        services: fc
            .array(
                fc.record({ needs: fc.integer({ min: 0, max: 3 }), dependsOn: fc.subarray(["s0", "s1", "s2", "s3"]) }),
                {
                    minLength: 4,
                    maxLength: 4,
                },
            )
            .map((services) =>
                services.map(({ needs, dependsOn }, i) => ({
                    name: `s${i}`,
                    needs,
                    // Few of them, so that not everything hangs together; sometimes a service on itself.
                    dependsOn: dependsOn.slice(0, 1),
                })),
            ),
        assignment: fc
            .array(fc.record({ service: fc.integer({ min: 0, max: 3 }), vm: fc.integer({ min: 0, max: vms - 1 }) }), {
                maxLength: 9,
            })
            .map((edges) => Object.fromEntries(edges.map(({ service, vm }, i) => [`s${service}-${i}`, `vm${vm}`]))),
        traffic: fc.array(
            fc.record({
                from: fc.constantFrom("s0", "s1", "s2", "s3"),
                to: fc.constantFrom("s0", "s1", "s2", "s3"),
                weight: fc.integer({ min: 0, max: 9 }),
            }),
            { maxLength: 5 },
        ),
    }),
);

/** The domain of a host. */
export function domainOf(input: GraphInput, label: string, host: string): string {
    return label === "host" ? host : (input.hosts.find(({ name }) => name === host)?.labels?.[label] ?? "");
}

/**
 * The services that serve when some domains are lost, straight from the definition: all that have enough replicas are taken
 * to serve, then those go that depend on one that does not, until nothing changes.
 */
export function serving(input: GraphInput, label: string, lost: readonly string[]): Set<string> {
    const left = Object.entries(input.assignment).filter(([, host]) => !lost.includes(domainOf(input, label, host)));
    const services = input.services ?? [];
    const up = new Set(
        services
            .filter(({ name, needs = 1 }) => left.filter(([of]) => of.startsWith(`${name}-`)).length >= needs)
            .map(({ name }) => name),
    );
    for (let before = -1; before !== up.size; ) {
        before = up.size;
        for (const { name, dependsOn = [] } of services) if (dependsOn.some((of) => !up.has(of))) up.delete(name);
    }
    return up;
}

export function subsets<T>(items: readonly T[]): T[][] {
    const [first, ...rest] = items;
    if (first === undefined) return [[]];
    return subsets(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

/** 0, 1, ... */
export const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Numbers from 0 to 1 that are the same in each run (Park and Miller's generator). */
export function seeded(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 48271) % 2147483647;
        return state / 2147483647;
    };
}
