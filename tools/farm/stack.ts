import { spawn } from "node:child_process";
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensureEngine } from "../engine";
import { backendEnv } from "../engine/backend";
import { projectDir } from "../paths";
import { run } from "../run";
import type { Hypervisor } from "./hypervisor";

export const stackName = "webfarm";

/** Runs Pulumi's commands on the example's stack. */
export class FarmStack {
    private constructor(
        private readonly env: NodeJS.ProcessEnv,
        private readonly wrap: readonly string[],
    ) {}

    /** Gets the engine, and selects the stack; makes it when it is not there. */
    static async open(hypervisor: Pick<Hypervisor, "wrap">): Promise<FarmStack> {
        const engine = await ensureEngine();
        const stack = new FarmStack({ ...engine.env, ...backendEnv(projectDir) }, hypervisor.wrap);
        await stack.quiet(["stack", "select", "--create", stackName]);
        if (existsSync(join(projectDir, ".fusion", "state"))) {
            // Nobody else uses a state inside the project, so a lock in it is from a process that was killed.
            await stack.quiet(["cancel", "--yes"]).catch(() => undefined);
        }
        return stack;
    }

    /** Whether the last run was killed in the midst of an operation, so that nobody knows what came of it. */
    async wasKilled(): Promise<boolean> {
        const { deployment } = JSON.parse(await this.quiet(["stack", "export"]));
        return (deployment.pending_operations ?? []).length > 0;
    }

    /** Sets all values at once: each call of the engine takes its second. */
    async configure(values: Readonly<Record<string, string>>): Promise<void> {
        const pairs = Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
        await this.quiet(["config", "set-all", ...pairs]);
    }

    /** What a key is set to, if it is. */
    async configured(key: string): Promise<string | undefined> {
        return this.quiet(["config", "get", key]).then(
            (text) => text.trim(),
            () => undefined,
        );
    }

    async output(name: string): Promise<string> {
        return (await this.quiet(["stack", "output", name])).trim();
    }

    /** Removes the stack, once it is empty, with its configuration file. */
    async remove(): Promise<void> {
        await this.quiet(["stack", "rm", "--yes", "--force", stackName]);
        rmSync(join(projectDir, `Pulumi.${stackName}.yaml`), { force: true });
    }

    /** A command whose output is for the user, as it comes. Interrupting this process interrupts it in good order. */
    async shown(args: readonly string[]): Promise<void> {
        const [command = "", ...rest] = [...this.wrap, "pulumi", ...args, "--stack", stackName];
        // Ctrl-C reaches Pulumi by itself; this process stays until Pulumi has written down what it did.
        const stay = () => {};
        process.on("SIGINT", stay);
        const code = await new Promise<number>((resolve, reject) => {
            const child = spawn(command, rest, { cwd: projectDir, env: this.env, stdio: "inherit" });
            child.on("error", reject);
            child.on("exit", (status) => resolve(status ?? 128));
        });
        process.off("SIGINT", stay);
        if (code !== 0) {
            throw new Error(`pulumi ${args[0]} failed (exit code ${code}); what it says is above`);
        }
    }

    private async quiet(args: readonly string[]): Promise<string> {
        const [command = "", ...rest] = [...this.wrap, "pulumi", ...args, "--non-interactive"];
        return (await run(command, rest, { cwd: projectDir, env: this.env })).stdout;
    }
}
