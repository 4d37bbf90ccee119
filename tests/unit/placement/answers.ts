// Prints a digest of what the pure functions answer to many problems, to compare one Node.js with another.
import { createHash } from "node:crypto";
import fc from "fast-check";
import { analyse } from "../../../lib/graph";
import { FusionInputError } from "../../../lib/inputError";
import { type PlacementProblem, place, planCapacity } from "../../../lib/placement";
import { problems } from "./problems";

/** What a function answers, or why it refuses. */
function said(answer: () => unknown): unknown {
    try {
        return answer();
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        return error.errors;
    }
}

/** A problem of some size, on which every search has something to do. */
function packing(effort: "good" | "fast"): PlacementProblem {
    let state = 1;
    const next = (least: number, most: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return least + ((state >>> 8) % (most - least + 1));
    };
    const services = Array.from({ length: 40 }, (_, i) => ({
        name: `s${i}`,
        replicas: next(1, 2),
        demand: { cpu: next(10, 60), memory: next(5, 50), disk: next(1, 40) },
    }));
    const hosts = Array.from({ length: 40 }, (_, i) => ({
        name: `vm${i}`,
        capacity: { cpu: 100, memory: 100, disk: 100 },
    }));
    return { hosts, services, objective: "fewest-hosts", effort };
}

export function digestOfAnswers(): string {
    const hash = createHash("sha256");
    for (const problem of fc.sample(problems, { seed: 9, numRuns: 300 })) {
        hash.update(JSON.stringify(said(() => place(problem))));
        hash.update(JSON.stringify(said(() => analyse({ ...problem, ...place(problem) }))));
    }
    for (const effort of ["fast", "good"] as const) {
        const problem = packing(effort);
        const answer = place(problem);
        hash.update(JSON.stringify([answer, analyse({ ...problem, ...answer })]));
    }
    const { services } = packing("fast");
    const sizes = [
        { name: "small", capacity: { cpu: 100, memory: 100, disk: 100 }, cost: 5 },
        { name: "large", capacity: { cpu: 200, memory: 200, disk: 200 }, cost: 9 },
    ];
    hash.update(JSON.stringify(planCapacity({ services, sizes, effort: "fast" })));
    return hash.digest("hex");
}

if (require.main === module) console.log(digestOfAnswers());
