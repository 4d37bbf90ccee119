import assert from "node:assert/strict";
import { join } from "node:path";
import { projectDir } from "../../../tools/paths";
import { runCli } from "../../support/cli";

const three = join(projectDir, "examples", "problems", "3-vms.json");

/** What was written to standard error, which must not be mixed with an answer. */
async function wrong(argv: string[], stdin?: string): Promise<string> {
    const { code, out, err } = await runCli(argv, stdin === undefined ? {} : { stdin });
    assert.deepEqual({ code, out }, { code: 2, out: "" }, err);
    assert.doesNotMatch(err, /^ +at /m);
    return err;
}

describe("wrong use of fusion", () => {
    for (const [argv, message] of [
        [["plcae", "x"], 'there is no command plcae; did you mean place?; "fusion --help" tells what there is'],
        [["constructor"], 'there is no command constructor; "fusion --help" tells what there is'],
        [["place"], "give the file of a problem: fusion place FILE, or - for standard input"],
        [["place", "a", "b"], "place takes one file, got 2; call it once for each"],
        [["place", "-", "--previous", "-"], "standard input can be read once; give one of the two as a file"],
        [
            ["place", "--efort", "good", "x"],
            'there is no option --efort; did you mean --effort?; "fusion place --help" tells what there is',
        ],
        [["place", "-x"], 'there is no option -x; "fusion place --help" tells what there is'],
        [["place", "--effort", "goo", "x"], '--effort must be one of fast, good, prove, got "goo"; did you mean good?'],
        [["place", "--effort"], "--effort needs a value: one of fast, good, prove"],
        [["place", "--svg", "--json", "x"], "--svg needs a value"],
        [["place", "--json=yes", "x"], '--json takes no value, got "yes"'],
        [["place", "--json", "--json", "x"], "--json is given twice; give it once"],
        [["place", "--json", "--mermaid", "x"], "--json and --mermaid cannot share standard output; give one of them"],
        [["place", "--json", "--svg", "-", "x"], "--json and --svg - cannot share standard output; give one of them"],
        [
            ["place", three, "--picture", "load"],
            "--picture needs --svg; give the file to write, or - for standard output",
        ],
        [
            ["place", three, "--svg", "-", "--picture", "moves"],
            "there are no moves to draw; give the placement before with previous in the problem, or with --previous",
        ],
        [
            ["place", three, "--svg", "x.png"],
            '--svg writes SVG alone, got "x.png"; give a file that ends in .svg, or a folder, with / at its end',
        ],
        [["graph", "x", "--state", "y"], "graph takes one of FILE, --state and --stack, got 2; give one of them"],
        [
            ["place", "no-such.json"],
            "no-such.json: is not there; give the path of a JSON file, or - for standard input",
        ],
        [["place", projectDir], `${projectDir}: is a folder; give the path of a JSON file`],
    ] as const) {
        it(`is told: fusion ${argv.join(" ").replaceAll(projectDir, "...")}`, async () => {
            assert.equal(await wrong([...argv]), `fusion: ${message}\n`);
        });
    }

    it("gets help, where it is asked for", async () => {
        const { code, out } = await runCli(["--help"]);
        assert.equal(code, 0);
        assert.match(out, /fusion place FILE[\s\S]*fusion graph/);
        for (const command of ["place", "graph"]) {
            const told = await runCli([command, "-h"]);
            assert.equal(told.code, 0);
            assert.ok(told.out.split("\n").every((line) => line.length <= 100));
            assert.equal((await runCli(["help", command])).out, told.out);
        }
        assert.deepEqual((await runCli([])).code, 2);
        assert.match((await runCli(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
    });
});

describe("wrong input of fusion", () => {
    for (const [name, stdin, message] of [
        ["nothing", " \n", "standard input: is empty; give a JSON object"],
        ["no JSON", '{ "hosts": [\n  ,\n] }', 'standard input:2:3: has "," where a value must be'],
        ["a list", "[]", "standard input: must be an object, got []; give hosts and services"],
        [
            "rounded numbers and keys given twice",
            '{"hosts":[{"name":"vm1","capacity":{"cpu":9007199254740993,"cpu":1e400}}],"services":[]}',
            "standard input: hosts[0].capacity.cpu: is a number that would be rounded, got 9007199254740993; give a whole number up to 2^53 - 1\n" +
                "fusion: standard input: hosts[0].capacity.cpu: is given twice; leave one of them out\n" +
                "fusion: standard input: hosts[0].capacity.cpu: is a number that would be rounded, got 1e400; give a whole number up to 2^53 - 1",
        ],
    ] as const) {
        it(`is told: ${name}`, async () => {
            assert.equal(await wrong(["place", "-"], stdin), `fusion: ${message}\n`);
        });
    }

    it("is told by place a line a fault, each with its path", async () => {
        const problem = { hosts: [{ name: "vm1", capacity: { cpu: -1 } }], services: [{ name: "web", replicas: 1.5 }] };
        const lines = (await wrong(["place", "-"], JSON.stringify(problem))).trimEnd().split("\n");
        assert.equal(lines.length, 2);
        assert.match(lines[0] ?? "", /^fusion: standard input: hosts\[0\]\.capacity\.cpu: must be .*got -1; /);
        assert.match(lines[1] ?? "", /^fusion: standard input: services\[0\]\.replicas: must be .*got 1\.5; /);
    });

    it("is told by graph", async () => {
        const placement = {
            hosts: [{ name: "vm1" }],
            services: [{ name: "web", needs: -1 }],
            assignment: { "web-0": "vm2" },
        };
        assert.equal(
            await wrong(["graph", "-"], JSON.stringify(placement)),
            'fusion: standard input: assignment["web-0"]: is on "vm2", which is none of the hosts; add it to them\n',
        );
        const answer = JSON.stringify({ assignment: { "web-0": "vm1" }, moves: 0 });
        assert.match(await wrong(["graph", "-"], answer), /an answer of place alone is not enough/);
        const needs = JSON.stringify({ ...placement, assignment: {} });
        assert.match(await wrong(["graph", "-"], needs), /^fusion: standard input: services\[0\]\.needs: must be/);
        assert.match(await wrong(["graph", "-"], "{}"), /standard input: hosts: is missing/);
    });

    it("is cut where there are very many faults", async () => {
        const hosts = Array.from({ length: 80 }, () => ({ name: "" }));
        const lines = (await wrong(["place", "-"], JSON.stringify({ hosts, services: [] }))).trimEnd().split("\n");
        assert.equal(lines.length, 51);
        assert.equal(lines.at(-1), "fusion: standard input: and 30 more");
    });

    it("cannot steer the terminal", async () => {
        const name = "vm\u001b[31m1\u0007";
        const problem = {
            hosts: [{ name, capacity: { cpu: 1 } }],
            services: [{ name: "web", replicas: 2, demand: { cpu: 1 } }],
        };
        const { out } = await runCli(["place", "-"], { stdin: JSON.stringify(problem) });
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
        assert.doesNotMatch(out, /[\u0000-\u0009\u000b-\u001f]/);
    });
});
