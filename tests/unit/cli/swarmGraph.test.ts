import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { analyseSwarm } from "../../../lib/graph";
import { projectDir } from "../../../tools/paths";
import { runCli } from "../../support/cli";
import { assertGolden } from "../../support/golden";

const file = join(projectDir, "examples", "problems", "swarm.json");
const stdin = (swarm: unknown) => ({ stdin: JSON.stringify(swarm) });

describe("fusion graph of a swarm", () => {
    it("tells people the worst case, and ends with 1 when one host's loss may stop a service", async () => {
        const { code, out, err } = await runCli(["graph", file]);
        assert.deepEqual({ code, err }, { code: 1, err: "" });
        assertGolden("cli/graph-swarm.txt", out);
        const told = readFileSync(join(projectDir, "docs", "cli.md"), "utf8");
        const shown = /\$ fusion graph examples\/problems\/swarm\.json\n(.*?)```/s.exec(told)?.[1] ?? "";
        const parts = shown.split("...\n").filter((part) => part !== "");
        assert.ok(parts.length > 1 && parts.every((part) => out.includes(part)), shown);
    });

    it("prints exactly the report as JSON", async () => {
        const { code, out } = await runCli(["graph", "--json", file]);
        assert.equal(code, 1);
        assert.deepEqual(
            JSON.parse(out),
            JSON.parse(JSON.stringify(analyseSwarm(JSON.parse(readFileSync(file, "utf8"))))),
        );
    });

    it("ends with 0 where nothing stops, and lists all only when asked", async () => {
        const nodes = [{ name: "n0" }, { name: "n1" }];
        const services = Array.from({ length: 30 }, (_, i) => ({ name: `s${i}`, replicas: 2, maxPerNode: 1 }));
        const { code, out } = await runCli(["graph", "-"], stdin({ nodes, services }));
        assert.equal(code, 0);
        assert.match(out, /^30 services on a swarm: nothing that one host's loss stops\n/);
        assert.match(out, / {2}and 5 services more; --all lists them\n/);
        const all = await runCli(["graph", "--all", "-"], stdin({ nodes, services }));
        assert.match(all.out, /\n {2}s9 +2 +1 +1 +1 +any 1 {2}n0 and n1\n/);
    });

    it("says what is wrong with the file, and that there is no picture", async () => {
        const nodes = [{ name: "n0" }];
        const wrong = await runCli(["graph", "-"], stdin({ nodes, services: [{ name: "s", replicas: 1.5 }] }));
        assert.equal(wrong.code, 2);
        assert.match(
            wrong.err,
            /standard input: services\[0\]\.replicas: must be a whole number .* got 1\.5; give how many/,
        );
        const none = await runCli(["graph", "-"], stdin({ nodes: 1, services: [] }));
        assert.match(none.err, /standard input: nodes: must be a list, got 1/);
        for (const options of [["--mermaid"], ["--svg", "x.svg"]]) {
            const drawn = await runCli(["graph", file, ...options]);
            assert.equal(drawn.code, 2);
            assert.match(drawn.err, /a swarm has no one placement to draw; leave it out/);
        }
    });
});
