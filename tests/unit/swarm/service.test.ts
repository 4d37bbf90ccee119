import assert from "node:assert/strict";
import { goDuration } from "../../../lib/swarm/goDuration";
import { readLook } from "../../../lib/swarm/lookAtService";
import { serviceHealth } from "../../../lib/swarm/serviceHealth";
import { givePairs, pairOf, pairPort, publishedPorts } from "../../../lib/swarm/servicePorts";
import { tellMove, tellService } from "../../../lib/swarm/tellService";
import { type Brought, nextBrought } from "../../../lib/swarm/turn";

describe("a service of a swarm", () => {
    it("has durations as Docker writes them", () =>
        assert.deepEqual([0, 5, 59, 60, 90, 300, 3600, 3605, 3660, 5400].map(goDuration), [
            ...["0s", "5s", "59s", "1m", "1m30s", "5m", "1h", "1h0m5s", "1h1m", "1h30m"],
        ]));

    it("has ports by pairs, which stay", () => {
        assert.deepEqual([pairPort(0, 0), pairPort(0, 1), pairPort(1383, 1)], [30_000, 30_001, 32_767]);
        assert.deepEqual([29_999, 30_000, 30_003, 32_768].map(pairOf), [undefined, 0, 1, undefined]);
        assert.deepEqual(givePairs(2, [], new Set([0, 2])), [1, 3]);
        assert.deepEqual(givePairs(3, [5, 7], new Set([0])), [5, 7, 1]);
        assert.deepEqual(givePairs(1, [5, 7], new Set()), [5]);
        assert.equal(givePairs(1, [], new Set(Array.from({ length: 1_384 }, (_, pair) => pair))), undefined);
    });

    it("takes turns with its ports on the nodes, and has one for all versions on the mesh", () => {
        const ports = [
            { container: 80, host: undefined, protocol: "tcp" as const },
            { container: 81, host: 8081, protocol: "tcp" as const },
            { container: 53, host: undefined, protocol: "udp" as const },
        ];
        const published = (publish: "host" | "mesh") =>
            publishedPorts({ ports, swarm: { publish } }, [3, 4], 1).map((port) => port.published);
        assert.deepEqual(published("host"), [30_007, 8081, 30_009]);
        assert.deepEqual(published("mesh"), [30_006, 8081, 30_008]);
    });

    const brought = (version: string, turn: 0 | 1, attempt = 0, mixed = false): Brought => ({
        ...{ version, turn, attempt, mixed },
    });
    const [v1, v2] = [brought("a1", 0), brought("b2", 1)];
    for (const [title, args, expected] of [
        ["is new", ["a1", undefined, undefined], v1],
        ["stays", ["a1", v1, v1], v1],
        ["has another version", ["b2", v1, v1], v2],
        ["has the next one", ["c3", v2, v2], brought("c3", 0)],
        ["tries again what was rolled back", ["b2", v2, v1, { running: [v1] }], brought("b2", 1, 1)],
        ["tries again where nobody answers", ["b2", v2, v1], brought("b2", 1, 1)],
        ["tries again for the second time", ["b2", brought("b2", 1, 1), v1, { running: [v1] }], brought("b2", 1, 2)],
        ["goes on where Swarm has ended it by itself", ["b2", v2, v1, { running: [v2] }], v2],
        ["goes back to what serves", ["a1", v2, v1, { running: [v1] }], brought("a1", 1, 1)],
        ["has another one after a failure", ["c3", v2, v1, { running: [v1] }], brought("c3", 1)],
        ["has another one where Swarm has ended the failed one", ["c3", v2, v1, { running: [v2] }], brought("c3", 0)],
        ["has tasks of two versions", ["c3", v2, v1, { running: [v2, v1] }], brought("c3", 0, 0, true)],
        [
            "comes back, where Swarm has ended another that was broken off",
            ["a1", v2, v1, { running: [v2] }],
            brought("a1", 0, 1),
        ],
        ["is no more in the swarm", ["a1", v1, undefined, { running: [] }], brought("a1", 0, 1)],
        ["has failed at first", ["b2", v1, undefined, { running: [v1] }], v2],
    ] as const) {
        it(`brings the right turn where it ${title}`, () => {
            const [wanted, last, served, seen] = args;
            assert.deepEqual(nextBrought(wanted, last, served, seen), expected);
        });
    }

    for (const [answer, expected] of [
        ["none a1-0 \n", { running: [{ version: "a1", turn: 0 }], isBusy: false, isPaused: false }],
        ["completed b2-1 a1-0", { running: [{ version: "b2", turn: 1 }], isBusy: false, isPaused: false }],
        ["rollback_completed a1-0 ", { running: [{ version: "a1", turn: 0 }], isBusy: false, isPaused: false }],
        [
            "updating b2-1 a1-0",
            {
                running: [
                    { version: "b2", turn: 1 },
                    { version: "a1", turn: 0 },
                ],
                isBusy: true,
                isPaused: false,
            },
        ],
        [
            "paused b2-1 a1-0",
            {
                running: [
                    { version: "b2", turn: 1 },
                    { version: "a1", turn: 0 },
                ],
                isBusy: false,
                isPaused: true,
            },
        ],
        ["absent", { running: [], isBusy: false, isPaused: false }],
        ["", undefined],
        ["Cannot connect to the Docker daemon", undefined],
        ["none - ", undefined],
    ] as const) {
        it(`is seen in the answer ${JSON.stringify(answer)}`, () => assert.deepEqual(readLook(answer), expected));
    }

    it("has the set's health check, which a new container has its time to pass", () => {
        const ports = [{ container: 8080, host: undefined, protocol: "tcp" as const }];
        const { tests, ...more } = serviceHealth(
            {
                ports,
                healthCheck: { http: { path: "/up" }, startPeriodSeconds: 30, timeoutSeconds: 60 },
            },
            7,
        ) ?? { tests: [] };
        assert.deepEqual(more, { interval: "7s", timeout: "10s", startPeriod: "1m30s", retries: 3 });
        assert.match(tests.join(" "), /^CMD-SHELL set -eu\nPORT=8080\nURI=\/up\n/);
        const command = serviceHealth({ ports: [], healthCheck: { command: ["pg_isready"] } }, 5);
        assert.deepEqual([command?.tests, command?.timeout], [["CMD", "pg_isready"], "30s"]);
        assert.equal(serviceHealth({ ports, healthCheck: undefined }, 5), undefined);
    });

    describe("is told in a preview", () => {
        const update = { order: "start-first", parallelism: 2, onFailure: "rollback" } as const;
        const place = { networks: [], publish: "host", swarm: "farm" };
        const before = { replicas: 4, nodes: ["h1", "h2"], ...place, image: "web:1", brought: v1 };
        const told = (now: object, how: object = {}, isBusy = false) =>
            tellService("web", { ...update, ...how }, { ...before, ...now }, before, isBusy)?.split("\n");

        it("as nothing where it is new or stays", () => {
            assert.equal(tellService("web", update, before, undefined, false), undefined);
            assert.equal(told({}), undefined);
        });

        it("with how many roll, in which order, and how many serve", () => {
            assert.deepEqual(told({ image: "web:2", brought: v2 }), [
                "web replaces 4 of 4 replicas, 2 at a time; each new task is healthy before an old one stops: 4 serve throughout.",
                "  image: web:1 -> web:2",
                "  an end of a new task within its time fails the update, and Swarm goes back by itself",
            ]);
            const stopFirst = {
                order: "stop-first",
                forcedBy: "web.ports[0].host",
                parallelism: 1,
                onFailure: "pause",
            };
            assert.deepEqual(told({ brought: v2 }, stopFirst), [
                "web replaces 4 of 4 replicas, 1 at a time; each old task stops before the new one starts (web.ports[0].host allows one task a node): 3 of 4 serve throughout.",
                "  an end of a new task within its time fails the update, and Swarm stops where it is",
            ]);
        });

        it("with what is tried again, and what Swarm is about", () => {
            const [busy, again, rolls] = told({ brought: brought("b2", 1, 1, true) }, {}, true) ?? [];
            assert.match(busy ?? "", /^web: Swarm is about an earlier update yet/);
            assert.equal(again, "web tries again what the last deployment has not brought about.");
            assert.match(rolls ?? "", /tasks of two versions have both of its ports\): 2 of 4 serve throughout\.$/);
        });

        it("with another number, fewer nodes, and what has it made anew", () => {
            assert.deepEqual(told({ replicas: 6 }), ["web has 4 replicas, and 6 from now on."]);
            assert.deepEqual(told({ nodes: ["h1"] }), ["web may no longer run on h2; what runs there moves."]);
            const stopFirst = { order: "stop-first", parallelism: 1 };
            assert.deepEqual(told({ nodes: ["h1"] }, stopFirst), [
                "web may no longer run on h2; each task there stops before the new one starts: 3 of 4 serve throughout.",
            ]);
            for (const [argument, now] of [
                ["hosts", { swarm: "other" }],
                ["replicas", { replicas: undefined }],
                ["swarm.networks", { networks: ["back"] }],
                ["swarm.publish", { publish: "mesh", brought: v2 }],
            ] as const) {
                const words = told(now)?.[0] ?? "";
                assert.ok(words.endsWith(`for another web.${argument}: web does not serve meanwhile.`), words);
            }
            // The record of an older version does not have them all.
            const old = { ...before, publish: undefined, swarm: undefined };
            assert.equal(tellService("web", update, before, old, false), undefined);
        });

        it("where it moves between plain hosts and a swarm", () => {
            assert.equal(
                tellMove("web", "swarm", "farm", [2, 3]),
                "web moves from plain hosts to the swarm farm: 3 tasks start beside 2 containers, which stop afterwards: 2 serve throughout.",
            );
            assert.equal(
                tellMove("web", "hosts", "farm", [2, 1]),
                "web moves from the swarm farm to plain hosts: 1 container start beside 2 tasks, which stop afterwards: 1 serve throughout.",
            );
            const data = (to: "swarm" | "hosts") => tellMove("web", to, "farm", [1, 1], ["cache"]).split("\n")[1];
            assert.equal(data("swarm"), "  volumes begin empty: cache; those of the hosts are deleted with their data");
            assert.equal(
                data("hosts"),
                "  volumes begin empty: cache; those of the swarm stay on its nodes, used by nothing",
            );
        });
    });
});
