import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { deployScript } from "../../lib/balancer/deployScript";
import type { HaproxyServer } from "../../lib/balancer/haproxySpec";
import { socketPath } from "../../lib/balancer/places";
import { renderHaproxyConfig } from "../../lib/balancer/renderHaproxyConfig";
import { drainScript, serveScript } from "../../lib/balancer/serviceScripts";
import { BalancerBench, hashOf, insertBefore, instead } from "../support/balancerBench";
import { needPrograms } from "../support/programs";

const MACHINE = "127.0.0.2";

describe("changes of a configuration, with the real HAProxy", () => {
    const bench = new BalancerBench();

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip");
        await bench.open();
        await bench.serve(20000, 20001, 20002, 20003, 20004, `${MACHINE}:20005`);
    });
    after(() => bench.close());

    const ask = async (url: string, ...how: string[]) =>
        (await bench.inside(["curl", "--silent", "--show-error", "--max-time", "10", ...how, url])).stdout.trim();

    async function deployed(config: string, change?: (script: string) => string) {
        const { code, stdout, stderr } = await bench.deploy(config, change);
        assert.equal(code, 0, stderr);
        return { stdout, stderr };
    }

    it("a server has another port, or its name is another's: it gets requests, whatever state the one before had", async () => {
        const config = (server: Partial<HaproxyServer>) =>
            renderHaproxyConfig({
                socket: socketPath(bench.directory),
                frontends: [{ name: "lb", bind: ["127.0.0.1:8080"], defaultBackend: "web" }],
                backends: [{ name: "web", servers: [{ name: "web-0", address: "127.0.0.1", port: 20000, ...server }] }],
            });
        await deployed(config({}));
        for (const state of ["drain", "maint"]) {
            for (const [server, answer] of [
                [{ port: 20001 }, "20001"],
                [{ address: MACHINE, port: 20005 }, "20005"],
                [{}, "20000"],
            ] as const) {
                assert.equal((await bench.socket("admin", `set server web/web-0 state ${state}`)).trim(), "");
                await deployed(config(server));
                assert.deepEqual(new Set(await bench.ask(3)), new Set([answer]), `after ${state}`);
                assert.deepEqual(await bench.states(), { "web-0": "UP" });
            }
        }
    });

    it("one of five servers goes: what the others had stays theirs by uri and by source", async () => {
        const config = (ports: readonly number[]) =>
            renderHaproxyConfig({
                socket: socketPath(bench.directory),
                frontends: ["uri", "source"].map((name, index) => ({
                    name: `by-${name}`,
                    bind: [`127.0.0.1:${8080 + index}`],
                    defaultBackend: name,
                })),
                backends: (["uri", "source"] as const).map((algorithm) => ({
                    name: algorithm,
                    algorithm,
                    servers: ports.map((port) => ({ name: `s${port}`, address: "127.0.0.1", port })),
                })),
            });
        const keys = Array.from({ length: 100 }, (_, index) => index + 1);
        const places = async () => {
            const paths = keys.map((key) => `http://127.0.0.1:8080/${key}`);
            const byUri = (await bench.inside(["curl", "--silent", ...paths])).stdout.trim().split("\n");
            const sources = keys.map((key) => `curl -s --interface 127.0.3.${key} http://127.0.0.1:8081/`).join("; ");
            const bySource = (await bench.inside(["sh", "-c", sources])).stdout.trim().split("\n");
            return { byUri, bySource };
        };
        const all = [20000, 20001, 20002, 20003, 20004];
        await deployed(config(all));
        const before = await places();
        await deployed(config(all.filter((port) => port !== 20002)));
        const after = await places();
        for (const by of ["byUri", "bySource"] as const) {
            assert.equal(before[by].length, keys.length);
            assert.equal(new Set(before[by]).size, all.length);
            const moved = before[by].filter((server, key) => server !== "20002" && server !== after[by][key]);
            assert.deepEqual(moved, [], by);
        }
    });

    it("a drain that does not end is bounded, and tells what is cut", async () => {
        await deployed(bench.config([`${MACHINE}:20005`]));
        const release = bench.hold();
        await bench.holds("web-20005", 1);
        const begin = Date.now();
        const drained = await bench.inside(["sh", "-c", drainScript(bench.place, MACHINE, 2)]);
        const took = Date.now() - begin;
        assert.equal(drained.code, 0, drained.stderr);
        assert.match(drained.stdout, /^after 2 s these connections are cut: web\/web-20005 has 1$/m);
        assert.ok(took >= 1000 && took < 5000, `${took} ms`);
        await release();
        assert.equal((await bench.inside(["sh", "-c", serveScript(bench.place, MACHINE, 10)])).code, 0);
    });

    it("an old process that does not end holds a deployment up no longer than it may, which is told", async () => {
        const release = bench.hold();
        await bench.holds("web-20005", 1);
        const { stdout, stderr } = await deployed(bench.config([20000, 20001]), (script) =>
            script.replaceAll("$((HARD_STOP + 10))", "3"),
        );
        assert.match(stderr, /^an old HAProxy process is still there after 3 s$/m);
        assert.match(stdout, /runs$/m);
        assert.deepEqual(new Set(await bench.ask(4)), new Set(["20000", "20001"]));
        await release();
    });

    it("10,000 servers are checked in 2 s and loaded in 3 s by a process of 150 MB", async () => {
        const config = (count: number) =>
            renderHaproxyConfig({
                socket: socketPath(bench.directory),
                // A connection takes two files and a server one, and this process may not have many.
                maxConnections: 2000,
                frontends: [{ name: "lb", bind: ["127.0.0.1:8080"], defaultBackend: "web" }],
                backends: [
                    {
                        name: "web",
                        servers: Array.from({ length: count }, (_, index) => ({
                            name: `web-${index}`,
                            address: `127.7.${index >> 8}.${index & 255}`,
                            port: 20_000,
                        })),
                    },
                ],
            });
        const stamp = (name: string) => `echo "${name} $(date +%s%N)"`;
        const timed = (script: string) =>
            [
                ["haproxy -dW", "check"],
                ["# ADDRESS:PORT of what it listens on", "checked"],
                ["elif ! is_running; then", ""],
                ['# In "show stat": 1', "loaded"],
            ].reduce((text, [line = "", name = ""]) => (name ? insertBefore(text, line, stamp(name)) : text), script);
        const deploy = deployScript(bench.place, 20, { backends: [] });
        const begun = await bench.inside(["sh", "-c", deploy], config(9_999));
        assert.equal(begun.code, 0, begun.stderr);
        const next = config(10_000);
        const script = instead(
            timed(deploy),
            "    # HAProxy 2.6 loses",
            `    ${stamp("load")}\n    # HAProxy 2.6 loses`,
        );
        const { code, stdout, stderr } = await bench.inside(["sh", "-c", script], next);
        assert.equal(code, 0, stderr);
        await bench.runs(next);
        const at = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(stdout)?.[1]) / 1e9;
        const pid = /^Pid: (\d+)$/m.exec(await bench.socket("admin", "show info"))?.[1];
        const memory = Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1000;
        const [check, load] = [at("checked") - at("check"), at("loaded") - at("load")];
        console.log(`      checked in ${check.toFixed(2)} s, loaded in ${load.toFixed(2)} s, ${Math.round(memory)} MB`);
        // Three times what is wanted: others may run beside.
        assert.ok(check < 6 && load < 9 && memory < 150, hashOf(next));
        // What so many checks take is not the next test's to bear.
        assert.equal((await bench.deploy(bench.config([20000]))).code, 0);
    });

    it("the same configuration is not loaded again", async () => {
        const before = await bench.master();
        await deployed(bench.config([20000]));
        assert.deepEqual(await bench.master(), before);
        assert.equal(await ask("http://127.0.0.1:8080/"), "20000");
    });
});
