import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import {
    drawGraph,
    drawLoad,
    drawMoves,
    mermaidGraph,
    type PictureInput,
    type PictureMove,
} from "../../../lib/pictures";
import { type PlacementProblem, place } from "../../../lib/placement";
import { projectDir } from "../../../tools/paths";
import { assertGolden } from "../../support/golden";
import { clashes, elementsOf, textBoxes } from "../../support/svg";

type Picture = PictureInput & { moved: PictureMove[] };

/** An example, placed; every seventh host is as if it had taken over all replicas of one that is gone. */
function example(name: string): Picture {
    const problem: PlacementProblem = JSON.parse(
        readFileSync(join(projectDir, "examples", "problems", `${name}.json`), "utf8"),
    );
    const { assignment } = place(problem);
    const heirs = new Set(problem.hosts.filter((_, i) => i % 7 === 1).map((host) => host.name));
    const moved = Object.entries(assignment)
        .filter(([, host]) => heirs.has(host))
        .map(([replica, to]) => ({ replica, from: `old-${to}`, to, why: `old-${to} is gone` }));
    return { ...problem, assignment, moved };
}

/** So many hosts and services with names as long and odd as names can be. */
function odd(hosts: number, services: number, dimensions: number): Picture {
    const name = (kind: string, i: number): string =>
        `${kind} <&"'${i}> ${"Wwide-".repeat(1 + (i % 6))}\u0007\ud800 日本語 ${i}`;
    const capacity = Object.fromEntries(Array.from({ length: dimensions }, (_, i) => [name("dimension", i), 10 + i]));
    const assignment = Array.from({ length: hosts * 3 }, (_, i) => [
        `${name("s", i % services)}-${i}`,
        name("h", (i * i) % hosts),
    ]);
    return {
        hosts: Array.from({ length: hosts }, (_, i) => ({
            name: name("h", i),
            capacity,
            labels: { zone: name("zone", i % 5) },
        })),
        services: Array.from({ length: services }, (_, i) => ({
            name: name("s", i),
            replicas: i * 9,
            demand: { [name("dimension", 0)]: 1 + i },
        })),
        assignment: Object.fromEntries(assignment),
        moved: assignment.slice(0, hosts).map(([replica = "", to = ""], i) => ({
            replica,
            to,
            from: name("h", i + 1),
            why: `because ${name("why", i)} `.repeat(9),
        })),
    };
}

const drawn = (input: Picture) => ({
    graph: drawGraph(input),
    load: drawLoad(input),
    moves: drawMoves(input, input.moved),
});

describe("pictures", () => {
    it("are as they were looked at", () => {
        for (const [name, text] of Object.entries(drawn(example("3-vms"))))
            assertGolden(`pictures/${name}-3.svg`, text);
    });

    for (const [name, input] of [
        ["3 machines", () => example("3-vms")],
        ["30 machines", () => example("30-vms")],
        ["300 machines", () => example("300-vms")],
        ["1 machine with odd names", () => odd(1, 2, 1)],
        ["9 machines with odd names", () => odd(9, 30, 7)],
        ["40 machines with odd names", () => odd(40, 9, 2)],
        ["41 machines with odd names", () => odd(41, 60, 5)],
        ["1500 machines with odd names", () => odd(1500, 8, 3)],
        ["nothing", () => ({ hosts: [], assignment: {}, moved: [] })],
    ] as const) {
        it(`of ${name} are well-formed, of a good shape, and no text covers another or leaves the picture`, () => {
            const given = input();
            const scale = Math.max(1.8, given.hosts.length / 400);
            for (const [kind, svg] of Object.entries(drawn(given))) {
                assert.deepEqual(clashes(svg), [], kind);
                const [root, title, description, paper] = elementsOf(svg);
                const [, , width = 0, height = 0] = (root?.attributes.get("viewBox") ?? "").split(" ").map(Number);
                assert.ok(
                    width >= 600 && width <= 1400 * scale && height >= 100 && height < width * 2.6,
                    `${kind} ${width} x ${height}`,
                );
                assert.ok(title?.name === "title" && title.text !== "" && description?.name === "desc");
                assert.deepEqual([paper?.name, paper?.attributes.get("fill")], ["rect", "#ffffff"]);
                assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
            }
        });
    }

    it("are the same for any order of the input", () => {
        const input = example("30-vms");
        const all = (picture: Picture) => ({ ...drawn(picture), mermaid: mermaidGraph(picture) });
        const expected = all(input);
        const shuffled =
            (seed: number) =>
            <T>(list: readonly T[]): T[] =>
                fc.sample(fc.shuffledSubarray([...list], { minLength: list.length }), { seed, numRuns: 1 })[0] ?? [];
        for (let seed = 1; seed <= 20; seed++) {
            const mix = shuffled(seed);
            const other = {
                hosts: mix(input.hosts),
                services: mix(input.services ?? []),
                assignment: Object.fromEntries(mix(Object.entries(input.assignment))),
                moved: mix(input.moved),
            };
            assert.deepEqual(all(other), expected);
        }
    });

    it("tell what is wrong: replicas without a host, more than there is, a dimension that is not offered", () => {
        const input: PictureInput = {
            hosts: [
                { name: "vm1", capacity: { cpu: 4 } },
                { name: "vm2", capacity: { memory: 0 } },
            ],
            services: [{ name: "web", replicas: 3, demand: { cpu: 6 } }],
            assignment: { "web-0": "vm1" },
        };
        const texts = textBoxes(drawGraph(input)).map(({ text }) => text);
        for (const text of ["2 replicas without a host", "1 of 3 replicas placed", "150 %", "–", "0 %", "nothing"]) {
            assert.ok(texts.includes(text), `${text} is not in ${texts.join(", ")}`);
        }
        assert.ok(textBoxes(drawLoad(input)).some(({ text }) => text === "150 %"));
    });

    it("leave out the domain that all hosts are in", () => {
        const shown = (...names: string[]) =>
            textBoxes(drawLoad({ hosts: names.map((name) => ({ name, capacity: { cpu: 1 } })), assignment: {} }))
                .map(({ text }) => text)
                .filter((text) => names.some((name) => name.startsWith(text)));
        assert.deepEqual(shown("vm1.eu.example.org", "vm2.us.example.org"), ["vm1.eu", "vm2.us"]);
        assert.deepEqual(shown("vm1.example.org", "org"), ["org", "vm1.example.org"]);
        assert.deepEqual(shown("vm1.example.org"), ["vm1.example.org"]);
    });

    it("never shorten their own label of other services, and keep zones apart", () => {
        const numbers = Array.from({ length: 40 }, (_, i) => i);
        const zone = (i: number): string => `${"long-".repeat(30)}${i % 2 ? "x" : "y"}${"-zone".repeat(30)}`;
        const hosts = numbers
            .slice(0, 12)
            .map((i) => ({ name: `vm${i}`, labels: { zone: zone(i) }, capacity: { cpu: 1 } }));
        const assignment = Object.fromEntries(numbers.map((i) => [`s${i}-0`, `vm${i % 12}`]));
        const texts = (svg: string): string[] => textBoxes(svg).map(({ text }) => text);
        assert.ok(texts(drawGraph({ hosts, assignment })).some((text) => /^\d+ other(s| services)$/.test(text)));
        for (const svg of [drawGraph({ hosts, assignment }), drawLoad({ hosts, assignment })])
            assert.equal(new Set(texts(svg).filter((text) => text.startsWith("zone "))).size, 2);
    });

    it("tell what stayed and what is new apart", () => {
        const assignment = { "a-0": "vm1", "a-1": "vm1", "a-2": "vm1", "a-3": "vm1" };
        const moved = [{ replica: "a-0", from: "vm2", to: "vm1", why: "vm2 is gone" }];
        const previous = { "a-0": "vm2", "a-1": "vm1", "a-2": "vm1" };
        const svg = drawMoves({ hosts: [{ name: "vm1" }], assignment, previous }, moved);
        assert.ok(svg.includes("2 others are where they were, 1 is new."));
    });

    it("group hosts by the label asked for", () => {
        const input: PictureInput = {
            hosts: [
                { name: "vm1", labels: { rack: "r1", zone: "a" } },
                { name: "vm2", labels: { rack: "r2", zone: "a" } },
            ],
            assignment: { "web-0": "vm1" },
        };
        const has = (svg: string, text: string): boolean => textBoxes(svg).some((box) => box.text === text);
        assert.ok(has(drawGraph(input), "zone a") && has(drawGraph(input, { groupBy: "rack" }), "rack r2"));
        assert.ok(has(drawGraph(input, { groupBy: "none" }), "hosts"));
    });
});
