import { spawn } from "node:child_process";
import * as pulumi from "@pulumi/pulumi";
import { afterFirst } from "./afterFirst";
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
