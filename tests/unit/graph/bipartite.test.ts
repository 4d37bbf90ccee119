import assert from "node:assert/strict";
import fc from "fast-check";
import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { adjacency, analyse, biadjacency, eigenvectors, incidence } from "../../../lib/graph";
import { tidy } from "../../../lib/graph/tidy";
import { inputs } from "./inputs";

describe("the bipartite graph", () => {
    it("is shown for what it is: stars", () => {
        const { graph } = analyse({
            assignment: { "web-0": "vm1", "web-1": "vm2", "db-0": "vm1", "db-1": "vm1", "db-2": "vm1" },
            hosts: [{ name: "vm1" }, { name: "vm2" }, { name: "vm3" }],
        });
        assert.deepEqual(graph.replicas, ["db-0", "db-1", "db-2", "web-0", "web-1"]);
        assert.deepEqual(graph.degrees, [4, 1, 0]);
        assert.deepEqual(biadjacency(graph), [
            [1, 1, 1, 1, 0],
            [0, 0, 0, 0, 1],
            [0, 0, 0, 0, 0],
        ]);
        assert.deepEqual(graph.spectrum, [2, 1, 0]);
        assert.deepEqual(graph.eigenvalues, [
            { value: 2, multiplicity: 1 },
            { value: 1, multiplicity: 1 },
            { value: 0, multiplicity: 4 },
            { value: -1, multiplicity: 1 },
            { value: -2, multiplicity: 1 },
        ]);
        const [first] = eigenvectors(graph);
        const [host, replica] = [tidy(Math.SQRT1_2), 0.353553391];
        assert.deepEqual(first, {
            value: 2,
            host: "vm1",
            vector: [host, 0, 0, replica, replica, replica, replica, 0],
        });
    });

    it("has the eigenvalues and vectors of its adjacency matrix, as ml-matrix finds them", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                const { graph } = analyse(input);
                const matrix = new Matrix(adjacency(graph));
                const expected = new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues;
                const found = graph.eigenvalues.flatMap(({ value, multiplicity }) =>
                    new Array<number>(multiplicity).fill(value),
                );
                assert.equal(found.length, expected.length);
                for (const [i, value] of [...expected].sort((a, b) => b - a).entries()) {
                    assert.ok(Math.abs(value - (found[i] ?? 99)) < 1e-7);
                }
                const pairs = eigenvectors(graph);
                assert.equal(pairs.length, found.filter((value) => value !== 0).length);
                for (const { value, vector } of pairs) {
                    const image = matrix.mmul(Matrix.columnVector([...vector])).to1DArray();
                    for (const [i, x] of image.entries()) assert.ok(Math.abs(x - value * (vector[i] ?? 0)) < 1e-7);
                }
            }),
            { numRuns: 100, seed: 4 },
        );
    });

    it("has an incidence matrix M with MM' = degrees + adjacency", () => {
        fc.assert(
            fc.property(inputs, (input) => {
                const { graph } = analyse(input);
                const edges = incidence(graph);
                const square = adjacency(graph);
                const degrees = [...graph.degrees, ...graph.replicas.map(() => 1)];
                for (const [i, a] of edges.entries()) {
                    for (const [j, b] of edges.entries()) {
                        const product = a.reduce((sum, x, edge) => sum + x * (b[edge] ?? 0), 0);
                        assert.equal(product, (square[i]?.[j] ?? 0) + (i === j ? (degrees[i] ?? 0) : 0));
                    }
                }
            }),
            { numRuns: 100, seed: 4 },
        );
    });
});
