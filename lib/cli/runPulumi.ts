import { spawn } from "node:child_process";
import { UsageError } from "./io";

const PRINTED = "pulumi stack export | fusion graph --state - (or doctor), pulumi preview --json | fusion review";

/** How a run of pulumi ended. */
export interface PulumiRun {
    code: number | null;
    stdout: string;
    stderr: string;
}

/** Runs pulumi in a folder, the current one unless told otherwise. @throws UsageError where there is none */
export function runPulumi(
    args: readonly string[],
    where: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<PulumiRun> {
    return new Promise((resolve, reject) => {
        const child = spawn("pulumi", args, { stdio: ["ignore", "pipe", "pipe"], ...where });
        let stdout = "";
        let stderr = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            stdout += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            stderr += text;
        });
        child.on("error", (error) => {
            const missing = "code" in error && error.code === "ENOENT";
            // A policy pack, which asks in a folder of its choice, can be given nothing else.
            const otherwise = where.cwd === undefined ? `, or give what it would print: ${PRINTED}` : "";
            const message = missing
                ? `there is no pulumi on the PATH; install it${otherwise}`
                : `pulumi cannot be run: ${error.message}`;
            reject(new UsageError(message));
        });
        child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
}
