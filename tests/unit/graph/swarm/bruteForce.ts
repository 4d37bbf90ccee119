import fc from "fast-check";
import type { SwarmProblem, SwarmService } from "../../../../lib/graph";
import { numbers } from "../inputs";

/** Up to 3 nodes in 2 zones, up to 3 services with reservations of two dimensions, limits and constraints. */
export const swarms: fc.Arbitrary<SwarmProblem> = fc.integer({ min: 1, max: 3 }).chain((count) =>
    fc.record({
        nodes: fc
            .array(
                fc.record({ zone: fc.constantFrom("a", "b"), cpu: fc.integer({ min: 1, max: 5 }), memory: fc.nat(6) }),
                {
                    minLength: count,
                    maxLength: count,
                },
            )
            .map((nodes) =>
                nodes.map(({ zone, cpu, memory }, i) => ({
                    name: `n${i}`,
                    labels: { zone },
                    // Of some nodes the memory is not limited.
                    capacity: { cpu, ...(memory > 0 && { memory }) },
                })),
            ),
        services: fc
            .array(serviceOn(count), { minLength: 1, maxLength: 3 })
            .map((services) => services.map((service, i) => ({ ...service, name: `s${i}` }))),
        domains: fc.constant(["host", "zone"]),
        losses: fc.constant(3),
    }),
);

function serviceOn(count: number): fc.Arbitrary<Omit<SwarmService, "name">> {
    return fc
        .record({
            replicas: fc.oneof(
                { weight: 5, arbitrary: fc.nat(2) },
                { weight: 1, arbitrary: fc.constant("global" as const) },
            ),
            demand: fc.record({ cpu: fc.nat(3), memory: fc.nat(2) }),
            maxPerNode: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
            nodes: fc.subarray(
                numbers(count).map((i) => `n${i}`),
                { minLength: 1 },
            ),
            needs: fc.nat(2),
            dependsOn: fc.option(fc.constant("s0"), { freq: 5, nil: undefined }),
        })
        .map(({ maxPerNode, dependsOn, ...service }) => ({
            ...service,
            ...(maxPerNode !== undefined && service.replicas !== "global" && { maxPerNode }),
            ...(dependsOn !== undefined && { dependsOn: [dependsOn] }),
        }));
}

/** Two nodes on which services of several sizes want the same room. */
export const tightSwarms: fc.Arbitrary<SwarmProblem> = fc.record({
    nodes: fc
        .array(fc.record({ cpu: fc.integer({ min: 3, max: 8 }), memory: fc.integer({ min: 3, max: 8 }) }), {
            minLength: 2,
            maxLength: 2,
        })
        .map((nodes) => nodes.map((capacity, i) => ({ name: `n${i}`, labels: { zone: "a" }, capacity }))),
    services: fc
        .array(
            fc.record({
                replicas: fc.integer({ min: 1, max: 3 }),
                demand: fc.record({ cpu: fc.integer({ min: 0, max: 3 }), memory: fc.integer({ min: 1, max: 3 }) }),
                maxPerNode: fc.integer({ min: 1, max: 3 }),
            }),
            { minLength: 2, maxLength: 3 },
        )
        .map((services) => services.map((service, i) => ({ ...service, name: `s${i}` }))),
    domains: fc.constant(["host"]),
});

/** Replicas by service and node. */
export type State = readonly (readonly number[])[];

/** The definition, one placement after the other: nothing here knows how the library computes. */
export class BruteForce {
    readonly wanted: number[];
    private readonly limits: number[][];

    constructor(private readonly problem: SwarmProblem) {
        this.limits = problem.services.map(({ nodes, maxPerNode, replicas }) =>
            problem.nodes.map(({ name }) => {
                if (nodes?.includes(name) === false) return 0;
                return replicas === "global" ? 1 : Math.min(maxPerNode ?? 99, replicas ?? 0);
            }),
        );
        this.wanted = problem.services.map(({ replicas }, s) =>
            replicas === "global" ? this.sum(this.limits[s] ?? []) : (replicas ?? 0),
        );
    }

    sum(row: readonly number[]): number {
        return row.reduce((sum, count) => sum + count, 0);
    }

    /** Where Swarm would stop: everything fits, and no replica that waits has room on a node that is left. */
    states(left: readonly number[]): State[] {
        const rows = this.wanted.map((wanted, s) =>
            rowsOf(
                (this.limits[s] ?? []).map((limit, n) => (left.includes(n) ? limit : 0)),
                wanted,
            ),
        );
        return product(rows).filter((state) => this.fits(state) && !this.hasRoom(state, left));
    }

    private fits(state: State): boolean {
        return this.problem.nodes.every(({ capacity }, n) =>
            Object.entries(capacity ?? {}).every(([dimension, there]) => {
                const used = this.problem.services.map(
                    ({ demand }, s) => (demand?.[dimension] ?? 0) * (state[s]?.[n] ?? 0),
                );
                return this.sum(used) <= there;
            }),
        );
    }

    private hasRoom(state: State, left: readonly number[]): boolean {
        return state.some((row, s) => {
            if (this.sum(row) >= (this.wanted[s] ?? 0)) return false;
            return left.some((n) => {
                if ((row[n] ?? 0) >= (this.limits[s]?.[n] ?? 0)) return false;
                return this.fits(
                    state.map((other, t) => (t === s ? other.map((count, m) => count + (m === n ? 1 : 0)) : other)),
                );
            });
        });
    }
}

/** All rows below the limits with at most so many replicas. */
function rowsOf([limit, ...limits]: readonly number[], most: number): number[][] {
    if (limit === undefined) return [[]];
    return numbers(Math.min(limit, most) + 1).flatMap((count) =>
        rowsOf(limits, most - count).map((row) => [count, ...row]),
    );
}

function product<T>([first, ...rest]: readonly T[][]): T[][] {
    if (first === undefined) return [[]];
    const others = product(rest);
    return first.flatMap((one) => others.map((other) => [one, ...other]));
}

/** The numbers of the nodes of some domains: nodes are named n0, n1 and so on. */
export function nodesIn({ nodes }: SwarmProblem, label: string, lost: readonly string[]): number[] {
    return [...nodes.keys()].filter((n) =>
        lost.includes(label === "host" ? `n${n}` : (nodes[n]?.labels?.[label] ?? "")),
    );
}
