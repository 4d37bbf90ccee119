import { type RunOptions, type RunResult, run } from "../run";

/**
 * Runs a program in process and mount namespaces of its own that end with this process, however it ends.
 *
 * Programs that mount and fork (mmdebstrap) otherwise go on after a kill -9 of their caller and keep writing into a folder
 * that the next run removes.
 */
export function runContained(command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
    return run("setpriv", ["--pdeathsig", "KILL", ...namespaces, command, ...args], options);
}
