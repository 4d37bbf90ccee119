import assert from "node:assert/strict";
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from "ml-matrix";
import { eigenvalues, leadingVector } from "../../../lib/graph/lanczos";
import { gram, operator, type Sparse, sparse } from "../../../lib/graph/sparse";
import { concentration, roots, spectrumOf } from "../../../lib/graph/spectrum";
import { numbers, seeded } from "./inputs";

function from(dense: readonly (readonly number[])[], columns = dense[0]?.length ?? 0): Sparse {
    const rows = dense.map((row) => new Map([...row.entries()].filter(([, value]) => value !== 0)));
    return sparse(rows, columns);
}

const square = (n: number, entry: (i: number, j: number) => number): Sparse =>
    from(numbers(n).map((i) => numbers(n).map((j) => entry(i, j))));

function close(found: readonly number[], expected: readonly number[], within = 1e-9): void {
    assert.equal(found.length, expected.length);
    const sorted = [...expected].sort((a, b) => b - a);
    for (const [i, value] of found.entries()) {
        assert.ok(Math.abs(value - (sorted[i] ?? Number.NaN)) < within, `${value} is not ${sorted[i]}`);
    }
}

/** A matrix of counts with some replicas a service, and its normalised form, dense. */
function random(services: number, domains: number, replicas: number): { counts: number[][]; scaled: number[][] } {
    const next = seeded(services + domains);
    const counts = numbers(services).map(() => numbers(domains).map(() => 0));
    for (const row of counts) {
        for (let r = 0; r < replicas; r++) {
            const domain = Math.floor(next() * domains);
            row[domain] = (row[domain] ?? 0) + 1;
        }
    }
    const inColumn = numbers(domains).map((j) => counts.reduce((sum, row) => sum + (row[j] ?? 0), 0));
    return { counts, scaled: counts.map((row) => row.map((x, j) => x / Math.sqrt(replicas * (inColumn[j] || 1)))) };
}

describe("Lanczos", () => {
    for (const n of [1, 2, 7, 40, 300]) {
        it(`path of ${n}: 2 cos(k pi / (n + 1))`, () => {
            const found = eigenvalues(operator(square(n, (i, j) => (Math.abs(i - j) === 1 ? 1 : 0))));
            assert.ok(found.whole);
            close(
                found.values,
                numbers(n).map((k) => 2 * Math.cos(((k + 1) * Math.PI) / (n + 1))),
            );
        });
    }

    for (const n of [3, 4, 25]) {
        it(`cycle of ${n}: 2 cos(2 k pi / n), almost all of them twice`, () => {
            const cycle = square(n, (i, j) => ((i - j + n) % n === 1 || (j - i + n) % n === 1 ? 1 : 0));
            close(
                eigenvalues(operator(cycle)).values,
                numbers(n).map((k) => 2 * Math.cos((2 * Math.PI * k) / n)),
            );
        });
    }

    it("complete graph: n - 1 once, -1 as often as is left", () => {
        const found = eigenvalues(operator(square(50, (i, j) => (i === j ? 0 : 1)))).values;
        close(found, [49, ...numbers(49).map(() => -1)]);
    });

    it("complete bipartite graph: one singular value, sqrt(mn)", () => {
        const all = from(numbers(3).map(() => numbers(5).map(() => 1)));
        close(roots(eigenvalues(gram(all)).values), [Math.sqrt(15), 0, 0]);
    });

    it("finds all of a random matrix, as ml-matrix does", () => {
        const next = seeded(7);
        const dense = numbers(60).map(() => numbers(60).map(() => next() - 0.5));
        const symmetric = numbers(60).map((i) => numbers(60).map((j) => (dense[i]?.[j] ?? 0) + (dense[j]?.[i] ?? 0)));
        const expected = new EigenvalueDecomposition(new Matrix(symmetric), { assumeSymmetric: true }).realEigenvalues;
        close(eigenvalues(operator(from(symmetric))).values, expected);
    });

    it("stopped early: the k-th value is below the true one, and within its error of a true one", () => {
        const { counts } = random(90, 80, 6);
        const all = eigenvalues(gram(from(counts))).values;
        const some = eigenvalues(gram(from(counts)), { steps: 25 });
        assert.ok(!some.whole && some.values.length === 25);
        for (const [k, value] of some.values.entries()) {
            assert.ok(value <= (all[k] ?? 0) + 1e-9);
            const distance = Math.min(...all.map((other) => Math.abs(other - value)));
            assert.ok(distance <= (some.errors[k] ?? 0) + 1e-9, `${distance} above ${some.errors[k]}`);
        }
        assert.ok(
            (some.errors[0] ?? 1) < 1e-9 && (some.errors[24] ?? 0) > 1e-6,
            "the first have settled, the last not",
        );
    });

    it("gives the leading vector", () => {
        const path = operator(square(9, (i, j) => (Math.abs(i - j) === 1 ? 1 : 0)));
        const expected = numbers(9).map((i) => Math.sin(((i + 1) * Math.PI) / 10) * Math.sqrt(2 / 10));
        for (const [i, x] of leadingVector(path).entries())
            assert.ok(Math.abs(Math.abs(x) - (expected[i] ?? 0)) < 1e-9);
    });
});

describe("spectrum of services and domains", () => {
    it("sees isolated cells: no mixing, as many independent domains as there are", () => {
        const isolated = spectrumOf(
            square(4, (i, j) => (i === j ? 3 : 0)),
            4,
            "host",
        );
        assert.deepEqual([isolated?.normalised, isolated?.mixing], [[1, 1, 1, 1], 0]);
        assert.deepEqual(isolated?.effectiveDomains, { low: 4, high: 4 });
        assert.equal(isolated?.sentence, "4 groups of hosts share no service; as diverse as 4 independent hosts");
    });

    it("sees services that are everywhere: full mixing, one effective domain", () => {
        const everywhere = spectrumOf(
            square(4, () => 2),
            1,
            "zone",
        );
        assert.deepEqual([everywhere?.normalised, everywhere?.mixing], [[1, 0, 0, 0], 1]);
        assert.deepEqual(everywhere?.effectiveDomains, { low: 1, high: 1 });
    });

    it("is undefined without replicas", () => {
        assert.equal(spectrumOf(from([[0, 0]]), 0, "host"), undefined);
        assert.equal(spectrumOf(from([]), 0, "host"), undefined);
        assert.deepEqual(concentration(from([[0, 0]])), [0, 0]);
    });

    it("weighs domains by the leading eigenvector", () => {
        // B'B = [[5, 4], [4, 5]] and [[1]]: the leading eigenvector is (1, 1, 0).
        const weights = concentration(
            from([
                [2, 1, 0],
                [1, 2, 0],
                [0, 0, 1],
            ]),
        );
        close(weights, [0.5, 0.5, 0]);
    });

    it("agrees with ml-matrix where it is exact", () => {
        const { counts, scaled } = random(40, 70, 5);
        const found = spectrumOf(from(counts), 1, "host");
        const normalised = new SingularValueDecomposition(new Matrix(scaled), { autoTranspose: true }).diagonal;
        close(found?.normalised ?? [], normalised, 1e-8);
        const powers = new SingularValueDecomposition(new Matrix(counts), { autoTranspose: true }).diagonal.map(
            (value) => value * value,
        );
        const total = powers.reduce((sum, power) => sum + power, 0);
        const entropy = powers.reduce((sum, power) => sum - (power / total) * Math.log(power / total), 0);
        assert.ok(Math.abs((found?.effectiveDomains.low ?? 0) - Math.exp(entropy)) < 1e-6);
    });

    it("is leading values and certain bounds where both sides exceed 300, and says so", () => {
        const { counts, scaled } = random(330, 340, 8);
        const found = spectrumOf(from(counts), 1, "host");
        assert.ok(found !== undefined && !found.exact && found.normalised.length === 20);
        const all = eigenvalues(gram(from(scaled)), { steps: 330 }).values;
        for (const [k, value] of found.normalised.entries()) {
            const distance = Math.min(...all.map((other) => Math.abs(other - value * value)));
            assert.ok(distance <= found.error + 1e-8, `${k}: ${distance} above ${found.error}`);
        }
        assert.ok(Math.abs(found.mixing - (1 - Math.sqrt(all[1] ?? 0))) < 1e-6);
        const powers = eigenvalues(gram(from(counts)), { steps: 330 }).values;
        const total = powers.reduce((sum, power) => sum + power, 0);
        const number = Math.exp(
            powers.reduce((sum, p) => (p > 1e-12 ? sum - (p / total) * Math.log(p / total) : sum), 0),
        );
        const { low, high } = found.effectiveDomains;
        assert.ok(low < number && number < high && high < 3 * low, `${low} < ${number} < ${high}`);
    });

    it("bounds a spectrum that one value dominates from both sides, and knows cells above 300", () => {
        const n = 320;
        const dominated = spectrumOf(
            square(n, (i, j) => (i === 0 ? 40 : i === j ? 30 : 0)),
            1,
            "host",
        );
        const powers = eigenvalues(gram(square(n, (i, j) => (i === 0 ? 40 : i === j ? 30 : 0))), { steps: n }).values;
        const total = powers.reduce((sum, power) => sum + power, 0);
        const number = Math.exp(
            powers.reduce((sum, p) => (p > 1e-9 ? sum - (p / total) * Math.log(p / total) : sum), 0),
        );
        const { low, high } = dominated?.effectiveDomains ?? { low: 0, high: 0 };
        assert.ok(low <= number && number <= high && high < 1.5 * number, `${low} <= ${number} <= ${high}`);

        const isolated = spectrumOf(
            square(n, (i, j) => (i === j ? 3 : 0)),
            n,
            "host",
        );
        assert.deepEqual([isolated?.mixing, isolated?.error, isolated?.normalised.length], [0, 0, 20]);
        assert.deepEqual(isolated?.effectiveDomains, { low: n, high: n });
    });
});
