import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { socketLink } from "../../tools/lab/libvirtd";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";

/** A copy of the checkout, as somebody who cloned it has it. */
export async function cloneCheckout(): Promise<string> {
    const dir = mkdtempSync(join(tmpdir(), "fusion-clone-"));
    const list = await run("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
        cwd: projectDir,
    });
    for (const file of list.stdout.split("\0").filter((name) => name && existsSync(join(projectDir, name)))) {
        mkdirSync(dirname(join(dir, file)), { recursive: true });
        copyFileSync(join(projectDir, file), join(dir, file));
    }
    symlinkSync(join(projectDir, "node_modules"), join(dir, "node_modules"));
    return dir;
}

export interface Command {
    code: number | null;
    stdout: string;
    /** Both outputs. */
    text: string;
}

/** Runs an npm script of the clone; the process group is the caller's to signal, as a terminal does. */
export function npm(
    dir: string,
    script: string,
    started?: (child: ChildProcess, text: () => string) => void,
): Promise<Command> {
    return new Promise((resolve, reject) => {
        const env = { ...process.env, npm_config_update_notifier: "false" };
        const child = spawn("npm", ["run", "--silent", script], { cwd: dir, env, detached: true });
        const output = { stdout: "", text: "" };
        child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
            output.stdout += chunk;
            output.text += chunk;
        });
        child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output.text += chunk));
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, ...output }));
        started?.(child, () => output.text);
    });
}

/** What a machine shows of labs: nothing of one may stay behind. */
export async function traces(dir: string): Promise<Record<string, string[]>> {
    const processes = readdirSync("/proc")
        .filter((name) => /^\d+$/.test(name))
        .filter((pid) => {
            try {
                return `${readFileSync(`/proc/${pid}/cmdline`)}${readFileSync(`/proc/${pid}/environ`)}`.includes(dir);
            } catch {
                return false;
            }
        });
    const lines = async (command: string, args: string[]) =>
        (await run(command, args)).stdout.split("\n").filter(Boolean);
    return {
        processes,
        namespaces: (await lines("ip", ["netns", "list"])).filter((line) => line.startsWith("fusion-webfarm-")),
        mounts: readFileSync("/proc/self/mounts", "utf8")
            .split("\n")
            .filter((line) => line.includes(dir)),
        // Those of other tests' labs come and go.
        sockets: existsSync(socketLink(join(dir, ".fusion", "lab", "webfarm"))) ? ["libvirt"] : [],
        links: (await lines("ip", ["-br", "link"])).filter((line) => /^(fus-|vnet|virbr)/.test(line)),
        files: readdirSync(dir).filter((name) => name === ".fusion" || /^Pulumi\..*\.yaml$/.test(name)),
    };
}
