import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pack } from "../tests/support/policyWords";
import { type EngineResult, TestStack } from "../tests/support/stack";
import { ensureEngine } from "../tools/engine";
import { fusionProgram, rawProgram } from "./containerPrograms";
import { DockerStandIn } from "./dockerStandIn";
import { type Benchmark, type Figure, median, rounded } from "./figure";
import { measured, type Taken } from "./processTree";

const size = { hosts: 50, sets: 10, replicas: 100, image: `registry.example/web@sha256:${"1".repeat(64)}` };
const RUNS = 3;
/** How many times the time and the memory of resources by hand the library may take. */
const MOST = 1.5;

/**
 * Previews of 1,000 containers beside the same resources written by hand, from nothing and with all of them there, and one that the
 * policy pack judges. No host is asked in a preview; the state comes from an `up` with a stand-in for Docker. It fails where the library
 * takes too many times as much.
 */
export const containers: Benchmark = async () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-bench-"));
    const docker = await DockerStandIn.start(dir, size.image);
    // An `up` is not what is measured, and would write the state some thousand times.
    const env = {
        PATH: [docker.bin, (await ensureEngine()).env.PATH].join(delimiter),
        PULUMI_SKIP_CHECKPOINTS: "true",
    };
    const stacks: TestStack[] = [];
    const create = async (program: string, file: string, content: object) => {
        const stack = await TestStack.create({ program, env, typescript: "transpiled" });
        stacks.push(stack);
        writeFileSync(join(stack.dir, file), JSON.stringify(content));
        return stack;
    };
    try {
        const fusion = await create(fusionProgram, "size.json", size);
        const raw = await create(rawProgram, "resources.json", resourcesOf(succeeded(await fusion.preview())));
        const figures = await compare("preview", fusion, raw);
        for (const stack of [fusion, raw]) succeeded(await stack.up());
        const unchanged = await compare("preview-unchanged", fusion, raw, "--expect-no-changes");
        const image = size.image.replace(/1+$/, "2".repeat(64));
        writeFileSync(join(fusion.dir, "size.json"), JSON.stringify({ ...size, image }));
        return [...figures, ...unchanged, ...(await judged(fusion))];
    } finally {
        docker.stop();
        for (const stack of [dir, ...stacks.map((one) => one.dir)]) rmSync(stack, { recursive: true, force: true });
    }
};

function succeeded(result: EngineResult): EngineResult {
    if (!result.ok) throw new Error(result.text);
    return result;
}

/** What previews of stacks take, with the arguments of each: the two in turn, so that what else the machine does meets both. */
async function inTurn(...both: [[TestStack, ...string[]], [TestStack, ...string[]]]): Promise<[Taken, Taken][]> {
    const of = ([stack, ...args]: [TestStack, ...string[]]) =>
        measured(async () => {
            await stack.pulumi(["preview", ...args]);
        });
    const taken: [Taken, Taken][] = [];
    for (let run = 0; run < RUNS; run++) taken.push([await of(both[0]), await of(both[1])]);
    return taken;
}

async function compare(what: string, fusion: TestStack, raw: TestStack, ...args: string[]): Promise<Figure[]> {
    const taken = await inTurn([fusion, ...args], [raw, ...args]);
    const { hosts, sets, replicas } = size;
    const units = { seconds: "s", cpuSeconds: "s of processor", peakMb: "MB" } as const;
    return (["seconds", "cpuSeconds", "peakMb"] as const).map((key) => {
        const digits = key === "peakMb" ? 0 : 1;
        const ours = taken.map(([one]) => rounded(one[key], digits));
        const byHand = taken.map(([, one]) => rounded(one[key], digits));
        return {
            bench: `containers.${what}.${key}`,
            value: median(ours),
            unit: units[key],
            byHand: median(byHand),
            ratio: rounded(median(ours) / median(byHand), 2),
            mostRatio: MOST,
            ...{ containers: sets * replicas, sets, hosts },
            processes: Math.max(...taken.map(([one]) => one.processes)),
            processesByHand: Math.max(...taken.map(([, one]) => one.processes)),
            ...{ runs: ours, runsByHand: byHand },
        };
    });
}

/** What the policy pack adds to a preview in which every container is replaced. */
async function judged(stack: TestStack): Promise<Figure[]> {
    const taken = await inTurn([stack, ...pack], [stack]);
    const { hosts, sets, replicas } = size;
    return (["seconds", "peakMb"] as const).map((key) => {
        const digits = key === "peakMb" ? 0 : 1;
        const judged = taken.map(([one]) => rounded(one[key], digits));
        const without = taken.map(([, one]) => rounded(one[key], digits));
        return {
            bench: `containers.preview-judged.${key}`,
            value: median(judged),
            unit: key === "peakMb" ? "MB" : "s",
            withoutPack: median(without),
            ...{ containers: sets * replicas, sets, hosts, runs: judged, runsWithoutPack: without },
        };
    });
}

/** What the library registers, as arguments for the program by hand. */
function resourcesOf({ steps }: EngineResult) {
    const all = steps.map(({ type, name, new: fresh }) => ({ type, name, args: { ...fresh?.inputs } }));
    const ofType = (wanted: string) => all.filter(({ type }) => type === wanted);
    const commands = ofType("command:local:Command").map((one) => ({ ...one, set: one.name.replace(/-.*/, "") }));
    const isGate = ({ name }: { name: string }) => name.endsWith("-healthy");
    // The same for every set of a host.
    const providers = new Map(
        ofType("pulumi:providers:docker").map(({ name, args: { version: _, ...args } }) => {
            const sshOpts: unknown = JSON.parse(String(args.sshOpts));
            return [name.replace(/^.*-/, ""), { ...args, disableDockerDaemonCheck: true, sshOpts }] as const;
        }),
    );
    return {
        hosts: [...providers].map(([name, args]) => ({ name, args })),
        images: commands.filter((one) => !isGate(one)),
        gates: commands.filter(isGate),
        containers: ofType("docker:index/container:Container").map(({ name, args }) => {
            const host = /FUSION_HOST=([^"]*)/.exec(JSON.stringify(args.envs))?.[1];
            return { name, set: name.replace(/-.*/, ""), host, args };
        }),
    };
}
