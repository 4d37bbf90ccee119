import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { analyse } from "../../../lib/graph";
import { drawGraph, drawMoves, mermaidGraph } from "../../../lib/pictures";
import { explain, type PlacementProblem, place } from "../../../lib/placement";
import { projectDir } from "../../../tools/paths";
import { runCli } from "../../support/cli";
import { assertGolden } from "../../support/golden";

const file = (name: string) => join(projectDir, "examples", "problems", name);
const problem: PlacementProblem = JSON.parse(readFileSync(file("3-vms.json"), "utf8"));
/** Two replicas that must not share a host, and one host. */
const impossible = {
    hosts: [{ name: "vm1", capacity: { cpu: 4000 }, labels: { zone: "a" } }],
    services: [{ name: "web", replicas: 2, demand: { cpu: 1000 }, antiAffinity: { with: ["web"] } }],
};

describe("fusion place", () => {
    it("tells people where everything runs", async () => {
        const { code, out, err } = await runCli(["place", file("3-vms.json")]);
        assert.deepEqual({ code, err }, { code: 0, err: "" });
        assertGolden("cli/place-3.txt", out);
        const many = await runCli(["place", file("300-vms.json")]);
        assert.equal(many.code, 0);
        const lines = many.out.split("\n");
        assert.ok(lines.length < 15 && lines.every((line) => line.length <= 100), many.out);
        const all = await runCli(["place", "--all", file("300-vms.json")]);
        assert.ok(all.out.split("\n").length > 300);
    });

    it("prints exactly the answer as JSON", async () => {
        const { code, out } = await runCli(["place", "--json", file("3-vms.json")]);
        assert.equal(code, 0);
        assert.deepEqual(JSON.parse(out), place(problem));
        const read = await runCli(["place", "-", "--json"], { stdin: readFileSync(file("3-vms.json"), "utf8") });
        assert.equal(read.out, out);
    });

    it("places nothing where there are no services", async () => {
        const { code, out } = await runCli(["place", "-"], { stdin: '{"hosts":[{"name":"vm1"}]}' });
        assert.equal(code, 0);
        assert.match(out, /^0 of 0 replicas placed on 0 of 1 host/);
    });

    it("explains one replica, as text and as JSON", async () => {
        const { code, out, err } = await runCli(["place", file("3-vms.json"), "--explain", "web-0"]);
        assert.deepEqual({ code, err }, { code: 0, err: "" });
        assertGolden("cli/explain-3.txt", out);
        assert.ok(readFileSync(join(projectDir, "docs", "cli.md"), "utf8").includes(`--explain web-0\n${out}`));
        const json = await runCli(["place", file("3-vms.json"), "--explain", "web-0", "--json"]);
        assert.deepEqual(JSON.parse(json.out), { replica: "web-0", ...explain(problem, place(problem), "web-0") });
        const many = await runCli(["place", file("300-vms.json"), "--explain", "web-0"]);
        assert.ok(many.out.split("\n").length < 40, many.out);
        const none = await runCli(["place", file("3-vms.json"), "--explain", "web-9"]);
        assert.equal(none.code, 2);
        assert.match(none.err, /replica: there is no replica "web-9"; there is api-0/);
        const drawn = await runCli(["place", file("3-vms.json"), "--explain", "web-0", "--mermaid"]);
        assert.match(drawn.err, /call it without pictures/);
    });

    it("ends with 1 and tells why when a replica fits nowhere", async () => {
        const { code, out } = await runCli(["place", "-"], { stdin: JSON.stringify(impossible) });
        assert.equal(code, 1);
        assertGolden("cli/place-unplaced.txt", out);
    });

    it("takes an earlier answer, the objective and the effort from the command line", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-cli-"));
        try {
            const before = place(problem);
            const hosts = problem.hosts.filter(({ name }) => name !== "vm2");
            const services = problem.services.filter(({ name }) => name !== "api" && name !== "db");
            const kept = services.map(({ dependsOn: _, ...service }) => ({ ...service, spreadOver: undefined }));
            const rest: PlacementProblem = { hosts, services: kept };
            writeFileSync(join(dir, "before.json"), JSON.stringify(before));
            writeFileSync(join(dir, "rest.json"), JSON.stringify(rest));
            const args = ["place", join(dir, "rest.json"), "--previous", join(dir, "before.json")];
            const after = place({ ...rest, previous: before.assignment });
            assert.ok(after.moves > 0);
            const drawn = await runCli([...args, "--svg", "-", "--picture", "moves"]);
            assert.equal(
                drawn.out,
                drawMoves({ ...rest, assignment: after.assignment, previous: before.assignment }, after.moved),
            );
            assert.match((await runCli(args)).out, /web-\d {2}vm2 {2}→ {2}vm[13] {2}vm2 is gone/);
            const other = await runCli([...args, "--objective=binpack", "--effort", "good", "--json"]);
            const expected = place({ ...rest, previous: before.assignment, objective: "binpack", effort: "good" });
            assert.deepEqual(JSON.parse(other.out), expected);
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });

    it("writes pictures, and Mermaid text", async () => {
        const dir = mkdtempSync(join(tmpdir(), "fusion-cli-"));
        try {
            const input = { ...problem, assignment: place(problem).assignment };
            const { err, out } = await runCli([
                "place",
                file("3-vms.json"),
                "--mermaid",
                "--svg",
                join(dir, "new", "all"),
            ]);
            assert.equal(out, mermaidGraph(input));
            assertGolden("cli/graph-3.mmd", out);
            assert.deepEqual(readdirSync(join(dir, "new", "all")), ["graph.svg", "load.svg"]);
            assert.match(err, /^wrote .*graph\.svg\nwrote .*load\.svg\n$/);
            const one = await runCli(["place", file("3-vms.json"), "--svg", join(dir, "one.svg"), "--json"]);
            assert.deepEqual(JSON.parse(one.out), place(problem));
            assert.equal(readFileSync(join(dir, "one.svg"), "utf8"), drawGraph(input));
            const kinds = await runCli(["place", file("30-vms.json"), "--svg", "-", "--group-by", "kind"]);
            assert.match(kinds.out, />kind large</);
        } finally {
            rmSync(dir, { recursive: true, force: true });
        }
    });

    it("shows colours only when asked", async () => {
        const [plain, coloured] = [
            await runCli(["place", file("3-vms.json")]),
            await runCli(["place", file("3-vms.json")], { colour: true }),
        ];
        assert.ok(!plain.out.includes("\u001b"));
        assert.ok(coloured.out.includes("\u001b[32m"));
    });
});

describe("fusion graph", () => {
    it("tells people what a loss would cost, and ends with 1 when one host stops a service", async () => {
        const { code, out, err } = await runCli(["graph", file("3-vms.json")]);
        assert.deepEqual({ code, err }, { code: 1, err: "" });
        assertGolden("cli/graph-3.txt", out);
    });

    it("ends with 0 when no single host stops anything", async () => {
        assert.equal((await runCli(["graph", file("30-vms.json")])).code, 0);
    });

    it("prints exactly the report as JSON, of a problem or of a placement", async () => {
        const { assignment } = place(problem);
        const expected = JSON.parse(JSON.stringify(analyse({ ...problem, assignment })));
        assert.deepEqual(JSON.parse((await runCli(["graph", "--json", file("3-vms.json")])).out), expected);
        const given = { hosts: problem.hosts, services: problem.services, assignment };
        const { out } = await runCli(["graph", "--json", "-"], { stdin: JSON.stringify(given) });
        assert.deepEqual(JSON.parse(out), expected);
        const traffic = [{ from: "web", to: "api", weight: 7 }];
        const talking = await runCli(["graph", "--json", "-"], { stdin: JSON.stringify({ ...problem, traffic }) });
        assert.equal(JSON.parse(talking.out).affinity.basis, "traffic");
    });
});
