import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { stepScript } from "../../lib/balancer/deployScript";
import { loadWords } from "../support/background";
import { hashOf } from "../support/balancerBench";
import { ContainerBench } from "../support/containerBench";
import { needPrograms } from "../support/programs";
import { eventually } from "../support/webfarm";

/** What `run` gives for a program that a signal ended. */
const KILLED = 128;

describe("the balancer in a container", () => {
    const bench = new ContainerBench();
    const { unit } = bench.place;
    const first = bench.config([20000, 20001]);
    const other = bench.config([20002, 20003]);
    let one: string;
    let two: string;

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip", "ss", "flock");
        await bench.open();
        [one, two] = [await bench.push("one"), await bench.push("two")];
        await bench.serve(20000, 20001, 20002, 20003);
    });
    after(() => bench.close());

    const deploy = async (config: string) => {
        const { code, stdout, stderr } = await bench.deploy(config);
        assert.equal(code, 0, stderr);
        assert.equal(stdout, `${hashOf(config)} runs\n`);
    };
    const inspect = (format: string, name = unit) => bench.docker("container", "inspect", "--format", format, name);
    const containers = async () => (await bench.docker("ps", "--all", "--format", "{{.Names}}")).split("\n");
    /** Of HAProxy's answer that runs: by which a deployment knows it. */
    const described = async () =>
        /^description: (.*)$/im.exec(await bench.socket("admin", "show info"))?.[1] ?? "nothing";
    /** One HAProxy serves, of this image, and no other one is left. */
    const serves = async (config: string, image: string | undefined, ...ports: number[]) => {
        // Other clients may be among those that take turns.
        for (const answer of await bench.ask(3)) assert.ok(ports.map(String).includes(answer), answer);
        assert.ok((await described()).startsWith(hashOf(config)));
        assert.deepEqual(await containers(), [image === undefined ? "" : unit]);
        if (image !== undefined) assert.equal(await inspect("{{.Config.Image}} {{.State.Running}}"), `${image} true`);
    };
    /** Nor is anything of a deployment. */
    const settled = async (config: string, image: string | undefined, ...ports: number[]) => {
        await serves(config, image, ...ports);
        const own = image === undefined ? "haproxy.pid" : "container";
        const files = ["admin.sock", "haproxy.cfg", "master.sock", "owner", own];
        assert.deepEqual(readdirSync(bench.directory).sort(), files.sort());
    };

    it("starts from nothing, its image pulled, with no more rights than it needs", async () => {
        bench.image = one;
        await deploy(first);
        await settled(first, one, 20000, 20001);
        const { HostConfig: host } = JSON.parse(await bench.docker("container", "inspect", unit))[0];
        assert.deepEqual([host.ReadonlyRootfs, host.NetworkMode, host.CapDrop], [true, "host", ["ALL"]]);
        const workers = await bench.inside([
            "sh",
            "-c",
            `ps -o uid= --ppid "$(docker inspect -f '{{.State.Pid}}' ${unit})"`,
        ]);
        assert.deepEqual(workers.stdout.trim(), "99");
        for (const name of readdirSync(bench.directory)) {
            assert.equal(statSync(join(bench.directory, name)).mode & 0o077, 0, name);
        }
    });

    it("does not reload for the same configuration, and goes to other servers with one reload", async () => {
        const before = await bench.master();
        await deploy(first);
        assert.deepEqual(await bench.master(), before);
        await deploy(other);
        await settled(other, one, 20002, 20003);
        assert.deepEqual(await bench.master(), { ...before, reloads: before.reloads + 1 });
    });

    it("refuses what its image's HAProxy refuses, and an image that is nowhere, and serves on", async () => {
        const before = await bench.master();
        const { code, stderr } = await bench.deploy(`${first}    bogus keyword\n`);
        assert.equal(code, 1);
        assert.match(
            stderr,
            /unknown keyword 'bogus'[\s\S]*HAProxy refuses the new configuration .*; the old one serves on/,
        );
        bench.image = one.replace(/[0-9a-f]{64}$/, "0".repeat(64));
        const missing = await bench.deploy(first);
        assert.match(missing.stderr, /docker pull \S+@sha256:0+ has failed on h1, see above/);
        bench.image = one;
        await serves(other, one, 20002, 20003);
        assert.deepEqual(await bench.master(), before);
    });

    it("refuses to listen where another program does, and listens where none does", async () => {
        const stop = await bench.serve(8081);
        const both = bench.config([20002, 20003], [8080, 8081]);
        assert.match((await bench.deploy(both)).stderr, /port 8081 is in use on h1 already/);
        await stop();
        await deploy(both);
        await settled(both, one, 20002, 20003);
    });

    it("is led to other servers by a step of a rollout", async () => {
        const lines = "web-20002 127.0.0.1:20000 20000\nweb-20003 127.0.0.1:20001 20001\n";
        const { code, stderr } = await bench.inside(["sh", "-c", stepScript(bench.place, "web", 20)], lines);
        assert.equal(code, 0, stderr);
        assert.deepEqual([...new Set(await bench.ask(4))].sort(), ["20000", "20001"]);
        await deploy(other);
        await settled(other, one, 20002, 20003);
    });

    it("loses no request while its servers, its image, and the kind of its installation are replaced", async () => {
        const stop = await bench.serve(20010, 20011);
        await deploy(bench.config([20010, 20011]));
        const socket = async () => {
            const { stdout } = await bench.inside(["ss", "-Hltne", "sport = :8080"]);
            return /\bino:\d+/.exec(stdout)?.[0] ?? stdout;
        };
        const before = await socket();
        const finish = await bench.load();
        for (const [image, config, ...ports] of [
            [two, other, 20002, 20003],
            [undefined, other, 20002, 20003],
            [one, first, 20000, 20001],
        ] as const) {
            bench.image = image;
            const start = performance.now();
            await deploy(config);
            console.log(`      to ${image?.slice(-8) ?? "the program"} in ${Math.round(performance.now() - start)} ms`);
            await stop();
            await settled(config, image, ...ports);
            assert.equal(await socket(), before, "with its socket go the connections that nobody has accepted");
        }
        // Clients that sat on an old process meet the new one.
        await pause(1000);
        const result = await finish();
        console.log(`      ${loadWords(result)}`);
        assert.deepEqual(result.failures, [], loadWords(result));
        assert.ok(result.sent > 500, `only ${result.sent} requests were sent`);
        const met = ["20010", "20002", "20001"].map((port) => (result.answers[port] ?? 0) > 0);
        assert.deepEqual(met, [true, true, true], JSON.stringify(result.answers));
    });

    it("is started again by Docker after a SIGKILL, with the current configuration", async () => {
        const before = await described();
        await bench.inside(["sh", "-c", `kill -KILL "$(docker inspect -f '{{.State.Pid}}' ${unit})"`]);
        await eventually("it serves", 20, async () =>
            (await bench.ask(1)).join().startsWith("2000") ? true : undefined,
        );
        assert.equal(await described(), before);
        assert.equal(await inspect("{{.RestartCount}}"), "1");
        await deploy(first);
        await settled(first, one, 20000, 20001);
    });

    // Where a deployment of another image is cut off: the first line that begins so is not reached.
    const cuts = ["docker run --detach", "await 15 settled", "is_up()"];
    for (const cut of cuts) {
        it(`converges after it was killed before: ${cut}`, async () => {
            bench.image = one;
            await deploy(first);
            bench.image = two;
            const killed = await bench.deploy(other, (script) => killBefore(script, cut));
            assert.equal(killed.code, KILLED);
            assert.match((await bench.ask(1)).join(), /^2000\d$/, "serves meanwhile");
            await deploy(other);
            await settled(other, two, 20002, 20003);
        });
    }

    it("leaves a container of its name that is another's alone, and says so", async () => {
        assert.equal((await bench.remove()).code, 0);
        await bench.docker("create", "--name", unit, one);
        const { code, stderr } = await bench.deploy(first);
        assert.equal(code, 1);
        assert.match(stderr, new RegExp(`there is a container ${unit} on h1, and it is not of the balancer`));
        assert.equal((await bench.remove()).code, 0);
        assert.deepEqual(await containers(), [unit]);
        await bench.docker("rm", unit);
    });

    it("leaves nothing when it is removed", async () => {
        await deploy(first);
        assert.equal((await bench.remove()).code, 0);
        assert.ok(!existsSync(bench.directory));
        assert.deepEqual(await containers(), [""]);
        assert.equal((await bench.remove()).code, 0);
    });
});

function killBefore(script: string, cut: string): string {
    const lines = script.split("\n");
    // Functions are defined before they are called.
    const at = lines.findLastIndex((line) => line.trimStart().startsWith(cut));
    assert.ok(at > 0, `the script has no line that begins with ${cut}`);
    return [...lines.slice(0, at), "kill -KILL $$", ...lines.slice(at)].join("\n");
}
