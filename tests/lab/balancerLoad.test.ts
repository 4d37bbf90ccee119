import assert from "node:assert/strict";
import type { HaproxySpec } from "../../lib/balancer/haproxySpec";
import { secretFile } from "../../lib/balancer/places";
import { certificateFile, secretLines, secretScript } from "../../lib/balancer/secretScripts";
import { drainScript, serveScript } from "../../lib/balancer/serviceScripts";
import type { Background } from "../support/background";
import { BalancerBench } from "../support/balancerBench";
import { type Made, makeCertificate } from "../support/certificates";
import { type CaseResult, caseWords, type Load } from "../support/load";
import { needPrograms } from "../support/programs";

/** What each case has to stand. */
const REQUESTS = 50_000;
const MACHINE = "127.0.0.2";
/** Requests that may fail in four deaths of servers, as measured for these options. */
const LOST_OF_FOUR_DEATHS = 19;

// One load for all; each case begins with what the one before has left.
describe("the balancer under load, with the real HAProxy", () => {
    const bench = new BalancerBench();
    let load: Load;
    let stopMachine = async () => {};
    let stopAdded = async () => {};

    before(async () => {
        await needPrograms("haproxy", "socat", "curl", "ip", "ss", "openssl");
        await bench.open();
        await bench.serve(20000, 20001);
        await deploy([20000, 20001]);
        load = await bench.clients({ port: 8080 });
    });
    after(() => bench.close());

    async function deploy(...args: Parameters<BalancerBench["config"]>): Promise<void> {
        const { code, stderr } = await bench.deploy(bench.config(...args));
        assert.equal(code, 0, stderr);
    }

    async function underLoad(work: () => Promise<unknown>, clients = load): Promise<CaseResult> {
        const result = await clients.during(REQUESTS, work);
        console.log(`      ${caseWords(result)}`);
        assert.ok(result.sent >= REQUESTS && result.fresh >= 1000 && result.posts >= 1000, caseWords(result));
        return result;
    }

    async function losesNothing(work: () => Promise<unknown>, clients = load): Promise<CaseResult> {
        const result = await underLoad(work, clients);
        assert.deepEqual(result.failures.slice(0, 5), []);
        return result;
    }

    it("20 reloads", () =>
        losesNothing(async () => {
            const before = await bench.master();
            for (let count = 1; count <= 20; count++) {
                await deploy([20000, 20001], [8080], { maxConnections: 8000 - count });
            }
            const { pid, reloads } = await bench.master();
            assert.deepEqual({ pid, reloads }, { pid: before.pid, reloads: before.reloads + 20 });
        }));

    it("a backend's server is added", async () => {
        const { answers } = await losesNothing(async () => {
            stopAdded = await bench.serve(20002);
            stopMachine = await bench.serve(`${MACHINE}:20003`);
            await deploy([20000, 20001, 20002, `${MACHINE}:20003`]);
        });
        assert.ok((answers[20002] ?? 0) > 1000, JSON.stringify(answers));
    });

    it("a backend's server is removed, and then stopped", () =>
        losesNothing(async () => {
            await deploy([20000, 20001, `${MACHINE}:20003`]);
            await stopAdded();
        }));

    it("a machine's servers are drained, stopped, started and served again", async () => {
        const { answers } = await losesNothing(async () => {
            const drained = await bench.inside(["sh", "-c", drainScript(bench.place, MACHINE, 10)]);
            assert.match(drained.stdout, /^127\.0\.0\.2 serves no more requests$/m, drained.stderr);
            await stopMachine();
            stopMachine = await bench.serve(`${MACHINE}:20003`);
            const served = await bench.inside(["sh", "-c", serveScript(bench.place, MACHINE, 15)]);
            assert.match(served.stdout, /is in service: web\/web-20003$/m, served.stderr);
        });
        assert.ok((answers[20003] ?? 0) > 1000, JSON.stringify(answers));
    });

    it("a wrong configuration is refused: bad syntax, a missing certificate, an occupied port, servers that do not answer", async () => {
        const stop = await bench.serve(8081);
        const now = bench.config([20000, 20001]);
        assert.equal((await bench.deploy(now)).code, 0);
        const missing: Partial<HaproxySpec> = {
            frontends: [
                {
                    name: "lb",
                    bind: ["127.0.0.1:8080", { address: "127.0.0.1:8443", tls: true }],
                    certificates: [secretFile(bench.directory, "missing.pem")],
                    defaultBackend: "web",
                },
            ],
        };
        const wrong: readonly (readonly [RegExp, string])[] = [
            [/unknown keyword 'bogus'[\s\S]*the old one serves on/, `${now}    bogus keyword\n`],
            [/missing\.pem[\s\S]*the old one serves on/, bench.config([20000], [8080], missing)],
            [/port 8081 is in use .*; the old configuration serves on/, bench.config([20000], [8080, 8081])],
            [/cannot reach these servers: web\/web-29999 /, bench.config([20000, 20001, 29999])],
        ];
        await losesNothing(async () => {
            for (const [why, config] of wrong) {
                const { code, stderr } = await bench.deploy(config);
                assert.equal(code, 1, stderr);
                assert.match(stderr, why);
                await bench.runs(now);
            }
        });
        await stop();
    });

    it("a certificate is renewed, for clients of TLS", async () => {
        const certificates = [await makeCertificate("www.example.org"), await makeCertificate("www.example.org")];
        const give = async (made: Made) => {
            const file = certificateFile(made.certificate, made.key);
            const written = await bench.inside(["sh", "-c", secretScript(bench.place)], secretLines([file]));
            assert.equal(written.code, 0, written.stderr);
            const bind = ["127.0.0.1:8080", { address: "127.0.0.1:8443", tls: true }];
            const paths = [secretFile(bench.directory, file.name)];
            await deploy([20000, 20001], [8080], {
                frontends: [{ name: "lb", bind, certificates: paths, defaultBackend: "web" }],
            });
        };
        const [first, renewed] = certificates;
        assert.ok(first && renewed);
        await load.end();
        await give(first);
        // A new connection costs ten times as much here.
        const clients = await bench.clients({ port: 8443, tls: true, keepAlive: 11, fresh: 1 });
        await losesNothing(() => give(renewed), clients);
        await clients.end();
        const asked = ["openssl", "s_client", "-connect", "127.0.0.1:8443"];
        const { stdout } = await bench.inside(asked, "");
        assert.ok(stdout.includes(renewed.certificate.trim()), stdout);
    });

    it("servers are killed four times: no more fail than was measured, and no POST is done twice", async () => {
        const clients = await bench.clients({ port: 8080 });
        const victims: Background[] = [await bench.server(20004), await bench.server(20005)];
        await deploy([20000, 20001, 20004, 20005]);
        const found: number[] = [];
        const { failures, failed } = await underLoad(async () => {
            for (const index of [0, 1, 0, 1]) {
                const name = `web-${20004 + index}`;
                await victims[index]?.end("SIGKILL");
                found.push(await bench.sees(name, "DOWN"));
                victims[index] = await bench.server(20004 + index);
                await bench.sees(name, "UP");
            }
        }, clients);
        console.log(`      found down after ${found.join(", ")} ms`);
        assert.ok(failures.length <= LOST_OF_FOUR_DEATHS, failures.join("\n"));
        assert.ok(
            failures.every((failure) => failure.startsWith("POST")),
            failures.join("\n"),
        );
        assert.ok(Math.max(...found) < 2000, found.join());
        assert.ok(
            failed.every(({ from, to }) => to - from < 5000),
            JSON.stringify(failed),
        );
        await clients.end();
        assert.deepEqual(bench.doneTwice(), []);
    });
});
