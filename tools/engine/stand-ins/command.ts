import { type ChildProcess, spawn } from "node:child_process";
import { reveal, type Values } from "./values";

export interface CommandOutput {
    stdout: string;
    stderr: string;
}

/** The inputs that a command runs with, without secret marks. */
interface Settings {
    interpreter?: string[];
    dir?: string;
    environment?: Record<string, string>;
    stdin?: string;
    logging?: string;
    addPreviousOutputInEnv?: boolean;
}

/** How long a command that was told to end may take before it is killed, in milliseconds. */
const GRACE = 5000;

const running = new Set<ChildProcess>();

/** Ends every command that runs, with what it started: the engine was interrupted. */
export function cancelCommands(): void {
    for (const child of running) {
        signal(child, "SIGTERM");
        setTimeout(() => signal(child, "SIGKILL"), GRACE).unref();
    }
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
    if (child.pid !== undefined && running.has(child)) {
        try {
            process.kill(-child.pid, name);
        } catch {
            // It has just ended.
        }
    }
}

/**
 * Runs a command as the released plugin does.
 *
 * @param inputs the resource's inputs, secret marks and all
 * @param previous what the command before gave, for PULUMI_COMMAND_STDOUT and PULUMI_COMMAND_STDERR
 * @param log is given each line as it comes, as `logging` says
 * @throws Error with the released plugin's text, the output included, when the command fails
 */
export async function runCommand(
    command: string,
    inputs: Values,
    previous: Partial<CommandOutput>,
    log: (line: string) => void,
): Promise<CommandOutput> {
    const settings: Settings = reveal(inputs) as object;
    const interpreter = settings.interpreter?.length ? settings.interpreter : ["/bin/sh", "-c"];
    const [program = "/bin/sh", ...args] = [...interpreter, command];
    const child = spawn(program, args, {
        cwd: settings.dir,
        env: { ...process.env, ...settings.environment, ...previousOutput(settings, previous) },
        // Its own process group, so that what it started can be ended with it.
        detached: true,
    });
    running.add(child);
    child.stdin.on("error", () => {}).end(settings.stdin);
    const both: string[] = [];
    const logging = settings.logging ?? "stdoutAndStderr";
    const stdout = collect(child.stdout, both, logging.startsWith("stdout") ? log : undefined);
    const stderr = collect(child.stderr, both, /stderr/i.test(logging) ? log : undefined);
    const problem = await ending(child);
    running.delete(child);
    if (problem !== undefined) {
        throw new Error(`${problem}: running ${JSON.stringify(command)}:\n${both.join("")}`);
    }
    return { stdout: stdout.join("").replace(/\n$/, ""), stderr: stderr.join("").replace(/\n$/, "") };
}

function previousOutput(settings: Settings, { stdout, stderr }: Partial<CommandOutput>): Record<string, string> {
    return settings.addPreviousOutputInEnv === false
        ? {}
        : {
              ...(stdout ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
              ...(stderr ? { PULUMI_COMMAND_STDERR: stderr } : {}),
          };
}

function collect(stream: NodeJS.ReadableStream, both: string[], log?: (line: string) => void): string[] {
    const chunks: string[] = [];
    let rest = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
        chunks.push(chunk);
        both.push(chunk);
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
            log?.(line);
        }
    });
    stream.on("end", () => rest && log?.(rest));
    return chunks;
}

/** Waits until the command has ended and closed its outputs; says why it failed, if it did. */
function ending(child: ChildProcess): Promise<string | undefined> {
    return new Promise((resolve) => {
        child.on("error", (error) => resolve(error.message));
        child.on("close", (code, name) => {
            if (code === 0) {
                resolve(undefined);
            } else {
                resolve(name === null ? `exit status ${code}` : `signal: ${name}`);
            }
        });
    });
}
