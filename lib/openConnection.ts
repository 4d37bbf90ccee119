import { spawn } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { afterFirst } from "./afterFirst";
import { script } from "./shell";
import { type SshTarget, sshCommand } from "./ssh";

/**
 * Opens the shared connection of a machine in a deployment, before clients start together that would each open one. A preview
 * reaches no machine. Whether the machine answers is not told: what needs it does.
 *
 * @returns the target, once its clients may start
 */
export async function openConnection(target: SshTarget): Promise<SshTarget> {
    // There is no stack under Pulumi's mocks.
    if (!pulumi.runtime.isDryRun() && pulumi.runtime.getStackResource() !== undefined) {
        await afterFirst(target, () => {
            const child = spawn("sh", ["-c", sshCommand(target, "true")], { stdio: "ignore" });
            return new Promise<void>((resolve) => child.once("error", () => resolve()).once("close", () => resolve()));
        });
    }
    return target;
}

/**
 * The script, run on the operator's machine, that opens the shared connections of machines where they are not open: for a deletion,
 * whose clients no program holds back. It never fails: what needs a machine says whether it answers.
 */
export function openScript(targets: readonly SshTarget[]): string {
    const commands = new Set(targets.map((target) => sshCommand(target, "true")));
    return script(
        {},
        [...[...commands].map((command) => `${command} >/dev/null 2>&1 </dev/null &`), "wait"].join("\n"),
    );
}
