import assert from "node:assert/strict";
import { FusionInputError } from "../../../lib/inputError";
import { type PlacementProblem, place } from "../../../lib/placement";

/** The faults of a problem that comes from JSON, where nothing has checked the types. */
function faults(json: string): Record<string, string> {
    const problem: PlacementProblem = JSON.parse(json);
    try {
        place(problem);
    } catch (error) {
        assert.ok(error instanceof FusionInputError, String(error));
        assert.equal(error.message.split("\n").length, error.errors.length);
        return Object.fromEntries(error.errors.map(({ propertyPath, reason }) => [propertyPath, reason]));
    }
    return {};
}

const host = { name: "vm1", capacity: { cpu: 4000 }, labels: { zone: "a" } };
const service = { name: "web", replicas: 2, demand: { cpu: 250 } };
const good = { hosts: [host], services: [service] };
const withHost = (more: object): object => ({ ...good, hosts: [host, { ...host, name: "vm2", ...more }] });
const withService = (more: object, others: readonly string[] = []): object => ({
    ...good,
    services: [{ ...service, ...more }, ...others.map((name) => ({ ...service, name }))],
});

const cases: readonly (readonly [string, object, RegExp])[] = [
    ["hosts", { services: [] }, /at least one host/],
    ["hosts", { ...good, hosts: null }, /must be a list, got null/],
    ["hosts[0]", { ...good, hosts: [null] }, /must be an object, got null/],
    ["hosts[1].name", withHost({ name: "" }), /not empty, got ""/],
    ["hosts[1].name", withHost({ name: "vm1" }), /used twice, got "vm1" as at hosts\[0\]/],
    ["hosts[1].capacity.cpu", withHost({ capacity: { cpu: -5 } }), /got -5; /],
    ["hosts[1].capacity.cpu", withHost({ capacity: { cpu: 0.5 } }), /whole number .* got 0.5; /],
    ["hosts[1].capacity.cpu", withHost({ capacity: { cpu: "4" } }), /got "4"/],
    ["hosts[1].capacity.cpu", withHost({ capacity: { cpu: 2 ** 53 } }), /got 9007199254740992/],
    ["hosts[1].capacity.cpu", withHost({ capacity: { cpu: 2 ** 53 - 1 } }), /the sum exceeds 2\^53 - 1/],
    ['hosts[1].capacity["a.b"]', withHost({ capacity: { "a.b": null } }), /got null/],
    ["hosts[1].labels.zone", withHost({ labels: { zone: 3 } }), /must be a text, got 3/],
    ["hosts[1].labels.host", withHost({ labels: { host: "x" } }), /host's own name, got "x"/],
    ["services[0].replicas", withService({ replicas: -1 }), /got -1/],
    ["services[0].replicas", withService({ replicas: 1e7, demand: {} }), /1000000 replicas, got 10000000/],
    ["services[0].demand.gpu", withService({ demand: { gpu: 1 } }), /no host offers it, got 1; hosts offer cpu/],
    ["services[0].demand.cpu", withService({ replicas: 1000, demand: { cpu: 2 ** 50 } }), /the sum exceeds/],
    [
        "services[0].require.rack",
        withService({ require: { rack: ["r"] } }),
        /no host has a label "rack"; hosts have host, zone/,
    ],
    ["services[0].require.zone", withService({ require: { zone: [] } }), /at least one value, got \[\]/],
    ["services[0].require.zone", withService({ require: { zone: "a" } }), /must be a list, got "a"/],
    ["services[0].antiAffinity.with", withService({ antiAffinity: { over: "zone" } }), /at least one service/],
    [
        "services[0].antiAffinity.with[1]",
        withService({ antiAffinity: { with: ["web", "db"] } }),
        /no service "db"; there is web/,
    ],
    [
        "services[0].antiAffinity.over",
        withService({ antiAffinity: { with: ["web"], over: "rack" } }),
        /no host has a label "rack"/,
    ],
    [
        "services[0].antiAffinity[1].with",
        withService({ antiAffinity: [{ with: ["web"] }, { with: [] }] }),
        /at least one service/,
    ],
    ["services[0].antiAffinity[0]", withService({ antiAffinity: ["web"] }), /must be a rule, got "web"; give e.g./],
    ["services[0].antiAffinity.when", withService({ antiAffinity: { with: ["web"], when: 1 } }), /not known here/],
    ["services[0].affinity.with[0]", withService({ affinity: { with: ["db"] } }), /no service "db"/],
    [
        "services[0].affinity[0].over",
        withService({ affinity: [{ with: ["db"], over: "rack" }] }, ["db"]),
        /label "rack"/,
    ],
    ["services[0].prefer.rack", withService({ prefer: { rack: ["r"] } }), /no host has a label "rack"/],
    ["services[0].prefer.zone", withService({ prefer: { zone: [] } }), /at least one value, got \[\]/],
    ["services[0].ports[1]", withService({ ports: [80, 80] }), /named twice, got 80/],
    ["services[0].ports[0]", withService({ ports: [65536] }), /from 1 to 65535, got 65536/],
    ["services[0].ports", withService({ ports: 80 }), /must be a list, got 80/],
    ["hosts[1].portsInUse[0]", withHost({ portsInUse: [0.5] }), /from 1 to 65535, got 0.5/],
    ["services[0].needs", withService({ needs: -1 }), /got -1/],
    ["services[0].dependsOn[0]", withService({ dependsOn: ["db"] }), /no service "db"/],
    ["move.add", { ...good, move: { add: 1.5 } }, /got 1.5/],
    ["move.all", { ...good, move: { all: 1 } }, /not known here; what can be given is add, improve, restore/],
    ["services[0].affinity[0]", withService({ affinity: ["db"] }), /no service "db"/],
    ["services[0].affinity", withService({ affinity: ["web"] }), /circle, got web -> web/],
    ["services[0].spreadOver", withService({ spreadOver: "rack" }), /no host has a label "rack"/],
    ["services[0].maxSkew", withService({ maxSkew: 1 }), /no meaning alone, got 1; give spreadOver/],
    ["services[0].maxSkew", withService({ spreadOver: "zone", maxSkew: 0 }), /got 0; the least is 1/],
    ["services[0].replica", withService({ replica: 3 }), /not known here/],
    ["objective", { ...good, objective: "fastest" }, /one of spread, binpack, balance, fewest-hosts, got "fastest"/],
    ["effort", { ...good, effort: 3 }, /got 3/],
    ["previous", { ...good, previous: ["vm1"] }, /must be an object, got \["vm1"\]/],
    ['previous["web-0"]', { ...good, previous: { "web-0": 1 } }, /must be a text, got 1/],
    ["goal", { ...good, goal: "spread" }, /not known here; what can be given is effort, hosts, move, objective/],
];

describe("place: wrong arguments", () => {
    for (const [path, problem, reason] of cases) {
        it(`${path}: ${reason.source}`, () => {
            const found = faults(JSON.stringify(problem));
            assert.deepEqual(Object.keys(found), [path]);
            assert.match(found[path] ?? "", reason);
        });
    }

    it("names all of them at once, in the caller's order", () => {
        const problem = {
            hosts: [{ ...host, capacity: { cpu: -5 } }],
            services: [{ ...service, replicas: 1.5, affinity: ["x"] }],
        };
        assert.deepEqual(Object.keys(faults(JSON.stringify(problem))), [
            "hosts[0].capacity.cpu",
            "services[0].replicas",
            "services[0].affinity[0]",
        ]);
    });

    it("refuses affinity in a circle, and against anti-affinity", () => {
        const [a, b] = [
            { ...service, name: "a", affinity: ["b"] },
            { ...service, name: "b", affinity: ["a"] },
        ];
        assert.match(
            faults(JSON.stringify({ ...good, services: [a, b] }))["services[0].affinity"] ?? "",
            /a -> b -> a/,
        );
        const apart = { ...service, name: "b", antiAffinity: { with: ["a"] } };
        const found = faults(JSON.stringify({ ...good, services: [a, apart] }));
        assert.match(found["services[0].affinity[0]"] ?? "", /contradicts antiAffinity/);
    });

    it("refuses affinity against anti-affinity over the same label alone", () => {
        const near = { ...service, name: "a", affinity: { with: ["b"], over: "zone" } };
        const apart = (over: string): object => ({ ...service, name: "b", antiAffinity: [{ with: ["a"], over }] });
        const found = faults(JSON.stringify({ ...good, services: [near, apart("zone")] }));
        assert.match(found["services[0].affinity.with[0]"] ?? "", /contradicts antiAffinity/);
        assert.deepEqual(faults(JSON.stringify({ ...good, services: [near, apart("host")] })), {});
    });

    it("follows affinity thousands of services deep, and tells a circle of as many", () => {
        const chain = (first: string[]): object => ({
            hosts: [host],
            services: Array.from({ length: 5000 }, (_, i) => ({
                name: `s${i}`,
                replicas: 1,
                affinity: i === 0 ? first : [`s${i - 1}`],
            })),
        });
        assert.deepEqual(faults(JSON.stringify(chain([]))), {});
        const found = faults(JSON.stringify(chain(["s4999"])));
        assert.match(found["services[0].affinity"] ?? "", /circle, got s0 -> s4999 -> .* more -> s0; /);
    });

    it("answers or refuses ten megabytes", () => {
        const many = (length: number, prefix: string, more: object): object[] =>
            Array.from({ length }, (_, i) => ({ ...more, name: `${prefix}${i}` }));
        const hosts = many(60_000, "a-host-with-a-rather-long-name-", { capacity: { cpu: 4000, memory: 8192 } });
        const services = many(60_000, "a-service-with-a-rather-long-name-", { replicas: 1, demand: { cpu: 100 } });
        const text = JSON.stringify({ hosts, services });
        assert.ok(text.length > 9e6);
        assert.match(faults(text).services ?? "", /20000000 at most, got 3600000000; divide the problem/);
        assert.deepEqual(
            faults(JSON.stringify({ hosts: hosts.slice(0, 200), services: services.slice(0, 20_000) })),
            {},
        );
    });

    it("refuses values that go in a circle or are nested thousands deep", () => {
        const circle: Record<string, unknown> = { name: "a" };
        circle.replicas = circle;
        const deep: unknown = JSON.parse(`${"[".repeat(5000)}${"]".repeat(5000)}`);
        for (const services of [circle, [circle], deep, [deep], [{ name: deep, replicas: 1 }]]) {
            const problem = Object.assign(JSON.parse('{"hosts": [{"name": "vm1"}]}'), { services });
            assert.throws(() => place(problem), FusionInputError);
        }
    });

    it("leaves a service without replicas out of account, whatever its rules", () => {
        const { unplaced } = place({
            hosts: [{ name: "h0" }, { name: "h1", labels: { zone: "a" } }],
            services: [
                { name: "off", replicas: 0, antiAffinity: { with: ["web"], over: "zone" } },
                { name: "web", replicas: 2, antiAffinity: { with: ["web"] } },
            ],
        });
        assert.deepEqual(unplaced, []);
    });

    it("takes names that JavaScript uses itself", () => {
        const odd = `{"hosts":[{"name":"__proto__","capacity":{"constructor":2}}],
            "services":[{"name":"toString","replicas":3,"demand":{"constructor":1}}]}`;
        const { assignment, unplaced } = place(JSON.parse(odd));
        assert.deepEqual(Object.entries(assignment), [
            ["toString-0", "__proto__"],
            ["toString-1", "__proto__"],
        ]);
        assert.deepEqual(Object.entries(unplaced[0]?.reasons ?? {}), [["__proto__", "constructor: needs 1, 0 left"]]);
    });
});
