import assert from "node:assert/strict";
import { newerHaproxy } from "../../tools/lab/newer-haproxy";
import { BalancerBench, insertBefore, instead } from "../support/balancerBench";
import { caseWords } from "../support/load";
import { needPrograms } from "../support/programs";

const REQUESTS = 50_000;
/** Clients of both kinds, late answers, and clients that sit on a connection for a while. */
const IDLE = [700, 1500, 2000, 2300, 2600, 2900, 3200, 3500, 3800];
const MIX = { port: 8080, keepAlive: 5, fresh: 5, slow: 2, idle: IDLE };

for (const { version, folder } of [
    { version: /^2\.6\./, folder: async () => undefined },
    { version: /^([3-9]|2\.[89])\./, folder: newerHaproxy },
]) {
    describe(`servers replaced under load, with the real HAProxy ${version.source}`, () => {
        const bench = new BalancerBench();
        let stopOld = async () => {};
        let port = 20000;

        before(async () => {
            await needPrograms("haproxy", "socat", "curl", "ip", "ss");
            bench.haproxy = await folder();
            await bench.open();
            stopOld = await bench.serve(port, port + 1, port + 2);
            const { code, stderr } = await bench.deploy(bench.config([port, port + 1, port + 2]));
            assert.equal(code, 0, stderr);
        });
        after(() => bench.close());

        async function replace(change?: (script: string) => string): Promise<void> {
            port += 10;
            const ports = [port, port + 1, port + 2];
            const stopNew = await bench.serve(...ports);
            const { code, stderr } = await bench.deploy(bench.config(ports), change);
            assert.equal(code, 0, stderr);
            await stopOld();
            stopOld = stopNew;
        }

        it("is the version that runs", async () => {
            assert.match(/^Version: (.*)$/m.exec(await bench.socket("admin", "show info"))?.[1] ?? "", version);
        });

        it("all of them, five times: no request fails", async () => {
            const load = await bench.clients(MIX);
            const result = await load.during(REQUESTS, async () => {
                for (let cycle = 0; cycle < 5; cycle++) await replace();
            });
            console.log(`      ${caseWords(result)}`);
            assert.deepEqual(result.failures.slice(0, 5), []);
            const { failures, answers } = await load.end();
            assert.deepEqual(failures.slice(0, 5), []);
            assert.deepEqual(
                [20010, 20021, 20032, 20040, 20051].filter((one) => answers[one] === undefined),
                [],
            );
            assert.deepEqual(bench.doneTwice(), []);
        });

        it("a reload that follows another by 20 ms is done: the last configuration runs", async () => {
            const ports = [port, port + 1, port + 2];
            for (const count of [1, 2]) {
                const config = bench.config(ports, [8080], { maxConnections: 8000 - count });
                const { code, stderr } = await bench.deploy(config, (script) =>
                    insertBefore(script, 'mv "$config.new" "$config"', 'kill -USR2 "$pid"; sleep 0.02'),
                );
                assert.equal(code, 0, stderr);
                await bench.runs(config);
            }
        });

        it("without waiting for the old process fails some: the case above can fail", async () => {
            const load = await bench.clients(MIX);
            await load.during(1000, () =>
                replace((script) =>
                    instead(script, "if await $((HARD_STOP + 10)) no_old_worker; then", "if true; then"),
                ),
            );
            // Those who sit on the old process ask it for something at the end.
            const result = await load.end();
            console.log(`      ${caseWords(result)}`);
            assert.ok(result.failures.length > 0);
        });
    });
}
