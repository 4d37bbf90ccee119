import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import loadHighs from "highs";
import { type PlacementEffort, type PlacementProblem, place } from "../lib/placement";
import { type Figure, median, rounded, timed } from "./figure";

/** An instance of vector bin packing, see data/README.md. */
interface Instance {
    readonly set: string;
    readonly name: string;
    readonly capacity: readonly number[];
    /** Size in each dimension, then how many there are. */
    readonly items: readonly (readonly number[])[];
    readonly optimum: number | null;
    readonly bestHeuristic: number;
}

/** Seconds that the peer gets for each instance. */
const PEER_SECONDS = 10;

/** The peer solves only every so many instances: it rarely ends before its time. */
const PEER_STEP = 10;

/** Hosts that packing needs, beside the known optimum and what is published of heuristics. @param file other instances */
export async function vectorPacking(file?: string): Promise<Figure[]> {
    const instances = read(file ?? join(__dirname, "data", "vector-packing.jsonl.gz"));
    const ours = (["fast", "good", "prove"] as const).flatMap((effort) => measured(instances, effort));
    return [...ours, await peer(instances.filter((_, i) => i % PEER_STEP === 0))];
}

function read(file: string): Instance[] {
    const text = file.endsWith(".gz") ? gunzipSync(readFileSync(file)).toString() : readFileSync(file, "utf8");
    const all = text
        .trim()
        .split("\n")
        .map((line): Instance => JSON.parse(line));
    return all.filter(
        ({ optimum, items }) =>
            optimum !== null && count(items) <= 120 && items.every((item) => item.every((amount) => amount >= 0)),
    );
}

function measured(instances: readonly Instance[], effort: PlacementEffort): Figure[] {
    return [...new Set(instances.map(({ set }) => set))].map((set) => {
        const runs = instances
            .filter((of) => of.set === set)
            .map((instance) => {
                const { result, ms } = timed(1, () => place(problemOf(instance, effort)));
                const { value, lowerBound } = result.objective;
                const optimum = instance.optimum ?? 0;
                if (lowerBound > optimum) {
                    throw new Error(`${instance.name}: bound ${lowerBound} above the optimum ${optimum}`);
                }
                const hosts = result.unplaced.length === 0 ? value : count(instance.items);
                return {
                    gap: (hosts - optimum) / optimum,
                    heuristic: (instance.bestHeuristic - optimum) / optimum,
                    reached: hosts === optimum,
                    matched: result.objective.proven,
                    ms: ms[0] ?? 0,
                };
            });
        const share = (of: (run: (typeof runs)[number]) => number): number =>
            rounded((100 * runs.reduce((sum, run) => sum + of(run), 0)) / runs.length, 2);
        return {
            bench: `placement.packing.${effort}`,
            value: share(({ gap }) => gap),
            unit: "% above the optimum",
            set,
            instances: runs.length,
            optimaReached: `${share(({ reached }) => Number(reached))} %`,
            proven: `${share(({ matched }) => Number(matched))} %`,
            medianMs: rounded(median(runs.map(({ ms }) => ms))),
            slowestMs: rounded(Math.max(...runs.map(({ ms }) => ms))),
            publishedBestHeuristic: `${share(({ heuristic }) => heuristic)} % above`,
        };
    });
}

/** As many hosts as items; a service a kind of item. */
function problemOf({ capacity, items }: Instance, effort: PlacementEffort): PlacementProblem {
    const amounts = (of: readonly number[]): Record<string, number> =>
        Object.fromEntries(capacity.map((_, d) => [`d${d}`, of[d] ?? 0]));
    return {
        hosts: Array.from({ length: count(items) }, (_, i) => ({ name: `host${i}`, capacity: amounts(capacity) })),
        services: items.map((item, i) => ({ name: `s${i}`, replicas: item.at(-1) ?? 0, demand: amounts(item) })),
        objective: "fewest-hosts",
        effort,
    };
}

/** HiGHS, a general solver, on the plain assignment of items to as many hosts as the best published heuristic needs. */
async function peer(instances: readonly Instance[]): Promise<Figure> {
    const highs = await loadHighs();
    let reached = 0;
    let proven = 0;
    for (const instance of instances) {
        const solved = highs.solve(program(instance), { output_flag: false, time_limit: PEER_SECONDS, threads: 1 });
        if (Math.round(solved.ObjectiveValue) === instance.optimum) reached++;
        if (solved.Status === "Optimal") proven++;
    }
    return {
        bench: "placement.packing.peer-highs",
        value: rounded((100 * reached) / instances.length, 1),
        unit: "% of optima reached",
        instances: instances.length,
        proven: `${rounded((100 * proven) / instances.length, 1)} %`,
        seconds: PEER_SECONDS,
    };
}

function program({ capacity, items, bestHeuristic }: Instance): string {
    const hosts = Array.from({ length: bestHeuristic }, (_, h) => h);
    const sum = (terms: readonly string[]): string => terms.join(" + ");
    const rows = [
        ...items.map((item, i) => ` i${i}: ${sum(hosts.map((h) => `x${i}_${h}`))} = ${item.at(-1)}`),
        ...hosts.flatMap((h) =>
            capacity.map(
                (most, d) =>
                    ` h${h}_${d}: ${sum(items.map((item, i) => `${item[d]} x${i}_${h}`))} - ${most} y${h} <= 0`,
            ),
        ),
    ];
    const counts = items.flatMap((_, i) => hosts.map((h) => `x${i}_${h}`));
    const used = hosts.map((h) => `y${h}`);
    return [
        "Minimize",
        ` obj: ${sum(used)}`,
        "Subject To",
        ...rows,
        "Generals",
        ` ${counts.join(" ")}`,
        "Binaries",
        ` ${used.join(" ")}`,
        "End",
    ].join("\n");
}

function count(items: Instance["items"]): number {
    return items.reduce((sum, item) => sum + (item.at(-1) ?? 0), 0);
}
