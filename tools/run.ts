import { spawn } from "node:child_process";

export interface RunOptions {
    cwd?: string;
    /** The whole environment; the caller's own when left out. */
    env?: NodeJS.ProcessEnv;
    /** Given to standard input. */
    input?: string;
    /** Called for every line of both outputs as it comes. */
    onLine?: (line: string) => void;
    /** Milliseconds after which the program is ended with SIGTERM. @default none */
    timeout?: number;
    /** Return a failure as a result instead of throwing. @default false */
    allowFailure?: boolean;
    /** Ends the program with SIGTERM when aborted. */
    signal?: AbortSignal;
}

export interface RunResult {
    code: number;
    stdout: string;
    stderr: string;
}

/** A program ended with an exit code other than 0; the message has its last lines. */
export class RunError extends Error {
    constructor(
        readonly argv: readonly string[],
        readonly result: RunResult,
    ) {
        const tail = `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-25).join("\n");
        super(`${argv.join(" ")}: exit code ${result.code}\n${tail}`);
    }
}

/**
 * Runs a program to its end and returns what it wrote.
 *
 * @throws RunError when it exits with another code than 0, unless `allowFailure`
 * @throws Error when there is no such program
 */
export function run(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    return new Promise((resolve, reject) => {
        const child = spawn(command, args, {
            cwd: options.cwd,
            env: options.env ?? process.env,
            stdio: [options.input === undefined ? "ignore" : "pipe", "pipe", "pipe"],
            timeout: options.timeout,
            signal: options.signal,
        });
        const text = { stdout: "", stderr: "" };
        for (const name of ["stdout", "stderr"] as const) {
            let rest = "";
            child[name]?.setEncoding("utf8").on("data", (chunk: string) => {
                text[name] += chunk;
                const lines = (rest + chunk).split(/[\r\n]+/);
                rest = lines.pop() ?? "";
                for (const line of lines) {
                    options.onLine?.(line);
                }
            });
        }
        child.on("error", (error: NodeJS.ErrnoException) =>
            reject(error.code === "ENOENT" ? new Error(`${command} is not installed or not on the PATH`) : error),
        );
        child.on("close", (code) => {
            const result = { code: code ?? 128, ...text };
            if (result.code === 0 || options.allowFailure) {
                resolve(result);
            } else {
                reject(new RunError([command, ...args], result));
            }
        });
        child.stdin?.on("error", () => {}).end(options.input);
    });
}
