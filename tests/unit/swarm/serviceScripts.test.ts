import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forgetScript } from "../../../lib/balancer/forgetScript";
import { serversScript } from "../../../lib/balancer/serversScript";
import { followScript } from "../../../lib/swarm/followScript";
import { serviceHealth } from "../../../lib/swarm/serviceHealth";
import { onManager, stopScript, waitScript } from "../../../lib/swarm/serviceScripts";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";
import { StubMachine } from "../../support/stubs";

const managers = [{ address: "10.77.0.11", user: "fusion" }, { address: "10.77.0.12" }];
const place = {
    directory: "/var/lib/fusion/lb",
    owner: "shop/dev/lb",
    unit: "fusion-haproxy-lb-0123",
    lockSeconds: 1800,
};
const awaited = {
    ...{ tries: 1, pace: "--update-order start-first --update-parallelism 2", stopSeconds: 30 },
    ...{ service: "web", version: "9f6ff36e", attempt: 0, replicas: 2, isGlobal: false },
    ...{
        rollsBack: true,
        limitSeconds: 300,
        constraints: ["node.labels.row!=row 4", "node.labels.zone==a"],
        nodes: ["h1", "h2"],
    },
};
const brought = { version: "9f6ff36e", turn: 1, attempt: 2, mixed: false } as const;
const follow = followScript(managers, { name: "web", limitSeconds: 600, more: "[2]" }, brought);

describe("scripts for a service of a swarm", () => {
    for (const [name, text] of [
        ["wait.sh", onManager(managers, "wait for web", waitScript(awaited))],
        ["stop.sh", stopScript("web", 30)],
        ["follow.sh", follow],
        ["forget.sh", forgetScript(place, "web", [{ name: "web-h1-b", vm: "h1", turn: 1 }])],
    ] as const) {
        it(`are as in tests/golden: ${name}`, async () => {
            assertGolden(`swarm/${name}`, text);
            assert.deepEqual((await run("sh", ["-n"], { input: text })).stderr, "");
        });
    }

    describe("that ask managers", () => {
        const ask = async (answers: Record<string, string>) => {
            const cases = Object.entries(answers).map(([address, answer]) => `*${address}*) ${answer} ;;`);
            const machine = new StubMachine({
                ssh: `case "$*" in ${cases.join(" ")} esac`,
                sleep: "exit 0",
            });
            try {
                return await machine.run(onManager(managers, "wait for web", "true"));
            } finally {
                machine.dispose();
            }
        };

        it("take the first that answers", async () => {
            const { code, stdout } = await ask({ "0.11": "echo one; exit 75", "0.12": "echo web runs" });
            assert.deepEqual([code, stdout], [0, "web runs\n"]);
        });

        it("fail as the first that has found a fault", async () => {
            const { code, stderr } = await ask({ "0.11": "echo failed; exit 1", "0.12": "echo web runs" });
            assert.deepEqual([code, stderr], [1, "failed\n"]);
        });

        it("say what each has answered where none is a manager", async () => {
            const { code, stderr } = await ask({ "0.11": "echo away; exit 255", "0.12": "echo none; exit 75" });
            assert.equal(code, 1);
            assert.match(
                stderr,
                /no manager of the swarm answers, .* to wait for web:\n {2}10\.77\.0\.11: away\n {2}10\.77\.0\.12: none/,
            );
        });
    });

    describe("that tell which tasks are about to stop", () => {
        const told = async (list: string) => {
            const machine = new StubMachine({
                ssh: "sh",
                sleep: "exit 0",
                date: 'now=$(cat "$BIN/now" 2>/dev/null || echo 100); echo $((now + 5)) >"$BIN/now"; echo "$now"',
                docker: `case "$*" in
                    "node ls"*) ${list} ;;
                    "node inspect"*) echo "n1 h1"; echo "n2 h2" ;;
                    "service ps"*) [ -e "$BIN/told" ] || { touch "$BIN/told"; echo "t1|Shutdown|Running 5 seconds ago"; } ;;
                    "inspect --type task"*FUSION_TURN*) echo "n2 0"; echo "n9 1"; echo n1 ;;
                    "service inspect"*) echo "9f6ff36e-1-2 completed 7" ;;
                esac`,
            });
            try {
                const { code, stdout, stderr } = await machine.run(follow);
                return [code, stdout.split("\n").filter(Boolean), stderr];
            } finally {
                machine.dispose();
            }
        };

        it("say the host and the turn that each has, whatever the version is that comes", async () =>
            assert.deepEqual(await told("echo n1; echo n2"), [0, ["h2 0"], ""]));

        it("ask the next manager where the first one's Docker does not answer", async () =>
            assert.deepEqual(await told('[ -e "$BIN/asked" ] || { touch "$BIN/asked"; exit 1; }; echo n1'), [
                ...[0, ["h2 0"], ""],
            ]));
    });

    it("have a running balancer know further servers, and change nothing where it knows all", async () => {
        const folder = mkdtempSync(join(tmpdir(), "fusion-"));
        try {
            const config = join(folder, "haproxy.cfg");
            const before =
                'global\n    description "fusion-0"\n\nbackend api\n    server web-h2 10.0.0.9:1\n\nbackend web\n    balance roundrobin\n    server web-0 10.0.0.1:20000 id 1\n    server web-h1 10.0.0.1:30000 id 2\n\nfrontend metrics\n    bind 10.0.0.1:9\n';
            writeFileSync(config, before);
            const [body = ""] = /new_config\(\) \{\n[\s\S]*?\n\}\n/.exec(serversScript(place, "web", 90)) ?? [];
            const lines =
                "retries 6\nserver web-h1 10.0.0.1:30000 id 2 rise 2\nserver web-h2 10.0.0.2:30000 id 3 rise 2\n";
            const merge = async (input: string) => {
                const { code, stderr } = await run(
                    "sh",
                    ["-euc", `config=${config} BACKEND=web\n${body}\nnew_config`],
                    { input },
                );
                assert.deepEqual([code, stderr], [0, ""]);
                return readFileSync(`${config}.new`, "utf8");
            };
            const after = await merge(lines);
            const added = "    retries 6\n    server web-h2 10.0.0.2:30000 id 3 rise 2\n";
            const expected = before.replace("    server web-h1 10.0.0.1:30000 id 2\n", (line) => line + added);
            const rest = (text: string) => text.replace(/description ".*"/, "");
            assert.equal(rest(after), rest(expected));
            writeFileSync(config, after);
            assert.equal(rest(await merge(lines)), rest(after));
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("check health as a shell understands, with what the image has", async () => {
        const ports = [{ container: 80, host: undefined, protocol: "tcp" as const }];
        for (const healthCheck of [{ http: { path: "/it's?a=1&b" } }, { tcp: {} }]) {
            const [kind, text = ""] = serviceHealth({ ports, healthCheck }, 5)?.tests ?? [];
            assert.equal(kind, "CMD-SHELL");
            assert.deepEqual((await run("sh", ["-n"], { input: text })).stderr, "");
        }
    });

    it("check health by bash where the image has nothing else, as that of httpd", async () => {
        const answers = { "/": 200, "/down": 503 };
        const server = createServer(({ url = "" }, response) => {
            response.statusCode = Object.entries(answers).find(([path]) => path === url)?.[1] ?? 404;
            response.end("page");
        });
        await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
        const folder = mkdtempSync(join(tmpdir(), "fusion-"));
        try {
            symlinkSync("/bin/bash", join(folder, "bash"));
            const address = server.address();
            const container = typeof address === "object" ? (address?.port ?? 0) : 0;
            const check = async (path: string, port = container) => {
                const ports = [{ container: port, host: undefined, protocol: "tcp" as const }];
                const [, text = ""] = serviceHealth({ ports, healthCheck: { http: { path } } }, 5)?.tests ?? [];
                const env = { PATH: folder };
                const { code, stdout } = await run("/bin/sh", ["-c", text], { env, allowFailure: true });
                return `${code} ${stdout.trim()}`;
            };
            assert.equal(await check("/"), "0 ");
            assert.match(await check("/down"), /^1 HTTP\/1\.1 503 /);
            server.close();
            server.closeAllConnections();
            assert.match(await check("/"), /^1 no answer: .*refused/);
        } finally {
            server.close();
            rmSync(folder, { recursive: true });
        }
    });
});
