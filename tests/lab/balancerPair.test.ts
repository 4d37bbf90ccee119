import assert from "node:assert/strict";
import { existsSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { renderKeepalivedConfig } from "../../lib/balancer/renderKeepalivedConfig";
import { type LoadResult, loadWords } from "../support/background";
import { machines, otherOf, PairBench, SERVERS } from "../support/pairBench";
import { needPrograms } from "../support/programs";
import { eventually } from "../support/webfarm";

/** Clients of the load, so requests that can be in flight at once. */
const CLIENTS = 12;
/** Those of them that ask every few seconds alone. */
const IDLE = 4;

// Each test begins with what the one before has left.
describe("a pair of balancers with the real keepalived", () => {
    const bench = new PairBench();
    const total = { sent: 0, failed: 0, slowest: 0 };
    let stopServers = async () => {};

    before(async () => {
        await needPrograms("haproxy", "keepalived", "socat", "curl", "ip", "ss", "flock");
        await bench.open();
        stopServers = await bench.serve(20000, 20001, 20002, 20003);
    });
    after(() => bench.close());

    async function done(running: ReturnType<PairBench["script"]>): Promise<string> {
        const { code, stdout, stderr } = await running;
        assert.equal(code, 0, stderr);
        return stdout.trim();
    }
    async function refused(running: ReturnType<PairBench["script"]>, says: RegExp): Promise<void> {
        const { code, stderr } = await running;
        assert.notEqual(code, 0);
        assert.match(stderr, says);
    }
    function tell(result: LoadResult, ...more: string[]): void {
        total.sent += result.sent;
        total.failed += result.failures.length;
        total.slowest = Math.max(total.slowest, result.slowest);
        console.log(`      ${[loadWords(result), ...more].join("; ")}`);
    }

    it("starts from nothing: the first has the address, the other stands by", async () => {
        await refused(bench.standsBy(), /no HAProxy runs in/);
        assert.match(await done(bench.standsBy(true)), /^there is no standby on .* yet$/);
        for (const machine of ["b", "a"] as const) await done(bench.deploy(machine, [20000, 20001]));
        assert.equal(await done(bench.keepalived("b")), "keepalived runs");
        const told = await done(bench.keepalived("a"));
        assert.equal(told, "own");
        assert.match(await done(bench.oneHolder(told)), /^10\.98\.7\.11 has 10\.98\.7\.10, 10\.98\.7\.12 stands by$/);
        assert.equal(await bench.status(), "200");
        assert.match(await done(bench.standsBy()), /could take over$/);
    });

    it("takes IPv6 addresses too", async () => {
        const six = {
            name: "lb",
            directory: bench.directory("a"),
            address: "fd00::10/64",
            own: "fd00::1",
            peer: "fd00::2",
        };
        const text = renderKeepalivedConfig({ ...six, routerId: 51, interface: "eth0" });
        await done(
            bench.script(
                "a",
                "cat >$0 && keepalived --config-test -f $0".replaceAll("$0", `${bench.directory("a")}/six`),
                text,
            ),
        );
        rmSync(`${bench.directory("a")}/six`);
    });

    it("keeps the address where it is while configurations change, the standby's first, and no request fails", async () => {
        const finish = await bench.load();
        for (const machine of ["b", "a"] as const) {
            if (machine === "a") await done(bench.standsBy());
            await done(bench.deploy(machine, [20002, 20003]));
        }
        // keepalived too takes another configuration without giving the address up.
        for (const machine of ["b", "a"] as const) await done(bench.keepalived(machine, 1));
        await pause(2000);
        const result = await finish();
        tell(result);
        assert.deepEqual(result.failures, []);
        assert.deepEqual(await bench.holders(), ["a"]);
    });

    /**
     * Something happens to the machine that has the address, under load.
     *
     * @param limit of the milliseconds until the other one has it
     * @param least requests that are sent in all
     * @param kept connections that clients have and do not use, of whose end they learn when they ask again
     */
    async function takenOver(
        what: string,
        happens: () => Promise<unknown>,
        limit: number,
        { kept = 0, least = 0 } = {},
    ): Promise<void> {
        const [holder = "a"] = await bench.holders();
        const finish = await bench.load(least);
        await pause(2000);
        const from = Date.now();
        await happens();
        const taken = await bench.holds(otherOf(holder), 15);
        await pause(1000);
        const result = await finish();
        const inFlight = result.failed.filter((one) => one.from < from);
        tell(
            result,
            `${what}: the address was taken over after ${taken - from} ms, ${inFlight.length} of those failed were in flight`,
        );
        assert.ok(taken - from < limit, `it took ${taken - from} ms`);
        assert.ok(inFlight.length <= CLIENTS, `${inFlight.length} in flight`);
        assert.deepEqual(
            result.failed.filter(({ to }) => to < from),
            [],
            "failures before it",
        );
        // A client learns of it when the new one has told the network.
        const late = result.failed.filter((one) => one.from > taken + 300);
        assert.ok(
            late.length <= kept,
            `${late.length} failures after the address was taken over: ${result.failures.slice(-5)}`,
        );
        assert.ok(result.slowest < 20_000, `the slowest took ${result.slowest} ms`);
    }

    it("the first one's HAProxy killed: the address goes to the standby, and no request fails from then on", async () => {
        await takenOver("HAProxy killed", async () => process.kill(bench.pid("a", "haproxy"), "SIGKILL"), 2500, {
            least: 50_000,
        });
        assert.equal(await bench.status(), "200");
    });

    it("stays there when the first is well again", async () => {
        const finish = await bench.load();
        await done(bench.standsBy());
        await done(bench.deploy("a", [20002, 20003]));
        await pause(2000);
        const result = await finish();
        tell(result);
        assert.deepEqual(result.failures, []);
        assert.deepEqual(await bench.holders(), ["b"]);
    });

    it("the machine that has it without power: the same, and it stays when that is back", async () => {
        await takenOver("power lost", () => bench.powerOff("b"), 4000, { kept: IDLE });
        await bench.plugIn("b");
        await done(bench.deploy("b", [20002, 20003]));
        await done(bench.keepalived("b", 0));
        await pause(3000);
        assert.deepEqual(await bench.holders(), ["a"]);
    });

    it("one that has lost its way to the servers gives it to the one that has not", async () => {
        await bench.way("a", "lost");
        await bench.holds("b", 20);
        assert.equal(await bench.status(), "200");
        await bench.way("a", "back");
        await pause(4000);
        assert.deepEqual(await bench.holders(), ["b"]);
    });

    it("one that hangs gives it up", async () => {
        // The process that serves, not the one that watches it.
        const hang = (await bench.processes("b")).filter(
            (pid) => pid !== bench.pid("b", "haproxy") && bench.isProgram(pid, "haproxy"),
        );
        assert.ok(hang.length > 0);
        for (const pid of hang) process.kill(pid, "SIGSTOP");
        try {
            await bench.holds("a", 20);
            assert.equal(await bench.status(), "200");
        } finally {
            for (const pid of hang) process.kill(pid, "SIGCONT");
        }
    });

    it("stays with one that answers where no server does, so that clients are told", async () => {
        await stopServers();
        // The one that finds it out seconds before the other may give the address up; once both know, none moves it.
        for (const machine of machines) {
            await eventually(`${machine} finds no server`, 20, async () =>
                (await done(bench.script(machine, bench.served(machine)))) === "" ? true : undefined,
            );
        }
        await pause(6000);
        const holders = await bench.holders();
        assert.equal(holders.length, 1, holders.join(" and "));
        await pause(4000);
        assert.deepEqual(await bench.holders(), holders);
        assert.equal(await bench.status(), "503");
        // What both have lost holds no change up: it may be the cure.
        assert.match(await done(bench.standsBy()), /could take over$/);
        stopServers = await bench.serve(20000, 20001, 20002, 20003);
        await eventually("200 is answered", 20, async () => ((await bench.status()) === "200" ? true : undefined));
        await eventually("both have servers", 20, async () =>
            /^web$/.test(await done(bench.script("b", bench.served("b")))) ? true : undefined,
        );
    });

    it("refuses a change of the first while the standby could not take over, and says why", async () => {
        await bench.way("b", "lost");
        await eventually("the standby finds no server", 20, async () =>
            (await done(bench.script("b", bench.served("b")))) === "" ? true : undefined,
        );
        await refused(
            bench.standsBy(),
            /could not take over: it reaches no server of web .*; the first balancer is left as it is/,
        );
        await bench.way("b", "back");
        await eventually("it finds them again", 20, async () =>
            (await bench.standsBy()).code === 0 ? true : undefined,
        );
        process.kill(bench.pid("b", "keepalived"), "SIGTERM");
        await eventually("the standby's keepalived ends", 10, async () =>
            existsSync(`/proc/${bench.pid("b", "keepalived")}`) ? undefined : true,
        ).catch(() => {});
        await refused(
            bench.standsBy(),
            /could not take over: keepalived does not run; .*Start it \(systemctl start fusion-keepalived/,
        );
        await done(bench.script("b", bench.revive("b")));
        await done(bench.standsBy());
        process.kill(bench.pid("b", "haproxy"), "SIGKILL");
        await eventually("the standby's HAProxy is found dead", 10, async () =>
            /could not take over: no HAProxy runs/.test((await bench.standsBy()).stderr) ? true : undefined,
        );
        // The next change of the standby, which comes before that of the first, starts it.
        await done(bench.deploy("b", [20000, 20001]));
        await done(bench.standsBy());
    });

    it("tells two machines that do not hear each other", async () => {
        assert.match(await done(bench.oneHolder("other")), /^10\.98\.7\.12 has/);
        const [drop, accept] = ["-A", "-D"].map((how) => `iptables ${how} INPUT -p 112 -j DROP`);
        for (const machine of machines) await done(bench.script(machine, drop ?? ""));
        await eventually("both have it", 10, async () => ((await bench.holders()).length === 2 ? true : undefined));
        await refused(
            bench.oneHolder("own"),
            /both 10\.98\.7\.11 and 10\.98\.7\.12 have .*; let VRRP \(IP protocol 112\) through/,
        );
        for (const machine of machines) await done(bench.script(machine, accept ?? ""));
        await eventually("one has it", 10, async () => ((await bench.holders()).length === 1 ? true : undefined));
    });

    it("got at least 50,000 requests in all of this", () => {
        console.log(
            `      ${total.sent} requests in all, ${total.failed} failed, the slowest took ${total.slowest} ms`,
        );
        assert.ok(total.sent >= 50_000, SERVERS);
    });

    it("gives the address up and leaves nothing when it is removed", async () => {
        for (const machine of machines) await bench.remove(machine);
        assert.deepEqual(await bench.holders(), []);
        for (const machine of machines) {
            assert.ok(!existsSync(bench.directory(machine)));
            assert.deepEqual(await bench.processes(machine), []);
        }
    });
});
