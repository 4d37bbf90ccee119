import assert from "node:assert/strict";
import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { analyse, type Bounds, type DependencyReport } from "../../../lib/graph";
import { numbers, seeded } from "./inputs";

/** The report on services of which each edge says that the one depends on the other. */
function report(n: number, edges: readonly (readonly [number, number])[]): DependencyReport {
    const name = (i: number): string => `s${String(i).padStart(4, "0")}`;
    const services = numbers(n).map((i) => ({
        name: name(i),
        dependsOn: edges.filter(([from]) => from === i).map(([, to]) => name(to)),
    }));
    return analyse({ assignment: {}, hosts: [], services }).dependencies;
}

const path = (n: number): [number, number][] => numbers(n - 1).map((i) => [i, i + 1]);
const cycle = (n: number): [number, number][] => numbers(n).map((i) => [i, (i + 1) % n]);
const complete = (n: number): [number, number][] =>
    numbers(n).flatMap((i) => numbers(i).map((j): [number, number] => [i, j]));
const bipartite = (m: number, n: number): [number, number][] =>
    numbers(m).flatMap((i) => numbers(n).map((j): [number, number] => [i, m + j]));
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const natural = (eigenvalues: readonly number[]): number =>
    Math.log(sum(eigenvalues.map(Math.exp)) / eigenvalues.length);

function check(of: DependencyReport, fiedler: number, resistance: number, connectivity: number): void {
    const [component] = of.components;
    assert.equal(of.components.length, 1);
    const near = (found: Bounds | undefined, expected: number): void => {
        assert.equal(found?.low, found?.high);
        assert.ok(
            Math.abs((found?.low ?? 0) - expected) < 1e-8 * Math.max(1, expected),
            `${found?.low} is not ${expected}`,
        );
    };
    near(component?.fiedler, fiedler);
    near(component?.effectiveResistance, resistance);
    near(component?.naturalConnectivity, connectivity);
}

describe("dependency graph: closed forms", () => {
    for (const n of [2, 5, 40]) {
        it(`path of ${n}`, () => {
            const eigenvalues = numbers(n).map((k) => 2 * Math.cos(((k + 1) * Math.PI) / (n + 1)));
            check(report(n, path(n)), 2 - 2 * Math.cos(Math.PI / n), (n ** 3 - n) / 6, natural(eigenvalues));
        });
    }
    for (const n of [3, 8, 25]) {
        it(`cycle of ${n}`, () => {
            const eigenvalues = numbers(n).map((k) => 2 * Math.cos((2 * k * Math.PI) / n));
            check(report(n, cycle(n)), 2 - 2 * Math.cos((2 * Math.PI) / n), (n ** 3 - n) / 12, natural(eigenvalues));
        });
    }
    for (const n of [3, 12]) {
        it(`complete graph of ${n}`, () => {
            check(report(n, complete(n)), n, n - 1, natural([n - 1, ...numbers(n - 1).map(() => -1)]));
        });
    }
    it("complete bipartite graph of 3 and 5", () => {
        const root = Math.sqrt(15);
        // Laplacian: 0, 3 (4 times), 5 (twice), 8.
        check(report(8, bipartite(3, 5)), 3, 8 * (4 / 3 + 2 / 5 + 1 / 8), natural([root, -root, 0, 0, 0, 0, 0, 0]));
    });
    it("star of 6, that is a complete bipartite graph of 1 and 5", () => {
        check(report(6, bipartite(1, 5)), 1, 6 * (4 + 1 / 6), natural([Math.sqrt(5), -Math.sqrt(5), 0, 0, 0, 0]));
    });
});

describe("dependency graph above 300 services: bounds that hold the truth", () => {
    const within = ({ low, high }: Bounds, truth: number): void => {
        assert.ok(low <= truth && truth <= high && low < high, `${truth} is not from ${low} to ${high}`);
    };
    it("path of 320, where the upper bound of the resistance is reached", () => {
        const [component] = report(320, path(320)).components;
        assert.ok(component !== undefined);
        within(component.fiedler, 2 - 2 * Math.cos(Math.PI / 320));
        assert.equal(component.effectiveResistance.high, (320 ** 3 - 320) / 6);
        assert.ok(component.effectiveResistance.low < component.effectiveResistance.high);
        within(
            component.naturalConnectivity,
            natural(numbers(320).map((k) => 2 * Math.cos(((k + 1) * Math.PI) / 321))),
        );
    });
    it("cycle of 301", () => {
        const [component] = report(301, cycle(301)).components;
        assert.ok(component !== undefined);
        within(component.fiedler, 2 - 2 * Math.cos((2 * Math.PI) / 301));
        within(component.effectiveResistance, (301 ** 3 - 301) / 12);
        within(component.naturalConnectivity, natural(numbers(301).map((k) => 2 * Math.cos((2 * k * Math.PI) / 301))));
    });
    it("random graph of 310, against ml-matrix", () => {
        const random = seeded(5);
        const edges = numbers(310).flatMap((i) =>
            numbers(i === 0 ? 0 : 3).map((): [number, number] => [i, Math.floor(random() * i)]),
        );
        const [component] = report(310, edges).components;
        assert.ok(component !== undefined);
        const adjacency = Matrix.zeros(310, 310);
        for (const [a, b] of edges) adjacency.set(a, b, 1).set(b, a, 1);
        const laplacian = Matrix.diag(adjacency.sum("row")).sub(adjacency);
        const values = (of: Matrix) => new EigenvalueDecomposition(of, { assumeSymmetric: true }).realEigenvalues;
        const [, ...positive] = values(laplacian).sort((a, b) => a - b);
        within(component.fiedler, positive[0] ?? 0);
        within(component.effectiveResistance, 310 * sum(positive.map((value) => 1 / value)));
        within(component.naturalConnectivity, natural(values(adjacency)));
    });
    it("complete bipartite graph of 20 and 290", () => {
        const [component] = report(310, bipartite(20, 290)).components;
        assert.ok(component !== undefined);
        within(component.effectiveResistance, 310 * (289 / 20 + 19 / 290 + 1 / 310));
        const root = Math.sqrt(20 * 290);
        const expected = root + Math.log((1 + Math.exp(-2 * root) + 308 * Math.exp(-root)) / 310);
        assert.ok(component.naturalConnectivity.low <= expected && expected <= component.naturalConnectivity.high);
        assert.ok(expected - component.naturalConnectivity.low < 1e-6, "Lanczos has settled on what counts");
        assert.ok(component.fiedler.low <= 20 && 20 <= component.fiedler.high);
    });
});

it("the connected parts of the dependency graph come by size, single services not at all", () => {
    const { components } = report(7, [
        [0, 1],
        [2, 3],
        [5, 3],
    ]);
    assert.deepEqual(
        components.map(({ services, links }) => [services, links]),
        [
            [["s0002", "s0003", "s0005"], 2],
            [["s0000", "s0001"], 1],
        ],
    );
    assert.match(components[0]?.sentence ?? "", /^3 services, 2 links, .*; s0003 holds it together$/);
    assert.match(components[1]?.sentence ?? "", /no single service holds it together$/);
});

describe("articulation points", () => {
    const parts = (n: number, edges: readonly (readonly [number, number])[], without: number): number => {
        const label = numbers(n);
        for (let round = 0; round < n; round++) {
            for (const [a, b] of edges) {
                if (a === without || b === without) continue;
                const least = Math.min(label[a] ?? 0, label[b] ?? 0);
                label[a] = least;
                label[b] = least;
            }
        }
        return new Set(label.filter((_, v) => v !== without)).size;
    };

    it("are those without which there are more parts", () => {
        const random = seeded(3);
        for (let run = 0; run < 200; run++) {
            const n = 2 + Math.floor(random() * 8);
            const edges = numbers(Math.floor(random() * 2 * n)).map((): [number, number] => [
                Math.floor(random() * n),
                Math.floor(random() * n),
            ]);
            const expected = numbers(n).filter((v) => {
                const alone = !edges.some(([a, b]) => a !== b && (a === v || b === v));
                return parts(n, edges, v) > parts(n, edges, -1) - (alone ? 1 : 0);
            });
            assert.deepEqual(
                report(n, edges).articulationPoints,
                expected.map((v) => `s${String(v).padStart(4, "0")}`),
            );
        }
    });
});

describe("circles", () => {
    it("are the groups that reach each other", () => {
        const graphs = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 12 });
        fc.assert(
            fc.property(graphs, (edges) => {
                const reach = numbers(7).map((v) => numbers(7).map((w) => edges.some(([a, b]) => a === v && b === w)));
                for (const k of numbers(7)) {
                    for (const i of numbers(7)) {
                        for (const j of numbers(7)) if (reach[i]?.[k] && reach[k]?.[j] && reach[i]) reach[i][j] = true;
                    }
                }
                const circles = numbers(7)
                    .map((v) => numbers(7).filter((w) => reach[v]?.[w] && reach[w]?.[v]))
                    .filter((circle, v) => circle[0] === v)
                    .map((circle) => circle.map((v) => `s000${v}`));
                assert.deepEqual(report(7, edges).circles, circles);
            }),
            { numRuns: 300, seed: 4 },
        );
    });
});
