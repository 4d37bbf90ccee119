import assert from "node:assert/strict";
import { concentration, eigenvalues, type Matrix, singularValues, spectrumOf } from "../../../lib/graph/spectrum";

const square = (n: number, entry: (i: number, j: number) => number): Matrix =>
    Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => entry(i, j)));

function close(found: readonly number[], expected: readonly number[]): void {
    assert.equal(found.length, expected.length);
    const sorted = [...expected].sort((a, b) => b - a);
    for (const [i, value] of found.entries()) {
        assert.ok(Math.abs(value - (sorted[i] ?? Number.NaN)) < 1e-9, `${value} is not ${sorted[i]}`);
    }
}

const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

describe("spectrum: closed forms of known graphs", () => {
    for (const n of [1, 2, 7, 40]) {
        it(`path of ${n}`, () => {
            const path = square(n, (i, j) => (Math.abs(i - j) === 1 ? 1 : 0));
            close(
                eigenvalues(path),
                numbers(n).map((k) => 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))),
            );
        });
    }

    for (const n of [3, 4, 25]) {
        it(`cycle of ${n}`, () => {
            const cycle = square(n, (i, j) => ((i - j + n) % n === 1 || (j - i + n) % n === 1 ? 1 : 0));
            close(
                eigenvalues(cycle),
                numbers(n).map((k) => 2 * Math.cos((2 * Math.PI * k) / n)),
            );
        });
    }

    it("complete bipartite graph", () => {
        const all = numbers(3).map(() => numbers(5).map(() => 1));
        close(singularValues(all), [Math.sqrt(15), 0, 0]);
    });
});

describe("spectrum of services and domains", () => {
    it("sees isolated cells: no mixing, as many independent domains as there are", () => {
        const isolated = square(4, (i, j) => (i === j ? 3 : 0));
        assert.deepEqual(spectrumOf(isolated), { normalised: [1, 1, 1, 1], mixing: 0, effectiveDomains: 4 });
    });

    it("sees services that are everywhere: full mixing, one effective domain", () => {
        const everywhere = square(4, () => 2);
        assert.deepEqual(spectrumOf(everywhere), { normalised: [1, 0, 0, 0], mixing: 1, effectiveDomains: 1 });
    });

    it("is undefined without replicas", () => {
        assert.equal(spectrumOf([[0, 0]]), undefined);
        assert.equal(spectrumOf([]), undefined);
        assert.deepEqual(concentration([[0, 0]]), [0, 0]);
    });

    it("weighs domains by the leading eigenvector", () => {
        // B'B = [[5, 4], [4, 5]] and [[1]]: the leading eigenvector is (1, 1, 0).
        close(
            concentration([
                [2, 1, 0],
                [1, 2, 0],
                [0, 0, 1],
            ]),
            [0.5, 0.5, 0],
        );
    });
});
