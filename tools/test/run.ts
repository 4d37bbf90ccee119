// `npm test [GROUP...]`: all tests, or those of some groups: unit, components, engine, lab. Each file of a group runs in a
// process of its own where the group needs it, two at a time. The last line counts: `N passed, N failed`.
import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build } from "../build";
import { ensureEngine } from "../engine";
import { ensurePackages } from "../lab/packages";
import { projectDir } from "../paths";

/** The groups, those that take longest first, and whether each of their files needs a process of its own. */
const groups: Readonly<Record<string, { apart: boolean }>> = {
    lab: { apart: true },
    engine: { apart: true },
    components: { apart: false },
    unit: { apart: false },
};

/** What `reporter.ts` writes of a process. */
interface Counts {
    passes: number;
    failures: number;
    pending: number;
    failed: readonly Failure[];
}

interface Failure {
    title: string;
    error: string;
}

/** A batch that ran. */
interface Ran extends Counts {
    batch: Batch;
    name: string;
    seconds: number;
    /** What failed in a first run, beside other tests, where this is the second, alone. */
    before?: readonly Failure[];
}

/** The lab's files that take longest, so that none of them is begun when all else is done. */
const LONG = ["swarmFarm", "machines", "twoHypervisors", "webfarm", "existingHost"].map((name) => `${name}.test.ts`);

/** Files that run in one process. */
interface Batch {
    group: string;
    files: readonly string[];
}

/** What runs of a group, in one process or in several. */
function batchesOf(group: string): Batch[] {
    const folder = join(projectDir, "tests", group);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".test.ts"))
        .sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
        .map((name) => join(folder, name));
    return groups[group]?.apart ? files.map((file) => ({ group, files: [file] })) : [{ group, files }];
}

/** Runs a batch and then shows what it wrote. A process that dies without counts, or that runs no test, is one failure. */
async function runBatch(batch: Batch, scratch: string): Promise<Ran> {
    const { group, files } = batch;
    const dir = mkdtempSync(join(scratch, "batch-"));
    const counts = join(dir, "counts.json");
    const log = join(dir, "log");
    const output = openSync(log, "w");
    const mocha = join(projectDir, "node_modules", "mocha", "bin", "mocha.js");
    const started = performance.now();
    const code = await new Promise<number | null>((resolve, reject) => {
        const child = spawn(process.execPath, [mocha, "--reporter", join(__dirname, "reporter.ts"), ...files], {
            cwd: projectDir,
            stdio: ["ignore", output, output],
            env: { ...process.env, FUSION_TEST_COUNTS: counts },
        });
        child.on("error", reject);
        child.on("exit", resolve);
    }).finally(() => closeSync(output));
    const seconds = Math.round((performance.now() - started) / 1000);
    const name = `${group}: ${describe(files)}`;
    console.log(`\n== ${name} (${seconds} s)\n${readFileSync(log, "utf8")}`);
    const read: Counts = readCounts(counts) ?? { passes: 0, failures: 0, pending: 0, failed: [] };
    const nothing = read.passes + read.failures === 0;
    if (nothing || (code !== 0 && read.failures === 0)) {
        const failed = [{ title: name, error: `ended with ${code}, no test counted` }];
        return { ...read, batch, name, seconds, failures: read.failures + 1, failed };
    }
    return { ...read, batch, name, seconds };
}

/**
 * Runs batches in two lanes: one from the front, where the tests with virtual machines are, each of which keeps one
 * processor busy for minutes; the other from the back. With one processor there is one lane.
 */
async function runAll(batches: Batch[], scratch: string): Promise<Ran[]> {
    const ran: Ran[] = [];
    const lane = async (next: () => Batch | undefined) => {
        for (let batch = next(); batch !== undefined; batch = next()) {
            ran.push(await runBatch(batch, scratch));
        }
    };
    const lanes = [lane(() => batches.shift())];
    if (availableParallelism() > 1) {
        lanes.push(lane(() => batches.pop()));
    }
    await Promise.all(lanes);
    return ran;
}

/** As many files as this may fail for what the machine has to do besides. */
const AGAIN = 3;

/**
 * Runs once more, alone, what has failed beside another lane: virtual machines under emulation, the limits of health checks and the
 * same two processors make that a matter of luck now and then. What fails alone as well has failed; what does not is told all the
 * same. Where more has failed than luck would have it, nothing is run again.
 */
async function runAgain(ran: readonly Ran[], scratch: string): Promise<Ran[]> {
    const failed = ran.filter(({ batch, failures }) => failures > 0 && groups[batch.group]?.apart);
    if (failed.length > AGAIN) return [...ran];
    const second = new Map<Ran, Ran>();
    for (const first of failed) {
        console.log(`\n== ${first.name} failed; once more, alone`);
        second.set(first, { ...(await runBatch(first.batch, scratch)), before: first.failed });
    }
    return ran.map((one) => second.get(one) ?? one);
}

/** What a reader wants who sees the end of the output alone: what took long, what failed and why, and the counts. */
function summary(ran: readonly Ran[]): string {
    const long = [...ran].sort((a, b) => b.seconds - a.seconds).filter(({ seconds }) => seconds >= 60);
    const told = (heading: string, { name }: Ran, failures: readonly Failure[] = []) =>
        failures.map(({ title, error }) => `\n${heading} ${name}: ${title}\n${ends(error)}`);
    const sum = (of: (batch: Ran) => number) => ran.reduce((total, batch) => total + of(batch), 0);
    const skipped = sum(({ pending }) => pending);
    return [
        ...long.map(({ name, seconds }) => `${String(seconds).padStart(5)} s  ${name}`),
        ...ran.flatMap((one) => told("FAILED BESIDE OTHER TESTS, and was run again alone:", one, one.before)),
        ...ran.flatMap((one) => told("FAILED", one, one.failed)),
        "",
        `${sum(({ passes }) => passes)} passed, ${sum(({ failures }) => failures)} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`,
    ].join("\n");
}

/** The first lines of an error and its last: what matters of a deployment stands at either end. */
function ends(error: string): string {
    const lines = error.split("\n");
    return lines.length <= 60 ? error : [...lines.slice(0, 15), "…", ...lines.slice(-45)].join("\n");
}

function readCounts(file: string): Counts | undefined {
    try {
        return JSON.parse(readFileSync(file, "utf8"));
    } catch {
        return undefined;
    }
}

async function main(): Promise<void> {
    const chosen = process.argv.slice(2);
    const unknown = chosen.filter((group) => !(group in groups));
    if (unknown.length > 0) {
        console.error(`unknown group: ${unknown.join(", ")}; there are ${Object.keys(groups).join(", ")}`);
        process.exitCode = 2;
        return;
    }
    await ensurePackages();
    await build();
    await ensureEngine();
    const scratch = mkdtempSync(join(tmpdir(), "fusion-tests-"));
    let ran: Ran[];
    try {
        const all = Object.keys(groups).filter((group) => chosen.length === 0 || chosen.includes(group));
        ran = await runAgain(await runAll(all.flatMap(batchesOf), scratch), scratch);
    } finally {
        rmSync(scratch, { recursive: true, force: true });
    }
    console.log(summary(ran));
    process.exitCode = ran.some(({ failures }) => failures > 0) ? 1 : 0;
}

function rank(file: string): number {
    const place = LONG.indexOf(file);
    return place < 0 ? LONG.length : place;
}

const describe = (files: readonly string[]): string =>
    files.length === 1 ? relative(join(projectDir, "tests"), files[0] ?? "") : `${files.length} files`;

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
});
