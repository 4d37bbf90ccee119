import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import {
    copyFileSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { socketLink } from "../../tools/lab/libvirtd";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { askTimes, eventually } from "../support/webfarm";

/** A copy of the checkout, as somebody who cloned it has it. */
async function cloneCheckout(): Promise<string> {
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

interface Command {
    code: number | null;
    stdout: string;
    /** Both outputs. */
    text: string;
}

/** Runs an npm script of the clone; the process group is the caller's to signal, as a terminal does. */
function npm(
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
async function traces(dir: string): Promise<Record<string, string[]>> {
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

describe("npm start and npm stop, in a fresh clone", () => {
    let dir: string;
    let clean: Record<string, string[]>;
    before(async () => {
        dir = await cloneCheckout();
        clean = await traces(dir);
    });
    after(async () => {
        await npm(dir, "stop");
        rmSync(dir, { recursive: true, force: true });
    });

    it("an interrupted start can be stopped clean", async () => {
        const interrupted = await npm(dir, "start", (child, text) => {
            const isTime = async () => (/vm1 creating .*waiting for vm1/.test(text()) ? true : undefined);
            eventually("the machines have been started", 300, isTime)
                .then(() => process.kill(-(child.pid ?? 0), "SIGINT"))
                .catch(() => process.kill(-(child.pid ?? 0), "SIGKILL"));
        });
        assert.notEqual(interrupted.code, 0, interrupted.text);
        const stopped = await npm(dir, "stop");
        assert.equal(stopped.code, 0, stopped.text);
        assert.deepEqual(await traces(dir), clean);
    });

    it("prints the URL last, which both machines answer; a start again changes nothing; stop leaves nothing", async () => {
        const started = await npm(dir, "start");
        assert.equal(started.code, 0, started.text);
        const url = started.stdout.trim().split("\n").at(-1) ?? "";
        assert.match(url, /^http:\/\/127\.0\.0\.1(:\d+)?\/$/);
        await eventually("both machines answer", 60, async () => {
            const vms = (await askTimes(url, 4)).map(({ vm }) => vm);
            return new Set(vms).size === 2 && vms[0] === vms[2] ? vms : undefined;
        });

        const again = await npm(dir, "start");
        assert.equal(again.code, 0, again.text);
        assert.equal(again.stdout.trim().split("\n").at(-1), url);
        assert.match(again.text, /Resources:\s+\d+ unchanged\n/);

        const stopped = await npm(dir, "stop");
        assert.equal(stopped.code, 0, stopped.text);
        assert.deepEqual(await traces(dir), clean);
    });
});
