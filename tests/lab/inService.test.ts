import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { stepScript } from "../../lib/balancer/deployScript";
import { drainScript, serveScript } from "../../lib/balancer/serviceScripts";
import { loadWords } from "../support/background";
import { BalancerBench } from "../support/balancerBench";
import { needPrograms } from "../support/programs";
import { eventually } from "../support/webfarm";

const MACHINE = "127.0.0.2";

describe("a machine's servers, with the real HAProxy", () => {
    const bench = new BalancerBench();
    let stopMachine = async () => {};

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip");
        await bench.open();
        await bench.serve(20000);
        stopMachine = await bench.serve(`${MACHINE}:20001`, `${MACHINE}:20002`);
    });
    after(() => bench.close());

    const drain = (address = MACHINE) => bench.inside(["sh", "-c", drainScript(bench.place, address, 10)]);
    const serve = (seconds = 15, address = MACHINE) =>
        bench.inside(["sh", "-c", serveScript(bench.place, address, seconds)]);
    const states = async () =>
        (await bench.socket("admin", "show stat"))
            .split("\n")
            .map((line) => line.split(","))
            .filter(([, name]) => /^web-/.test(name ?? ""))
            // "UP 1/3" after a reload: up, and not yet looked at often enough to say so.
            .map((fields) => `${fields[1]} ${fields[17]?.split(" ")[0]}`)
            .sort();

    it("are nobody's matter where no balancer runs yet", async () => {
        for (const { code, stdout } of [await drain(), await serve()]) {
            assert.equal(code, 0);
            assert.match(stdout, /^no balancer runs in /);
        }
    });

    it("go out of service and come back without a failed request, while others serve", async () => {
        const config = bench.config([20000, `${MACHINE}:20001`, `${MACHINE}:20002`]);
        assert.equal((await bench.deploy(config)).code, 0);
        const end = await bench.load();
        const drained = await drain();
        assert.equal(drained.code, 0, drained.stderr);
        assert.match(drained.stdout, /^127\.0\.0\.2 serves no more requests$/m);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 MAINT", "web-20002 MAINT"]);
        await stopMachine();
        assert.deepEqual([...new Set(await bench.ask(6))], ["20000"]);
        stopMachine = await bench.serve(`${MACHINE}:20001`, `${MACHINE}:20002`);
        const served = await serve();
        assert.equal(served.code, 0, served.stderr);
        assert.match(served.stdout, /^127\.0\.0\.2 is in service: web\/web-20001 web\/web-20002$/m);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP", "web-20002 UP"]);
        // The load takes turns too, so which server is next is chance.
        assert.deepEqual([...new Set(await bench.ask(30))].sort(), ["20000", "20001", "20002"]);
        const result = await end();
        console.log(`      ${loadWords(result)}`);
        assert.deepEqual(result.failures, []);
        assert.ok(result.sent > 200, `only ${result.sent} requests`);
    });

    it("stay as they are when they are asked for again", async () => {
        const { code, stdout } = await serve();
        assert.equal(code, 0);
        assert.match(stdout, /^127\.0\.0\.2 is in service: as it was$/m);
    });

    it("stay out of service as long as they do not answer, which fails in time", async () => {
        assert.equal((await drain()).code, 0);
        await stopMachine();
        const { code, stderr } = await serve(2);
        assert.equal(code, 1);
        assert.match(
            stderr,
            /^web\/web-20001 does not answer at 127\.0\.0\.2:20001 after 2 s; it stays out of service$/m,
        );
        assert.deepEqual([...new Set(await bench.ask(4))], ["20000"]);
        stopMachine = await bench.serve(`${MACHINE}:20001`, `${MACHINE}:20002`);
        assert.equal((await serve()).code, 0);
    });

    it("are those of the one address alone", async () => {
        assert.equal((await drain("127.0.0.20")).code, 0);
        assert.equal((await drain("127.0.0")).code, 0);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP", "web-20002 UP"]);
    });

    it("stay out of service in every configuration that is loaded meanwhile, and after HAProxy was started again", async () => {
        const three = [20000, `${MACHINE}:20001`, `${MACHINE}:20002`] as const;
        assert.equal((await drain()).code, 0);
        await stopMachine();
        const end = await bench.load();
        for (const servers of [three, [...three, 20000 + 3]]) {
            if (servers.length > 3) await bench.serve(20003);
            const { code, stderr } = await bench.deploy(bench.config(servers));
            assert.equal(code, 0, stderr);
            assert.deepEqual((await states()).slice(0, 3), ["web-20000 UP", "web-20001 MAINT", "web-20002 MAINT"]);
        }
        const step = stepScript(bench.place, "web", 20);
        const stepped = await bench.inside(["sh", "-c", step], "web-20003 127.0.0.1:20000 20000\n");
        assert.equal(stepped.code, 0, stepped.stderr);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 MAINT", "web-20002 MAINT", "web-20003 UP"]);
        const result = await end();
        assert.deepEqual(result.failures, [], loadWords(result));
        process.kill((await bench.master()).pid, "SIGKILL");
        assert.equal((await bench.deploy(bench.config(three))).code, 0);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 MAINT", "web-20002 MAINT"]);
        stopMachine = await bench.serve(`${MACHINE}:20001`, `${MACHINE}:20002`);
        const served = await serve();
        assert.equal(served.code, 0, served.stderr);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP", "web-20002 UP"]);
        assert.equal((await bench.deploy(bench.config([...three, 20003]))).code, 0);
        assert.ok((await states()).every((state) => / UP$/.test(state)));
    });

    it("are nobody's any more when a configuration has them no more: another that comes there serves", async () => {
        assert.equal((await drain()).code, 0);
        assert.equal((await bench.deploy(bench.config([20000]))).code, 0);
        const config = bench.config([20000, `${MACHINE}:20001`]);
        assert.equal((await bench.deploy(config)).code, 0);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP"]);
    });

    it("wait for a deployment that is under way", async () => {
        const config = bench.config([20000, `${MACHINE}:20001`, `${MACHINE}:20002`]);
        const slow = bench.deploy(config, (script) =>
            script.replace(/^no_old_worker\(\)/m, "sleep 2\nno_old_worker()"),
        );
        await eventually("the new configuration runs", 10, async () =>
            (await states()).length === 3 ? true : undefined,
        );
        const drained = await drain();
        assert.equal(drained.code, 0, drained.stderr);
        assert.equal((await slow).code, 0);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 MAINT", "web-20002 MAINT"]);
        assert.equal((await serve()).code, 0);
    });

    it("of one replica are left in service where its set has no command that would put them back", async () => {
        const config = bench.config([20000, `${MACHINE}:20001`]);
        const replica = `${MACHINE}:20001`;
        bench.inTurn = ["web"];
        assert.equal((await bench.deploy(config)).code, 0);
        assert.equal((await drain(replica)).code, 0);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 MAINT"]);
        assert.equal((await serve(15, replica)).code, 0);
        bench.inTurn = [];
        const other = await bench.deploy(config);
        assert.equal(other.code, 0, other.stderr);
        const left = await drain(replica);
        assert.equal(left.code, 0);
        assert.match(left.stdout, /^127\.0\.0\.2:20001 has nothing to take out of service$/m);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP"]);
    });
    it("are put back also while no HAProxy runs, and when their set has no command for that any more", async () => {
        const config = bench.config([20000, `${MACHINE}:20001`]);
        bench.inTurn = ["web"];
        assert.equal((await bench.deploy(config)).code, 0);
        assert.equal((await drain()).code, 0);
        process.kill((await bench.master()).pid, "SIGKILL");
        assert.match((await serve()).stdout, /^no balancer runs in /);
        assert.equal((await bench.deploy(config)).code, 0);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP"]);
        assert.equal((await drain(`${MACHINE}:20001`)).code, 0);
        bench.inTurn = [];
        const { code, stderr } = await bench.deploy(bench.config([20000, `${MACHINE}:20001`], [8080, 8081]));
        assert.equal(code, 0, stderr);
        assert.deepEqual(await states(), ["web-20000 UP", "web-20001 UP"]);
        assert.equal(statSync(join(bench.directory, "haproxy.cfg")).mode & 0o077, 0);
    });
});
