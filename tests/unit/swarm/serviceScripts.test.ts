import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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
});
