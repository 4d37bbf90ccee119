// `npm test [GROUP...]`: all tests, or those of some groups: unit, components, engine, lab. Each file of a group runs in a
// process of its own where the group needs it. The last line counts: `N passed, N failed`.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build } from "../build";
import { ensureEngine } from "../engine";
import { ensurePackages } from "../lab/packages";
import { projectDir } from "../paths";

/** The groups in the order in which they run, and whether each of their files needs a process of its own. */
const groups: Readonly<Record<string, { apart: boolean }>> = {
    unit: { apart: false },
    // Pulumi's mocks are one a process.
    components: { apart: true },
    engine: { apart: true },
    lab: { apart: true },
};

interface Counts {
    passes: number;
    failures: number;
    pending: number;
}

/** The test files of a group. */
function filesOf(group: string): string[] {
    const folder = join(projectDir, "tests", group);
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => join(folder, name))
        .sort();
}

/** Runs files in one process. A process that dies without counts, or that runs no test, counts as one failure. */
async function runFiles(files: readonly string[], scratch: string): Promise<Counts> {
    const counts = join(scratch, "counts.json");
    rmSync(counts, { force: true });
    const mocha = join(projectDir, "node_modules", "mocha", "bin", "mocha.js");
    const code = await new Promise<number | null>((resolve, reject) => {
        const child = spawn(process.execPath, [mocha, "--reporter", join(__dirname, "reporter.ts"), ...files], {
            cwd: projectDir,
            stdio: "inherit",
            env: { ...process.env, FUSION_TEST_COUNTS: counts },
        });
        child.on("error", reject);
        child.on("exit", resolve);
    });
    const read: Counts = readCounts(counts) ?? { passes: 0, failures: 0, pending: 0 };
    const nothing = read.passes + read.failures === 0;
    if (nothing || (code !== 0 && read.failures === 0)) {
        console.log(
            `  ${files.map((file) => relative(projectDir, file)).join(", ")}: ended with ${code}, no test counted`,
        );
        return { ...read, failures: read.failures + 1 };
    }
    return read;
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
    const total: Counts = { passes: 0, failures: 0, pending: 0 };
    try {
        for (const group of chosen.length > 0 ? chosen : Object.keys(groups)) {
            const files = filesOf(group);
            for (const batch of groups[group]?.apart ? files.map((file) => [file]) : [files]) {
                console.log(`\n== ${group}: ${describe(batch)}`);
                const counts = await runFiles(batch, scratch);
                total.passes += counts.passes;
                total.failures += counts.failures;
                total.pending += counts.pending;
            }
        }
    } finally {
        rmSync(scratch, { recursive: true, force: true });
    }
    const skipped = total.pending > 0 ? `, ${total.pending} skipped` : "";
    console.log(`${total.passes} passed, ${total.failures} failed${skipped}`);
    process.exitCode = total.failures > 0 ? 1 : 0;
}

const describe = (files: readonly string[]): string =>
    files.length === 1 ? relative(join(projectDir, "tests"), files[0] ?? "") : `${files.length} files`;

main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    console.log("0 passed, 1 failed");
    process.exitCode = 1;
});
