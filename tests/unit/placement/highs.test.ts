import assert from "node:assert/strict";
import loadHighs from "highs";
import { type PlacementProblem, place } from "../../../lib/placement";
import { afterLoss } from "./losses";
import { antiAffinities, broken, movesOf } from "./oracle";

/**
 * The fewest moves as a mixed integer program: a whole number of replicas for each service and host, and how many of
 * those that ran on a host stay there.
 */
function program(problem: PlacementProblem): string {
    const terms: string[] = [];
    const rows: string[] = [];
    const bounds: string[] = [];
    const whole: string[] = [];
    const on = (s: number, h: number): string => `x${s}_${h}`;
    for (const [s, service] of problem.services.entries()) {
        const alone = antiAffinities(service).some(({ with: names }) => names.includes(service.name));
        rows.push(`all${s}: ${problem.hosts.map((_, h) => on(s, h)).join(" + ")} = ${service.replicas}`);
        for (const [h, host] of problem.hosts.entries()) {
            const ran = Object.entries(problem.previous ?? {}).filter(
                ([replica, name]) => name === host.name && replica.startsWith(`${service.name}-`),
            ).length;
            bounds.push(`0 <= ${on(s, h)} <= ${alone ? 1 : service.replicas}`);
            whole.push(on(s, h));
            if (ran === 0) continue;
            bounds.push(`0 <= k${s}_${h} <= ${ran}`);
            rows.push(`stay${s}_${h}: k${s}_${h} - ${on(s, h)} <= 0`);
            terms.push(`k${s}_${h}`);
        }
    }
    for (const [h, { capacity }] of problem.hosts.entries()) {
        for (const [dimension, most] of Object.entries(capacity ?? {})) {
            const load = problem.services.map(({ demand }, s) => `${demand?.[dimension] ?? 0} ${on(s, h)}`);
            rows.push(`${dimension}${h}: ${load.join(" + ")} <= ${most}`);
        }
    }
    const lines = [...rows.map((row) => ` ${row}`), "Bounds", ...bounds.map((row) => ` ${row}`)];
    return [
        "Maximize",
        ` obj: ${terms.join(" + ")}`,
        "Subject To",
        ...lines,
        "Generals",
        ` ${whole.join(" ")}`,
        "End",
    ].join("\n");
}

describe("place: fewest moves, judged by another solver", () => {
    for (const load of [85, 90, 93, 95, 97]) {
        it(`100 replicas on 10 hosts that are ${load} % full once one is lost`, async () => {
            const highs = await loadHighs();
            for (const seed of [1, 2, 3, 4]) {
                const problem = afterLoss({ seed: seed * 7919, hosts: 10, replicas: 100, load });
                const { assignment, unplaced, moves, fewestMoves } = place(problem);
                assert.deepEqual([unplaced, broken(problem, assignment)], [[], []]);
                assert.deepEqual([moves, fewestMoves], [movesOf(problem, assignment), moves]);
                const solved = highs.solve(program(problem), { output_flag: false, mip_max_nodes: 3000 });
                assert.equal(solved.Status, "Optimal");
                // HiGHS works in floating point: its whole numbers are nearly so.
                assert.equal(moves, 100 - Math.round(solved.ObjectiveValue));
            }
        });
    }
});
