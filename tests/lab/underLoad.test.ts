import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../../tools/run";
import { type LoadResult, loadWords } from "../support/background";
import { changes } from "../support/machines";
import { done, Sets, type SetsArgs } from "../support/sets";
import type { EngineResult } from "../support/stack";
import { eventually } from "../support/webfarm";

/** Clients of the load, so requests that can be in flight at once. */
const CLIENTS = 12;

// One farm for all; each test begins with what the one before has left.
describe("what happens to a set, under load", () => {
    let sets: Sets;
    let images: string[];
    const total = { sent: 0, failed: 0 };
    before(async () => {
        sets = await Sets.create("test-load", { hosts: 3 });
        images = [await sets.farm.image("v1"), await sets.farm.image("v2")];
        await sets.up(args(0, 3, ["h1", "h2", "h3"]));
    });
    after(() => sets?.farm.dispose());

    const args = (image: number, replicas: number, hosts: readonly string[]): SetsArgs => ({
        sets: { web: { replicas, image: images[image] } },
        balanced: "web",
        hosts,
    });

    function tell(result: LoadResult, events: readonly string[] = []): void {
        total.sent += result.sent;
        total.failed += result.failures.length;
        console.log(`      ${loadWords(result)}${events.length > 0 ? "; in this order:" : ""}`);
        for (const event of events) console.log(`        ${event}`);
    }
    const isEvent = (step: string) => !/Record|Stack|FusionContainerSet|FusionBalancer/.test(step);

    async function underLoad(to: SetsArgs): Promise<EngineResult> {
        const finish = await sets.farm.load();
        const up = await sets.up(to).finally(() => pause(3000));
        const result = await finish();
        tell(result, done(up).filter(isEvent));
        assert.deepEqual(result.failures.slice(0, 5), []);
        return up;
    }

    /** Looks every 50 ms. @returns when HAProxy counts all servers of a host as down */
    async function foundDown(host: string): Promise<number> {
        const address = sets.farm.hosts.find(({ name }) => name === host)?.address ?? host;
        const socket = `UNIX-CONNECT:${join(sets.farm.dir, "lb", "admin.sock")}`;
        for (const end = Date.now() + 60_000; Date.now() < end; await pause(50)) {
            const { stdout } = await run("socat", ["-t", "5", "-", socket], { input: "show servers state\n" });
            // Number and name of the backend and of the server, address, state: 0 is down.
            const states = [...stdout.matchAll(/^\d+ \S+ \d+ \S+ (\S+) (\d) /gm)].filter(([, at]) => at === address);
            if (states.length > 0 && states.every(([, , state]) => state === "0")) return Date.now();
        }
        throw new Error(`${host} is not found down within 60 s`);
    }

    it("updated: every replica is replaced, no request fails", async () => {
        await underLoad(args(1, 3, ["h1", "h2", "h3"]));
    });

    it("scaled up: nothing that runs is touched, no request fails", async () => {
        const up = await underLoad(args(1, 5, ["h1", "h2", "h3"]));
        const containers = done(up).filter((step) => / Container /.test(step));
        assert.deepEqual(containers.sort(), ["create Container web-3", "create Container web-4"]);
    });

    it("scaled down: the last ones go, no request fails", async () => {
        const up = await underLoad(args(1, 4, ["h1", "h2", "h3"]));
        const containers = done(up).filter((step) => / Container /.test(step));
        assert.deepEqual(containers, ["delete Container web-4"]);
    });

    it("drained from a host: its replicas run elsewhere before they stop, no request fails", async () => {
        const up = await underLoad(args(1, 4, ["h1", "h2"]));
        assert.match(up.text, /web-2: h3 -> h[12] \(h3 is gone\)/);
        const touched = done(up).filter((step) => / (Container|Command lb)/.test(step) && !step.startsWith("replace "));
        assert.deepEqual(touched, [
            "create-replacement Container web-2",
            "update Command lb",
            "delete-replaced Container web-2",
        ]);
        assert.deepEqual(await sets.running("h3"), []);
    });

    it("bereft of a host: no more requests fail than were in flight", async () => {
        const finish = await sets.farm.load();
        await pause(3000);
        const start = Date.now();
        const found = foundDown("h2");
        await sets.farm.kill("h2");
        const killed = Date.now();
        const down = await found;
        await pause(15_000);
        const result = await finish();
        const last = Math.max(0, ...result.failed.map(({ to }) => to));
        const events = [
            { at: killed, what: "h2 is killed" },
            { at: down, what: "HAProxy has found its servers down" },
            ...(last > 0 ? [{ at: last, what: "the last failure" }] : []),
        ];
        tell(
            result,
            events.sort((a, b) => a.at - b.at).map(({ at, what }) => `${what}, after ${at - start} ms`),
        );
        // A request that fails does not say which host had it: the bound is what can have been in flight on all of them.
        assert.ok(result.failures.length <= CLIENTS, result.failures.join());
        const late = result.failed.filter(({ from }) => from > down);
        assert.deepEqual(late, [], "failures that began when the host was known to be down");
        // What cannot be reached is told, and all else is done; then the host is taken out of the state.
        sets.set(args(1, 4, ["h1"]));
        const stuck = await sets.farm.stack.up();
        assert.equal(stuck.ok, false);
        const provider = (await sets.farm.stack.export()).find(({ urn }) => /providers:docker::fusion-h2$/.test(urn));
        assert.ok(provider);
        await sets.farm.stack.pulumi(["state", "delete", provider.urn, "--target-dependents", "--yes"]);
        const up = await sets.up(args(1, 4, ["h1"]));
        assert.equal((await sets.running("h1")).length, 4, up.text);
        assert.deepEqual(changes(await sets.preview(args(1, 4, ["h1"]))), []);
        await eventually("all that is served comes from h1", 30, async () =>
            /on h1\./.test(await sets.farm.inside("curl", "--silent", "http://127.0.0.1/")) ? true : undefined,
        );
    });

    it("got at least 20,000 requests in all of this", () => {
        console.log(`      ${total.sent} requests in all, ${total.failed} failed`);
        assert.ok(total.sent >= 20_000);
    });
});
