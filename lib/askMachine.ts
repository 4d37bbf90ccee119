import { spawn } from "node:child_process";
import { afterFirst } from "./afterFirst";
import { type SshTarget, shellOn } from "./ssh";

/** How a script on a machine ended. */
export interface Answer {
    /** Of the script, or of ssh (255); undefined where it was ended from here, or never began. */
    code: number | undefined;
    stdout: string;
    stderr: string;
    /** Whether it took longer than it may. */
    late: boolean;
}

/** Runs a script on a machine, or here, for some seconds at the most. Never fails: how it ended is the answer. */
export function askMachine(ssh: SshTarget | undefined, script: string, seconds: number): Promise<Answer> {
    return ssh === undefined ? ask(ssh, script, seconds) : afterFirst(ssh, () => ask(ssh, script, seconds));
}

function ask(ssh: SshTarget | undefined, script: string, seconds: number): Promise<Answer> {
    return new Promise((resolve) => {
        // A process group of its own, so that nothing of it is left when it is ended.
        const child = spawn("sh", ["-c", shellOn(ssh)], { detached: true, stdio: ["pipe", "pipe", "pipe"] });
        const answer: Answer = { code: undefined, stdout: "", stderr: "", late: false };
        const end = (code?: number): void => {
            clearTimeout(timer);
            resolve({ ...answer, code });
        };
        const timer = setTimeout(() => {
            answer.late = true;
            try {
                process.kill(-(child.pid ?? 0), "SIGKILL");
            } catch {
                // It has just ended by itself.
            }
            // What it has started elsewhere could keep its output open.
            end();
        }, seconds * 1000);
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            answer.stdout += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            answer.stderr += text;
        });
        child.on("error", (error) => {
            answer.stderr += error.message;
            end();
        });
        child.on("close", (code) => end(code ?? undefined));
        // A script that ends before it has read all is no error of ours.
        child.stdin.on("error", () => undefined);
        child.stdin.end(script);
    });
}
