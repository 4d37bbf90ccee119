import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetConnection, type SshTarget, shellOn, sshCommand, tellingSshCommand } from "../../lib/ssh";
import { runCommand } from "../../tools/engine/stand-ins/command";
import { createNamespace, deleteNamespace } from "../../tools/lab/namespace";
import { ensurePackages } from "../../tools/lab/packages";
import { run } from "../../tools/run";
import { eventually } from "../support/webfarm";

const NAMESPACE = `fusion-ssh-${process.pid}`;
const ADDRESS = "10.255.255.253";
const inside = ["netns", "exec", NAMESPACE];

/** The real sshd, in a network namespace of the test's own. */
class Sshd {
    private readonly dir = mkdtempSync(join(tmpdir(), "fusion-sshd-"));
    private child: ChildProcess | undefined;
    target: SshTarget = { address: ADDRESS };

    async start(port: number, more = ""): Promise<void> {
        for (const name of ["host", "id"]) {
            await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(this.dir, name)]);
        }
        const config = `Port ${port}\nListenAddress ${ADDRESS}\nHostKey ${this.dir}/host\nStrictModes no\nUsePAM no
AuthorizedKeysFile ${this.dir}/id.pub\nMaxStartups 100:30:200\nPidFile none\nPasswordAuthentication no\n${more}\n`;
        writeFileSync(join(this.dir, "config"), config);
        await run("mkdir", ["-p", "/run/sshd"]);
        const sshd = ["/usr/sbin/sshd", "-D", "-e", "-f", join(this.dir, "config")];
        this.child = spawn("ip", [...inside, ...sshd], { stdio: "ignore" });
        const hostKey = readFileSync(join(this.dir, "host.pub"), "utf8").trim();
        this.target = { address: ADDRESS, port, user: "root", hostKey, privateKeyFile: join(this.dir, "id") };
        await eventually("sshd answers", 20, async () =>
            (await here(sshCommand(this.target, "true"))).code === 0 ? 1 : undefined,
        );
        await here(forgetConnection(this.target));
    }

    async stop(): Promise<void> {
        await here(forgetConnection(this.target));
        this.child?.kill("SIGKILL");
        rmSync(this.dir, { recursive: true, force: true });
    }

    /** Processes on the operator's side that hold a shared connection to it. */
    async holders(): Promise<number[]> {
        const [path = ""] = /fusion-[0-9a-f]{16}/.exec(sshCommand(this.target, "")) ?? [];
        const { stdout } = await run("pgrep", ["-f", `${path} \\[mux\\]`], { allowFailure: true });
        return stdout.split("\n").filter(Boolean).map(Number);
    }

    async connections(): Promise<number> {
        const { port } = this.target;
        return (await here(`ss -Htn state established sport = :${port}`)).stdout.split("\n").filter(Boolean).length;
    }
}

const here = (text: string) => run("ip", [...inside, "sh", "-c", text], { allowFailure: true, timeout: 120_000 });

describe("a shared ssh connection", () => {
    const sshd = new Sshd();
    before(async () => {
        await ensurePackages();
        await createNamespace(NAMESPACE, ADDRESS);
        await sshd.start(2201, "MaxSessions 100");
    });
    after(async () => {
        await sshd.stop();
        await deleteNamespace(NAMESPACE);
    });
    afterEach(() => here(forgetConnection(sshd.target)));

    it("holds no output of the command that opened it: the command is done when its own work is", async () => {
        const begun = Date.now();
        const command = `ip ${inside.join(" ")} ${shellOn(sshd.target)}`;
        const { stdout } = await runCommand(command, { stdin: "echo done; echo noise >&2" }, {}, () => {});
        assert.equal(stdout, "done");
        assert.ok(Date.now() - begun < 20_000, `it took ${Date.now() - begun} ms`);
        assert.equal((await sshd.holders()).length, 1);
    });

    it("carries 50 clients at once", async () => {
        await here(sshCommand(sshd.target, "true"));
        const dir = mkdtempSync(join(tmpdir(), "fusion-clients-"));
        // Each says that it is there and stays until it is told to go, so that they are there together on a busy machine too.
        const stay = `echo >>${dir}/there; n=0; until [ -e ${dir}/go ] || [ $n -ge 300 ]; do n=$((n + 1)); sleep 0.2; done; echo ok`;
        const clients = Array.from({ length: 50 }, () => here(sshCommand(sshd.target, stay)));
        await eventually("all are there", 60, async () => {
            const there = existsSync(join(dir, "there")) ? readFileSync(join(dir, "there"), "utf8") : "";
            return there.length >= 50 ? true : undefined;
        });
        assert.equal(await sshd.connections(), 1);
        writeFileSync(join(dir, "go"), "");
        assert.deepEqual(new Set((await Promise.all(clients)).map(({ stdout }) => stdout)), new Set(["ok\n"]));
        rmSync(dir, { recursive: true });
    });

    it("is one of those of clients that start together, which all work, and the only one that stays", async () => {
        const clients = Array.from({ length: 12 }, () => here(sshCommand(sshd.target, "echo ok")));
        assert.deepEqual(new Set((await Promise.all(clients)).map(({ stdout }) => stdout)), new Set(["ok\n"]));
        assert.equal((await sshd.holders()).length, 1);
        await eventually("one is left", 10, async () => ((await sshd.connections()) === 1 ? true : undefined));
    });

    it("that was killed is replaced by the next client", async () => {
        await here(sshCommand(sshd.target, "true"));
        const [holder = 0] = await sshd.holders();
        process.kill(holder, "SIGKILL");
        assert.equal((await here(sshCommand(sshd.target, "echo ok"))).stdout, "ok\n");
        assert.notDeepEqual(await sshd.holders(), [holder]);
    });

    it("to a machine that has gone silent lets the next client through within 90 s", async () => {
        await here(sshCommand(sshd.target, "true"));
        // What has been sent to the machine is never answered: the other end of this connection is stopped.
        const { stdout } = await here(`ss -Htnp state established sport = :2201`);
        const silent = [...stdout.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
        assert.ok(silent.length > 0, stdout);
        for (const pid of silent) process.kill(pid, "SIGSTOP");
        const begun = Date.now();
        const answer = await here(sshCommand(sshd.target, "echo ok"));
        for (const pid of silent) process.kill(pid, "SIGKILL");
        assert.equal(answer.stdout, "ok\n", answer.stderr);
        assert.ok(Date.now() - begun < 90_000, `it took ${Date.now() - begun} ms`);
    });

    it("that the machine limits leaves further clients one of their own", async () => {
        const limited = new Sshd();
        try {
            await limited.start(2202, "MaxSessions 2");
            await here(sshCommand(limited.target, "true"));
            const clients = Array.from({ length: 6 }, () => here(sshCommand(limited.target, "sleep 1; echo ok")));
            assert.deepEqual(new Set((await Promise.all(clients)).map(({ stdout }) => stdout)), new Set(["ok\n"]));
        } finally {
            await limited.stop();
        }
    });

    it("goes through a machine in front, and tells when it is that one that does not let it in", async () => {
        const front = new Sshd();
        try {
            await front.start(2203);
            const target = { ...sshd.target, jump: front.target };
            assert.equal((await here(sshCommand(target, "echo ok"))).stdout, "ok\n");
            await here(forgetConnection(target));
            const closed = { ...target, jump: { ...front.target, user: "nobody" } };
            const { stdout, code } = await here(tellingSshCommand(closed, "echo ok"));
            assert.match(stdout, /^10\.255\.255\.253, which leads to it: .*Permission denied/);
            assert.equal(code, 0);
        } finally {
            await front.stop();
        }
    });
});
