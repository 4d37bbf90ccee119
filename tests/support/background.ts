import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { projectDir } from "../../tools/paths";

/** A program of this folder that runs in a network namespace while a test does something else. */
export class Background {
    private constructor(
        private readonly child: ChildProcess,
        private readonly output: Promise<string>,
    ) {}

    /** Starts it and waits for its first line, which says that it is ready. */
    static async start(
        namespace: string,
        program: string,
        args: readonly string[],
        env: Readonly<Record<string, string>> = {},
    ): Promise<Background> {
        const node = [process.execPath, "--require", "tsx/cjs", join(__dirname, program), ...args];
        const child = spawn("ip", ["netns", "exec", namespace, ...node], {
            cwd: projectDir,
            env: { ...process.env, ...env },
            stdio: ["ignore", "pipe", "inherit", "ipc"],
        });
        const { stdout } = child;
        assert.ok(stdout);
        await new Promise<void>((resolve, reject) => {
            child.once("error", reject);
            child.once("exit", (code) => reject(new Error(`${program} ended with ${code}`)));
            stdout.once("readable", () => {
                stdout.read();
                resolve();
            });
        });
        return new Background(child, text(stdout));
    }

    /** Sends it a message. */
    send(message: object): void {
        this.child.send(message);
    }

    /** The next message that it sends. */
    told<T>(): Promise<T> {
        return new Promise((resolve, reject) => {
            const gone = () => reject(new Error(`${this.child.spawnargs.at(-1)} ended before it told anything`));
            this.child.once("exit", gone);
            this.child.once("message", (message: T) => {
                this.child.off("exit", gone);
                resolve(message);
            });
        });
    }

    signal(signal: NodeJS.Signals): void {
        this.child.kill(signal);
    }

    /** Ends it, and returns what it wrote after its first line. */
    async end(signal: NodeJS.Signals = "SIGTERM"): Promise<string> {
        this.child.kill(signal);
        if (this.child.exitCode === null && this.child.signalCode === null) {
            await new Promise((resolve) => this.child.once("exit", resolve));
        }
        return await this.output;
    }
}

/** What `httpLoad.ts` writes. */
export interface LoadResult {
    sent: number;
    failures: string[];
    /** When each of the failures began and ended, in milliseconds since 1970. */
    failed: { from: number; to: number }[];
    /** Milliseconds that the slowest request took, failed or not. */
    slowest: number;
    answers: Record<string, number>;
}

/** How clients fared, in a line. */
export const loadWords = ({ sent, failures, slowest }: LoadResult): string =>
    `${sent} requests, ${failures.length} failed, the slowest took ${slowest} ms`;
