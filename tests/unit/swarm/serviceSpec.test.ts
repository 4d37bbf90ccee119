import assert from "node:assert/strict";
import type { FusionContainerSetArgs } from "../../../lib/containers/FusionContainerSet";
import { Faults } from "../../../lib/faults";
import { swarmSetSpec } from "../../../lib/swarm/serviceSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const node = (name: string, labels: Record<string, string> = {}) => ({
    name,
    address: `10.77.0.1${name.slice(1)}`,
    capacity: {},
    labels,
});
const nodes = [
    node("h1", { zone: "a", disk: "ssd" }),
    node("h2", { zone: "b", disk: "hdd" }),
    node("h3", { zone: "c" }),
    node("h4"),
];
const swarm = { nodes, networks: { backend: { encrypted: true } } };
const spec = (args: object, faults = new Faults()) => {
    const given: FusionContainerSetArgs = { hosts: [], image: "httpd:2.4", ports: [{ container: 80 }], ...args };
    return swarmSetSpec("web", given, swarm, faults);
};
const named = (name: string): string => {
    const faults = new Faults();
    swarmSetSpec(name, { hosts: [], image: "httpd:2.4" }, swarm, faults);
    return faults.size === 0 ? "" : faults.error().message;
};
const service = (args: object) => {
    const faults = new Faults();
    const made = spec(args, faults);
    faults.throwIfAny();
    return made.swarm;
};

describe("a set on a swarm", () => {
    it("may run on all nodes, one task on each, and goes back by itself", () =>
        assert.deepEqual(service({ replicas: 2 }), {
            replicas: 2,
            publish: "host",
            nodes,
            constraints: [],
            spreadOver: undefined,
            maxPerNode: undefined,
            networks: [],
            onFailure: "rollback",
            monitorSeconds: 10,
            healthIntervalSeconds: 5,
        }));

    it("says the rest in Swarm's words", () => {
        const made = service({
            replicas: "every-host",
            swarm: { networks: ["backend"], publish: "mesh", rollbackOnFailure: false, monitorSeconds: 3 },
        });
        assert.deepEqual(
            [made.replicas, made.publish, made.networks, made.onFailure, made.monitorSeconds],
            [undefined, "mesh", ["backend"], "pause", 3],
        );
    });

    for (const [title, placement, constraints, allowed] of [
        ["one value", { require: { zone: ["a"] } }, ["node.labels.zone==a"], ["h1"]],
        [
            "several values, by those that are not, and nodes without the label by name",
            { require: { zone: ["a", "b"] } },
            ["node.labels.fusion.host!=h4", "node.labels.zone!=c"],
            ["h1", "h2"],
        ],
        ["one host", { require: { host: ["h2"] } }, ["node.labels.fusion.host==h2"], ["h2"]],
        [
            "several hosts",
            { require: { host: ["h1", "h2"] } },
            ["node.labels.fusion.host!=h3", "node.labels.fusion.host!=h4"],
            ["h1", "h2"],
        ],
        [
            "two labels",
            { require: { zone: ["a", "c"], disk: ["ssd"] } },
            ["node.labels.disk==ssd", "node.labels.fusion.host!=h4", "node.labels.zone!=b"],
            ["h1"],
        ],
        [
            "a label to spread over, which nodes have to bear",
            { spreadOver: "zone" },
            ["node.labels.fusion.host!=h4"],
            ["h1", "h2", "h3"],
        ],
        ["hosts to spread over, as Swarm does anyway", { spreadOver: "host" }, [], ["h1", "h2", "h3", "h4"]],
    ] as const) {
        it(`may require ${title}`, () => {
            const made = service({ placement });
            assert.deepEqual(made.constraints, constraints);
            assert.deepEqual(
                made.nodes.map(({ name }) => name),
                allowed,
            );
        });
    }

    it("has its own tasks apart by a maximum a node", () => {
        const apart = { placement: { antiAffinity: { with: ["web"] } }, replicas: 3 };
        assert.equal(service({ ...apart, swarm: { publish: "mesh" } }).maxPerNode, 1);
        assert.equal(service({ replicas: 3, ports: [], swarm: { maxPerNode: 2 } }).maxPerNode, 2);
    });

    it("has a name that Swarm takes", () => {
        assert.equal(named("web_v2-b"), "");
        for (const name of ["web.v2", "web-", "web_"]) {
            assert.match(
                named(name),
                /: is no name of a service for Swarm: "web.*"; use up to 63 .* or give the set hosts/,
            );
        }
    });

    it("starts first on the mesh also with a fixed port, which is all versions'", () => {
        const ports = [{ container: 80, host: 8080 }];
        assert.equal(spec({ ports, swarm: { publish: "mesh" } }).update.order, "start-first");
        assert.deepEqual(spec({ ports }).update, {
            ...{ order: "stop-first", forcedBy: "web.ports[0].host", parallelism: 1, bounded: false },
        });
    });

    const refused: readonly WrongCase<object>[] = [
        ["an archive", { image: { archive: "./web.tar" } }, "web.image", /is in an archive.*push it to a registry/],
        [
            "a build",
            { image: { build: { context: "." }, push: "r.example.org/web" } },
            "web.image",
            /is built.*push it to a registry/,
        ],
        ["a canary", { replicas: 2, canary: {} }, "web.canary", /a service runs one version; leave it out/],
        ["a rollback", { rollback: true }, "web.rollback", /goes back when an update fails; name the earlier image/],
        ["pull", { pull: "never" }, "web.pull", /cannot be "never" on a swarm/],
        ["images that are kept", { keepImagesDays: 3 }, "web.keepImagesDays", /keep what they pulled/],
        [
            "a container's argument",
            { container: { privileged: true } },
            "web.container.privileged",
            /words of a container/,
        ],
        [
            "its own variable",
            { env: { FUSION_VERSION: "1" } },
            "web.env.FUSION_VERSION",
            /is what the library itself sets/,
        ],
        ["its other variable", { env: { FUSION_TURN: "1" } }, "web.env.FUSION_TURN", /is what the library itself sets/],
        [
            "a variant",
            { platform: "linux/arm/v7" },
            "web.platform",
            /variant, which Swarm does not know of: "linux\/arm\/v7"/,
        ],
        ["a volume", { volumes: [{ name: "d", path: "/d" }] }, "web.volumes[0]", /one writer.*shared or readOnly/],
        [
            "another objective",
            { placement: { objective: "binpack" } },
            "web.placement.objective",
            /"binpack" on a swarm/,
        ],
        [
            "preferences",
            { placement: { prefer: { zone: ["a"] } } },
            "web.placement.prefer",
            /no preference but to spread/,
        ],
        ["affinity", { placement: { affinity: ["db"] } }, "web.placement.affinity", /sets that belong together/],
        ["a skew", { placement: { spreadOver: "zone", maxSkew: 1 } }, "web.placement.maxSkew", /promises no bound/],
        ["a pin", { placement: { pin: { "web-0": "h1" } } }, "web.placement.pin", /Swarm alone decides/],
        ["moves", { placement: { move: { improve: 1 } } }, "web.placement.move", /moves no task that runs/],
        [
            "to keep away from others",
            { placement: { antiAffinity: [{ with: ["web"] }, { with: ["db"] }] } },
            "web.placement.antiAffinity[1]",
            /keeps a service's own tasks apart.*\{ with: \["web"\] \}/,
        ],
        [
            "to keep apart over a zone",
            { placement: { antiAffinity: { with: ["web"], over: "zone" } } },
            "web.placement.antiAffinity",
            /on nodes of their own/,
        ],
    ];
    for (const [title, args, path, says] of refused) {
        it(`is refused ${title}`, () => assertFault(path, says, (faults) => spec(args, faults)));
    }

    const wrong: readonly WrongCase<object>[] = [
        [
            "more replicas than nodes",
            { replicas: 5 },
            "web.replicas",
            /are 5, and publish: "host" allows one a node.*"h4"/,
        ],
        [
            "more replicas than have room",
            { replicas: 5, ports: [], swarm: { maxPerNode: 1 } },
            "web.replicas",
            /are 5, and maxPerNode is 1/,
        ],
        [
            "no room for a new task",
            { replicas: 4, ports: [], swarm: { maxPerNode: 1 } },
            "web.swarm.maxPerNode",
            /is 1, with 4 replicas on 4 hosts.*stop-first/,
        ],
        ["two tasks for a port", { swarm: { maxPerNode: 2 } }, "web.swarm.maxPerNode", /cannot be 2 with ports/],
        ["a way to publish", { swarm: { publish: "dns" } }, "web.swarm.publish", /is not known: "dns"/],
        ["a network", { swarm: { networks: ["front"] } }, "web.swarm.networks[0]", /"front" is none.*\["backend"\]/],
        ["a time", { swarm: { monitorSeconds: 0 } }, "web.swarm.monitorSeconds", /whole number from 1 to 3600, got 0/],
        [
            "a port of the range",
            { ports: [{ container: 80, host: 30_001 }] },
            "web.ports[0].host",
            /sets on swarms get.*30001/,
        ],
        [
            "a requirement",
            { placement: { require: { zone: [] } } },
            "web.placement.require.zone",
            /list of values, got \[\]/,
        ],
        [
            "none of the values",
            { placement: { require: { zone: ["x"] } } },
            "web.placement.require",
            /none of the 4 hosts/,
        ],
        [
            "values of another case",
            { placement: { require: { zone: ["A"] } } },
            "web.placement.require.zone",
            /the same as "a" of h1/,
        ],
        [
            "a label that no node has",
            { placement: { spreadOver: "rack" } },
            "web.placement.spreadOver",
            /none of the hosts has/,
        ],
    ];
    for (const [title, args, path, says] of wrong) {
        it(`is told what is wrong with ${title}`, () => assertFault(path, says, (faults) => spec(args, faults)));
    }

    it("is told all that is wrong at once", () => {
        const args = { canary: {}, replicas: 9, pull: "always", swarm: { networks: ["x"] }, stopSignal: "?" };
        const paths = faultsOf((faults) => spec(args, faults)).map((line) => line.replace(/: .*/, ""));
        assert.deepEqual(paths, ["web.canary", "web.pull", "web.replicas", "web.stopSignal", "web.swarm.networks[0]"]);
    });
});
