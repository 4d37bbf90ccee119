// `npm run bench [-- NAME...]`, or `-- placement FILE`: prints figures, one JSON line each. Every benchmark runs in a process of
// its own.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { containers } from "./containers";
import { type Benchmark, beyond } from "./figure";
import { graph } from "./graph";
import { haproxy } from "./haproxy";
import { placement } from "./placement";
import { review } from "./review";
import { swarm } from "./swarm";
import { webfarm } from "./webfarm";

const benchmarks: Readonly<Record<string, Benchmark>> = {
    placement,
    haproxy,
    graph,
    review,
    containers,
    swarm,
    webfarm,
};

const machine = {
    cpus: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
};

/** @returns the exit code: 1 when a benchmark failed or a figure is beyond its limit, 2 for a name that is none */
async function main(words: readonly string[]): Promise<number> {
    const file = words.length === 2 && words[0] === "placement" && existsSync(words[1] ?? "") ? words[1] : undefined;
    const names = file === undefined ? words : words.slice(0, 1);
    const unknown = names.filter((name) => !Object.hasOwn(benchmarks, name));
    if (unknown.length > 0) {
        console.error(`unknown benchmark: ${unknown.join(", ")}; there are ${Object.keys(benchmarks).join(", ")}`);
        return 2;
    }
    const [only, ...more] = names;
    if (only !== undefined && more.length === 0) {
        const figures = (await benchmarks[only]?.(file)) ?? [];
        for (const figure of figures) {
            console.log(JSON.stringify({ ...figure, machine }));
        }
        const faults = beyond(figures);
        for (const fault of faults) console.error(fault);
        return faults.length === 0 ? 0 : 1;
    }
    const codes = (names.length > 0 ? names : Object.keys(benchmarks)).map(
        (name) => spawnSync(process.execPath, [...process.execArgv, __filename, name], { stdio: "inherit" }).status,
    );
    return codes.every((code) => code === 0) ? 0 : 1;
}

main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        console.error(error instanceof Error ? error.message : error);
        process.exitCode = 1;
    },
);
