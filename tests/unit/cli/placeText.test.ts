import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bar, paintOf, table, wrapText } from "../../../lib/cli/paint";
import { objectiveSentence, placeText } from "../../../lib/cli/placeText";
import { foldReasons, unplacedLines } from "../../../lib/cli/reasons";
import type { PlacementAnswer, PlacementGoal, PlacementHost } from "../../../lib/placement";
import { projectDir } from "../../../tools/paths";
import { assertGolden } from "../../support/golden";

const style = { paint: paintOf(false), width: 80, all: false };
const answer = (value: number, lowerBound: number, proven: boolean): PlacementAnswer => ({
    assignment: {},
    unplaced: [],
    objective: { value, lowerBound, gap: value - lowerBound, proven },
    moves: 0,
    moved: [],
    fewestMoves: 0,
});

describe("the text of a placement", () => {
    for (const [goal, given, sentence] of [
        [
            "spread",
            answer(0, 0, true),
            "spread: no two replicas of a service share a host (proven: no placement is better)",
        ],
        [
            "spread",
            answer(3, 1, false),
            "spread: 3 pairs of replicas of one service on the same host (no placement is below 1 pair, so rebalancing could win 2 pairs at most)",
        ],
        [
            "balance",
            answer(683334, 649088, false),
            "balance: the fullest host is 68.3 % full (no placement is below 64.9 %, so rebalancing could win 3.4 % at most)",
        ],
        [
            "binpack",
            answer(500000, 500000, false),
            "binpack: the hosts in use are 50.0 % of all capacity (no placement is better)",
        ],
        [
            "fewest-hosts",
            answer(2, 1, false),
            "fewest-hosts: 2 hosts in use (no placement is below 1 host, so rebalancing could win 1 host at most)",
        ],
    ] satisfies [PlacementGoal, PlacementAnswer, string][]) {
        it(`says: ${sentence}`, () => assert.equal(objectiveSentence(goal, given), sentence));
    }

    it("tells what conflicts, what is missed, what moves and what is left", () => {
        const hosts: PlacementHost[] = [
            { name: "vm1", capacity: { cpu: 1000 }, labels: { zone: "a" } },
            { name: "vm2", capacity: { memory: 512 }, labels: { zone: "b" } },
        ];
        const services = [{ name: "web", replicas: 4, demand: { cpu: 950 } }];
        const whole: PlacementAnswer = {
            ...answer(1, 0, false),
            assignment: { "web-0": "vm1", "web-10": "vm1", "web-2": "vm1" },
            unplaced: [
                { replica: "web-3", reasons: { vm1: "cpu: needs 950, 50 left", vm2: "cpu: needs 950, 0 left" } },
            ],
            preferences: { missed: 2, lowerBound: 1 },
            moves: 2,
            moved: [
                { replica: "web-10", from: "vm9", to: "vm1", why: "vm9 is gone" },
                { replica: "web-2", from: "vm2", to: "vm1", why: "cpu: needs 950, 0 left" },
            ],
            fewestMoves: 1,
            conflict: {
                requirements: [
                    { path: "services.web.antiAffinity", says: "each replica of web on a host of its own" },
                    { path: "services.web.replicas", says: "4 replicas of web" },
                ],
                smallest: true,
            },
        };
        assertGolden("cli/place-whole.txt", placeText({ hosts, services, assignment: {} }, "spread", whole, style));
    });

    it("lists so many moves as can be read", () => {
        const moved = Array.from({ length: 45 }, (_, i) => ({
            replica: `web-${i}`,
            from: "a",
            to: "b",
            why: "a is gone",
        }));
        const many = { ...answer(0, 0, true), moves: 45, moved, fewestMoves: 45 };
        const facts = { hosts: [{ name: "b" }], services: [], assignment: {} };
        const text = placeText(facts, "spread", many, style);
        assert.match(text, /and 15 more; --all lists them/);
        assert.doesNotMatch(placeText(facts, "spread", many, { ...style, all: true }), /more;/);
    });

    it("hides no service and no difference of zones by shortening names", () => {
        const [long, other] = ["a-very-long-name-of-a-service", "another-long-name-of-a-service"];
        const hosts = ["eu-central-1-alpha-west", "eu-central-1-bravo-west"].map((zone, i) => ({
            name: `vm${i}`,
            labels: { zone },
        }));
        const assignment = { [`${long}-0`]: "vm0", [`${other}-0`]: "vm0" };
        const whole = { ...answer(0, 0, true), assignment };
        const text = placeText({ hosts, services: [], assignment }, "spread", whole, { ...style, width: 40 });
        assert.match(text, / \+1$/m);
        const zones = [...text.matchAll(/^vm\d +(\S+)/gm)].map(([, zone]) => zone);
        assert.equal(new Set(zones).size, 2, text);
    });

    it("stands in docs/cli.md as it is", () => {
        const doc = readFileSync(join(projectDir, "docs", "cli.md"), "utf8");
        assert.ok(doc.includes(readFileSync(join(projectDir, "tests", "golden", "cli", "place-3.txt"), "utf8")));
    });
});

describe("reasons", () => {
    it("are folded where they are equal, amounts as a range, a host's own name left out", () => {
        const reasons = {
            vm10: "memory: needs 128, 64 left",
            vm2: "memory: needs 128, 0 left; antiAffinity: web is on host vm2",
            vm1: "antiAffinity: web is on host vm1",
            vm3: "cpu: needs 1, 0 left",
        };
        assert.deepEqual(foldReasons(reasons), [
            { reason: "antiAffinity: web is on the host", hosts: ["vm1", "vm2"] },
            { reason: "memory: needs 128, 0 to 64 left", hosts: ["vm2", "vm10"] },
            { reason: "cpu: needs 1, 0 left", hosts: ["vm3"] },
        ]);
    });

    it("are told once for replicas that share them", () => {
        const reasons = { vm1: "cpu: needs 2, 1 left" };
        const six = [0, 1, 2, 3, 4, 10].map((i) => ({ replica: `web-${i}`, reasons }));
        assert.deepEqual(unplacedLines([...six, { replica: "db-0", reasons }], style), [
            "6 replicas of web (web-0, web-1, ...) fit on no host:",
            "  cpu: needs 2, 1 left: vm1",
            "db-0 fits on no host:",
            "  cpu: needs 2, 1 left: vm1",
        ]);
    });
});

describe("the parts of a text", () => {
    it("are bars that are full only when all is taken", () => {
        const shown = [0, 0.004, 0.125, 0.5, 0.999, 1, 1.001, 3].map((share) => bar(share, paintOf(false)));
        assert.deepEqual(shown, [
            "··········   0 %",
            "▏·········   0 %",
            "█▎········  13 %",
            "█████·····  50 %",
            "█████████▉  99 %",
            "██████████ 100 %",
            "██████████ 101 %",
            "██████████ 300 %",
        ]);
    });

    it("are columns and lines, whatever colours they have", () => {
        const { bold } = paintOf(true);
        assert.deepEqual(
            table(
                [
                    ["a", "1", "x"],
                    [bold("bbb"), "22", "y"],
                ],
                [1],
            ),
            ["a     1  x", `${bold("bbb")}  22  y`],
        );
        assert.equal(wrapText("one two 50 % four", 10, "  "), "one two\n  50 %\n  four");
    });
});
