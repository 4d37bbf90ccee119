import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deployScript, removeBalancerScript } from "../../lib/balancer/deployScript";
import { BalancerBench, hashOf, insertBefore, instead } from "../support/balancerBench";
import { needPrograms } from "../support/programs";

/** What `run` gives for a program that a signal ended. */
const KILLED = 128;

describe("the balancer with the real HAProxy", () => {
    const bench = new BalancerBench();
    const first = bench.config([20000, 20001]);
    const other = bench.config([20002, 20003]);
    let stopServers = async () => {};

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip", "ss", "flock");
        await bench.open();
        stopServers = await bench.serve(20000, 20001, 20002, 20003);
    });
    after(() => bench.close());

    /** The configuration still serves, and is the one that a next deployment compares with. */
    const serves = async (config: string, ...ports: number[]) => {
        await bench.runs(config);
        assert.deepEqual([...new Set(await bench.ask(4))].sort(), ports.map(String));
        assert.equal(readFileSync(join(bench.directory, "haproxy.cfg"), "utf8"), config);
    };

    it("starts from nothing", async () => {
        const { code, stdout, stderr } = await bench.deploy(first);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, `${hashOf(first)} runs\n`);
        await serves(first, 20000, 20001);
    });

    it("keeps its sockets and files to root", () => {
        for (const name of readdirSync(bench.directory)) {
            assert.equal(statSync(join(bench.directory, name)).mode & 0o077, 0, name);
        }
        assert.deepEqual(readdirSync(bench.directory).sort(), [
            "admin.sock",
            "haproxy.cfg",
            "haproxy.pid",
            "master.sock",
            "owner",
        ]);
    });

    it("is left to its owner", async () => {
        const { place } = bench;
        const theirs = { ...place, owner: "other/stack/lb" };
        const { code, stderr } = await bench.inside(
            ["sh", "-c", deployScript(theirs, 20, { backends: ["web"] }, 10)],
            other,
        );
        assert.notEqual(code, 0);
        assert.match(
            stderr,
            /belongs to the balancer test\/stack\/lb, not to other\/stack\/lb; give this one a directory/,
        );
        assert.equal((await bench.inside(["sh", "-c", removeBalancerScript(theirs)])).code, 0);
        await serves(first, 20000, 20001);
    });

    it("does not reload for the same configuration", async () => {
        const before = await bench.master();
        assert.ok(before.pid > 0);
        assert.equal((await bench.deploy(first)).code, 0);
        assert.deepEqual(await bench.master(), before);
    });

    it("goes to other servers with one reload of the same process", async () => {
        const before = await bench.master();
        const { code, stdout, stderr } = await bench.deploy(other);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, `${hashOf(other)} runs\n`);
        await serves(other, 20002, 20003);
        assert.deepEqual(await bench.master(), { pid: before.pid, reloads: before.reloads + 1 });
    });

    it("refuses what HAProxy refuses, and serves on", async () => {
        const before = await bench.master();
        const { code, stderr } = await bench.deploy(`${first}    bogus keyword\n`);
        assert.equal(code, 1);
        assert.match(stderr, /unknown keyword 'bogus'/);
        assert.match(stderr, /HAProxy refuses the new configuration .*; the old one serves on/);
        await serves(other, 20002, 20003);
        assert.deepEqual(await bench.master(), before);
    });

    it("refuses a configuration that was cut short", async () => {
        const { code, stderr } = await bench.deploy("");
        assert.equal(code, 1);
        assert.match(stderr, /was cut short; run again/);
        await serves(other, 20002, 20003);
    });

    it("refuses to listen where another program does, and serves on", async () => {
        const stop = await bench.serve(8081);
        const before = await bench.master();
        const { code, stderr } = await bench.deploy(bench.config([20000, 20001], [8080, 8081]));
        assert.equal(code, 1);
        assert.match(stderr, /port 8081 is in use .*; stop what uses it .*; the old configuration serves on/);
        await serves(other, 20002, 20003);
        assert.deepEqual(await bench.master(), before);
        assert.deepEqual(await bench.ask(1, 8081), ["8081"]);
        await stop();
    });

    it("listens on a port of its own address, whatever listens there on another", async () => {
        const stop = await bench.serve("127.0.0.9:8081");
        const both = bench.config([20002, 20003], [8080, 8081]);
        assert.equal((await bench.deploy(both)).code, 0);
        await serves(both, 20002, 20003);
        assert.equal((await bench.deploy(other)).code, 0);
        await stop();
    });

    it("refuses servers that do not answer, and serves on", async () => {
        const { code, stderr } = await bench.deploy(bench.config([20002, 29999]));
        assert.equal(code, 1);
        assert.match(
            stderr,
            /cannot reach these servers: web\/web-29999 127\.0\.0\.1:29999; the old configuration serves on/,
        );
        await serves(other, 20002, 20003);
    });

    it("listens on a further port when it is free", async () => {
        const both = bench.config([20002, 20003], [8080, 8081]);
        assert.equal((await bench.deploy(both)).code, 0);
        assert.deepEqual((await bench.ask(2, 8081)).sort(), ["20002", "20003"]);
        await serves(both, 20002, 20003);
        assert.equal((await bench.deploy(other)).code, 0);
        assert.match((await bench.ask(1, 8081))[0] ?? "", /refused|connect/i);
    });

    const left = (...more: string[]) => {
        const files = ["admin.sock", "haproxy.cfg", "haproxy.pid", "master.sock", "owner", ...more].sort();
        assert.deepEqual(readdirSync(bench.directory).sort(), files);
    };
    const steps = stepsOf(deployScript(bench.place, 20, { backends: ["web"] }));

    it("has these steps", () => {
        for (const step of [
            "new_config",
            "release",
            "mark ",
            "mv ",
            "enable_haproxy",
            "tell_turns",
            "rm -f",
            "clean",
        ]) {
            assert.ok(
                steps.some((line) => line.trim().startsWith(step)),
                `${step} among\n${steps.join("\n")}`,
            );
        }
    });

    for (const [index, step] of steps.entries()) {
        it(`converges after it was killed before: ${step.trim()}`, async () => {
            const there = index % 2 === 0;
            const [old, ports] = there ? [/^2000[01]$/, [20002, 20003]] : [/^2000[23]$/, [20000, 20001]];
            const config = there ? other : first;
            if (index === 0) assert.equal((await bench.deploy(first)).code, 0);
            // Nobody's any more, so it goes.
            writeFileSync(join(bench.directory, "out"), "127.0.0.9\n");
            bench.inTurn = there ? ["web"] : [];
            const killed = await bench.deploy(config, (script) => killBefore(script, step));
            assert.equal(killed.code, KILLED, killed.stderr);
            const answers = await bench.ask(2);
            assert.ok(
                answers.every((answer) => old.test(answer) || ports.includes(Number(answer))),
                `serves meanwhile: ${answers}`,
            );
            const { code, stderr } = await bench.deploy(config);
            assert.equal(code, 0, stderr);
            await serves(config, ...ports);
            left(...(there ? ["in-turn"] : []));
        });
    }

    it("converges after it was killed while it went back", async () => {
        const silent = bench.config([20002, 29999]);
        bench.inTurn = [];
        assert.equal((await bench.deploy(other)).code, 0);
        for (const step of [
            '        mv "$config.old" "$config"',
            '        mark "$config"',
            '        kill -USR2 "$pid"',
        ]) {
            const killed = await bench.deploy(silent, (script) =>
                killBefore(instead(script, "await $SERVERS_UP", "await 1"), step, "await 1"),
            );
            assert.equal(killed.code, KILLED, killed.stderr);
            assert.deepEqual([...new Set(await bench.ask(2))], ["20002"], "serves meanwhile");
            const { code, stderr } = await bench.deploy(first);
            assert.equal(code, 0, stderr);
            await serves(first, 20000, 20001);
            left();
        }
    });

    it("after it was killed, still refuses servers that never answered", async () => {
        const silent = bench.config([20002, 29999], [8080, 8081]);
        assert.equal((await bench.deploy(other)).code, 0);
        assert.equal(
            (await bench.deploy(silent, (script) => killBefore(script, "await $SERVERS_UP is_up"))).code,
            KILLED,
        );
        const { code, stderr } = await bench.deploy(silent);
        assert.equal(code, 1, "the first run never saw them answer");
        assert.match(stderr, /cannot reach these servers: web\/web-29999/);
        await serves(other, 20002, 20003);
    });

    it("is started again where its process has died", async () => {
        const { pid } = await bench.master();
        process.kill(pid, "SIGKILL");
        const { code, stderr } = await bench.deploy(first);
        assert.equal(code, 0, stderr);
        await serves(first, 20000, 20001);
    });

    it("leaves no process and no directory when it is removed, once or twice", async () => {
        await stopServers();
        assert.equal((await bench.remove()).code, 0);
        assert.ok(!existsSync(bench.directory));
        assert.deepEqual(await bench.processes(), []);
        assert.equal((await bench.remove()).code, 0);
    });
});

/**
 * What a script does on its way from one configuration to the next, a line each, once it has the lock: what stands by itself, and
 * what is done where HAProxy runs already.
 */
function stepsOf(script: string): string[] {
    const lines = script.slice(script.indexOf("\nlock\n") + 1).split("\n");
    const inner = /^ {4}(\[ -e "\$config\.old"|await 8 own_processes|for attempt|clean$)/;
    // What only looks leaves the next step what this one found.
    const looks = /^(for |login=|want=|\[ -n|if \[ -z|if pid|fresh=)/;
    return lines.filter(
        (line) =>
            inner.test(line) || (!looks.test(line) && /^(?!#|\}|fi\b|done\b|else\b|elif\b|\w+\(\) |\s|$)/.test(line)),
    );
}

/** @param after a line before it, where there are several like it */
function killBefore(script: string, step: string, after = "lock\n"): string {
    const from = script.indexOf(`\n${after}`);
    assert.ok(from > 0, `the script has no line that begins with ${after}`);
    return script.slice(0, from) + insertBefore(script.slice(from), step, "kill -KILL $$");
}
