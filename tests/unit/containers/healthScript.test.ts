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
            const nc = 'echo "nc says no"; exit 1';
            assert.match((await ask({ nc }, { kind: "tcp" })).stdout, /answer: nc says no/);
        });
    });

    it("has nothing to do without containers", async () => {
        assert.equal((await run("sh", ["-s"], { input: healthScript([], 1) })).code, 0);
    });
});
