import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { type EngineResult, TestStack } from "../tests/support/stack";
import { ensureEngine } from "../tools/engine";
import { run } from "../tools/run";
import { DockerStandIn } from "./dockerStandIn";
import { type Benchmark, type Figure, median, rounded } from "./figure";
import { ensureOpenTofu } from "./openTofu";
import { measured, type Taken } from "./processTree";
import { plainProgram, swarmProgram, terraformProgram } from "./swarmPrograms";

/** The larger one takes three minutes a run, and 8 GB on plain hosts. */
const SIZES = [
    { hosts: 50, services: 4, goal: true },
    { hosts: 200, services: 5, goal: false },
];
const RUNS = 3;
const IMAGE = `registry.example/web@sha256:${"1".repeat(64)}`;
/** MB that a preview of the smaller farm may take, and how many times the time of a plan. */
const GOAL = { megabytes: 1000, times: 1 };

type Way = "swarm" | "plain" | "openTofu";

/**
 * Previews, from nothing, of the same services on the same machines: on a swarm, on the plain engine of each machine, and as OpenTofu
 * plans the latter. No machine is there: what is asked of one is answered by a stand-in.
 */
export const swarm: Benchmark = async () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-bench-"));
    const docker = await DockerStandIn.start(dir, IMAGE);
    try {
        const figures: Figure[] = [];
        for (const size of SIZES) figures.push(...(await compare(dir, docker, size)));
        return figures;
    } finally {
        docker.stop();
        rmSync(dir, { recursive: true, force: true });
    }
};

async function compare(dir: string, docker: DockerStandIn, size: (typeof SIZES)[number]): Promise<Figure[]> {
    const { hosts, services, goal } = size;
    const env = { PATH: [docker.bin, (await ensureEngine()).env.PATH].join(delimiter) };
    const ours = async (program: string): Promise<TestStack> => {
        const stack = await TestStack.create({ program, env });
        writeFileSync(join(stack.dir, "size.json"), JSON.stringify({ hosts, services, image: IMAGE }));
        return stack;
    };
    const swarmed = await ours(swarmProgram);
    const plain = await ours(plainProgram);
    try {
        const folder = join(dir, `tofu-${hosts}`);
        const tofu = await ensureOpenTofu(folder, terraformProgram({ hosts, services, image: IMAGE }));
        const ways: Record<Way, () => Promise<unknown>> = {
            swarm: async () => succeeded(await swarmed.preview()),
            plain: async () => succeeded(await plain.preview()),
            openTofu: () =>
                run(tofu.program, ["plan", "-no-color", "-input=false"], {
                    cwd: folder,
                    env: { ...process.env, ...env, ...tofu.env },
                }),
        };
        const taken: Record<Way, Taken[]> = { swarm: [], plain: [], openTofu: [] };
        // In turn, so that what else the machine does meets all.
        for (let turn = 0; turn < RUNS; turn++) {
            for (const way of ["swarm", "plain", "openTofu"] as const) {
                taken[way].push(
                    await measured(async () => {
                        await ways[way]();
                    }),
                );
            }
        }
        return figuresOf(taken, { hosts, services }, goal);
    } finally {
        for (const { dir: made } of [swarmed, plain]) rmSync(made, { recursive: true, force: true });
    }
}

function succeeded(result: EngineResult): void {
    if (!result.ok) throw new Error(result.text);
}

/** Each with what the two others take, and, where there is a goal, how many times that is. */
function figuresOf(taken: Record<Way, Taken[]>, size: { hosts: number; services: number }, goal: boolean): Figure[] {
    const units = { seconds: "s", cpuSeconds: "s of processor", peakMb: "MB", processes: "processes" } as const;
    return (["seconds", "cpuSeconds", "peakMb", "processes"] as const).map((key): Figure => {
        const digits = key === "seconds" || key === "cpuSeconds" ? 1 : 0;
        const runs = (way: Way) => taken[way].map((one) => rounded(one[key], digits));
        const value = median(runs("swarm"));
        const openTofu = median(runs("openTofu"));
        return {
            ...{ bench: `swarm.preview.${key}`, value, unit: units[key] },
            ...{ plain: median(runs("plain")), openTofu, ...size },
            ...(goal ? goals(key, value, openTofu) : {}),
            ...{ runs: runs("swarm"), runsPlain: runs("plain"), runsOpenTofu: runs("openTofu") },
        };
    });
}

function goals(key: keyof Taken, value: number, openTofu: number): Record<string, number> {
    if (key === "seconds") return { ratio: rounded(value / openTofu, 2), mostRatio: GOAL.times };
    return key === "peakMb" ? { ratio: rounded(value / GOAL.megabytes, 2), mostRatio: 1 } : {};
}
