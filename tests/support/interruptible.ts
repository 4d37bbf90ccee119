import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

export interface InterruptibleOptions {
    env: NodeJS.ProcessEnv;
    cwd: string;
    /** Asked ten times a second; the program is sent the signal once it says yes. */
    isTime?: () => boolean;
    /** @default "SIGINT", as by Ctrl-C */
    signal?: NodeJS.Signals;
}

/** Runs a program to its end, however that comes. */
export async function runInterruptibly(
    argv: readonly string[],
    { env, cwd, isTime, signal = "SIGINT" }: InterruptibleOptions,
): Promise<{ ok: boolean; text: string }> {
    const [command = "", ...args] = argv;
    const child = spawn(command, args, { env, cwd, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<boolean>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => resolve(code === 0));
    });
    const timer = setInterval(() => {
        if (isTime?.()) {
            clearInterval(timer);
            child.kill(signal);
        }
    }, 100);
    try {
        const [ok, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
        return { ok, text: `${stdout}\n${stderr}`.trim() };
    } finally {
        clearInterval(timer);
    }
}
