import assert from "node:assert/strict";
import { createServer } from "node:http";
import { join } from "node:path";
import { type HealthTarget, healthScript } from "../../../lib/containers/healthScript";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";
import { StubMachine } from "../../support/stubs";

const target = (replica: string, vm: string, probe?: HealthTarget["probe"]): HealthTarget => ({
    replica,
    container: `${replica}-0123`,
    vm,
    ssh: { address: vm === "vm1" ? "10.77.0.11" : "10.77.0.12", user: "fusion" },
    ...(probe && { probe }),
});

describe("waiting for containers", () => {
    it("is the script in tests/golden", () =>
        assertGolden(
            "containers/healthy.sh",
            healthScript(
                [
                    target("web-0", "vm1", { kind: "http", address: "10.77.0.11", port: 20000, path: "/it's?a=1&b" }),
                    target("web-1", "vm2", { kind: "tcp", address: "10.77.0.12", port: 20000, path: "/" }),
                    target("web-2", "vm1"),
                ],
                300,
            ),
        ));

    it("is a script that a shell understands, whatever the path is", async () => {
        const probe = { kind: "http", address: "10.77.0.11", port: 20000, path: `/'"$(reboot)\`\\` } as const;
        const { code, stderr } = await run("sh", ["-n"], { input: healthScript([target("web-0", "vm1", probe)], 1) });
        assert.deepEqual([code, stderr], [0, ""]);
    });

    it("opens one connection a host", () => {
        const text = healthScript([target("web-0", "vm1"), target("web-1", "vm1"), target("web-2", "vm2")], 1);
        assert.equal(text.match(/ssh -o BatchMode/g)?.length, 2);
    });

    describe("on a host without curl", () => {
        const elsewhere = (name: string) => `PATH=/usr/bin:/bin exec ${name} "$@"`;
        const base = {
            docker: 'case $1 in inspect) case "$*" in *Running*) echo true ;; *) echo 0 ;; esac ;; esac',
            ssh: 'for last; do :; done; exec sh -c "$last"',
            ...{ date: elsewhere("date"), sleep: elsewhere("sleep") },
        };
        const tools = { wget: elsewhere("wget"), python3: elsewhere("python3") };
        const server = createServer(({ url }, response) => {
            response.writeHead(Number(url?.slice(1)), { location: "/200" }).end();
        });
        before(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
        after(() => server.close());

        /** Asks whether a container runs that has ended so often at each look, and runs from some look on. */
        async function ends(counts: readonly number[], runsAt: number, startPeriod: number, timeout: number) {
            const looks = 'n=$(($(cat "$BIN/looks" 2>/dev/null || echo 0)';
            const machine = new StubMachine({
                ...base,
                sleep: "exec /bin/sleep 0.5",
                docker: `case "$*" in
                    *Running*) ${looks} + 1)); echo $n >"$BIN/looks"; [ $n -ge ${runsAt} ] && echo true || echo false ;;
                    *Restart*) ${looks})); set -- ${counts.join(" ")}; while [ $n -gt 1 ] && [ $# -gt 1 ]; do shift; n=$((n - 1)); done; echo $1 ;;
                esac`,
            });
            try {
                return await run("/bin/sh", ["-s"], {
                    input: healthScript([target("web-0", "vm1")], timeout, startPeriod),
                    env: { PATH: join(machine.dir, "bin") },
                    allowFailure: true,
                });
            } finally {
                machine.dispose();
            }
        }

        it("forgives ends within the start period, and counts those after it", async () => {
            const healthy = await ends([3], 6, 1, 30);
            assert.equal(healthy.code, 0, healthy.stdout);
            const again = await ends([2, 2, 2, 3, 4, 5], 100, 1, 30);
            assert.equal(again.code, 1);
            assert.match(again.stdout, /not healthy on vm1 after its start: it has ended [3] times: asked running/);
            const silent = await ends([0], 100, 1, 1);
            assert.match(silent.stdout, /not healthy on vm1 after [23] s: asked running whether it runs, answer: the/);
        });

        type Asked = { kind?: "http" | "tcp"; path?: string; port?: number };
        async function ask(programs: Record<string, string>, { kind = "http", path = "/200", port }: Asked) {
            const at = server.address();
            const open = typeof at === "object" ? at?.port : undefined;
            const probe = { kind, address: "127.0.0.1", port: port ?? open ?? 0, path };
            const machine = new StubMachine({ ...base, ...programs });
            try {
                return await run("/bin/sh", ["-s"], {
                    input: healthScript([target("web-0", "vm1", probe)], 1),
                    env: { PATH: join(machine.dir, "bin") },
                    allowFailure: true,
                });
            } finally {
                machine.dispose();
            }
        }

        for (const [name, program] of Object.entries(tools)) {
            const only = { [name]: program };
            it(`${name} asks, and tells the answer`, async () => {
                assert.match((await ask(only, {})).stdout, /^web-0 is healthy on vm1$/m);
                const wrong = await ask(only, { path: "/503" });
                assert.equal(wrong.code, 1);
                assert.match(wrong.stdout, /web-0 is not healthy on vm1 after \d s: asked http .*answer: .*503/);
                assert.equal((await ask(only, { path: "/302" })).code, 1, "a redirect");
                assert.match((await ask(only, { port: 1 })).stdout, /answer: (.|\n)*refused/);
            });
        }

        it("a connection is asked for by nc, or by Python where there is none", async () => {
            assert.equal((await ask({ python3: tools.python3 }, { kind: "tcp" })).code, 0);
            assert.match((await ask({ python3: tools.python3 }, { kind: "tcp", port: 1 })).stdout, /answer: .*refused/);
            // As OpenBSD's, which says nothing without -v.
            const nc = 'case $1 in -*v*) echo "nc says no" ;; esac; exit 1';
            assert.match((await ask({ nc }, { kind: "tcp" })).stdout, /answer: nc says no/);
        });
    });

    it("has nothing to do without containers", async () => {
        assert.equal((await run("sh", ["-s"], { input: healthScript([], 1) })).code, 0);
    });
});
