import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { deployScript, removeBalancerScript } from "../../lib/balancer/deployScript";
import { loadWords } from "../support/background";
import { BalancerBench, hashOf } from "../support/balancerBench";
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

    it("loses no request while its servers are replaced five times", async () => {
        const stopFirst = await bench.serve(20060, 20061);
        assert.equal((await bench.deploy(bench.config([20060, 20061]))).code, 0);
        const finish = await bench.load();
        let stopOld = stopFirst;
        for (const port of [20010, 20020, 20030, 20040, 20050]) {
            const stopNew = await bench.serve(port, port + 1);
            const { code, stderr } = await bench.deploy(bench.config([port, port + 1]));
            assert.equal(code, 0, stderr);
            await stopOld();
            stopOld = stopNew;
        }
        const result = await finish();
        const { sent, failures, answers } = result;
        assert.deepEqual(failures, [], loadWords(result));
        assert.ok(sent > 500, `only ${sent} requests were sent`);
        assert.ok(
            ["20010", "20031", "20051"].every((port) => (answers[port] ?? 0) > 0),
            JSON.stringify(answers),
        );
        await stopOld();
    });

    // Where the deployment is cut off: the first line that begins so is not reached.
    const cuts = [
        "haproxy -dW",
        "servers()",
        'mv "$config.new"',
        "elif ! is_running",
        "is_up()",
        "no_old_worker()",
        'rm -f "$config.old"',
    ];
    for (const cut of cuts) {
        it(`converges after it was killed before: ${cut}`, async () => {
            assert.equal((await bench.deploy(first)).code, 0);
            const killed = await bench.deploy(other, (script) => killBefore(script, cut));
            assert.equal(killed.code, KILLED);
            assert.equal(
                (await bench.ask(2)).filter((answer) => /^2000\d$/.test(answer)).length,
                2,
                "serves meanwhile",
            );
            const { code, stderr } = await bench.deploy(other);
            assert.equal(code, 0, stderr);
            await serves(other, 20002, 20003);
            assert.deepEqual(readdirSync(bench.directory).sort(), [
                "admin.sock",
                "haproxy.cfg",
                "haproxy.pid",
                "master.sock",
                "owner",
            ]);
        });
    }

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

function killBefore(script: string, cut: string): string {
    const lines = script.split("\n");
    const at = lines.findIndex((line) => line.startsWith(cut));
    assert.ok(at > 0, `the script has no line that begins with ${cut}`);
    // A branch cannot be cut before its `elif`; what comes first in it can.
    const before = cut.startsWith("elif") ? at + 1 : at;
    return [...lines.slice(0, before), "kill -KILL $$", ...lines.slice(before)].join("\n");
}
