import assert from "node:assert/strict";
import { containerSetSpec } from "../../../lib/containers/containerSetSpec";
import type { FusionContainerSetArgs } from "../../../lib/containers/FusionContainerSet";
import { Faults } from "../../../lib/faults";
import { assertFault, type WrongCase } from "../../support/faults";

const host = { name: "vm1", address: "10.77.0.11", capacity: {}, labels: {} };
const spec = (args: object, faults: Faults, name = "web", hosts = [host]) => {
    const given: FusionContainerSetArgs = { hosts: [], image: "httpd:2.4", ports: [{ container: 80 }], ...args };
    return containerSetSpec(name, given, hosts, faults);
};

describe("arguments of a container set", () => {
    it("become a service of the placement", () => {
        const faults = new Faults();
        const args = {
            replicas: 4,
            ports: [{ container: 80 }, { container: 443, host: 8443 }],
            resources: { cpus: 0.25, memoryMiB: 128 },
            placement: { objective: "binpack", spreadOver: "zone", require: { zone: ["a"] } },
        };
        assert.deepEqual(spec(args, faults), {
            name: "web",
            hosts: [host],
            ports: [
                { container: 80, host: undefined },
                { container: 443, host: 8443 },
            ],
            healthCheck: undefined,
            objective: "binpack",
            move: {},
            service: {
                name: "web",
                replicas: 4,
                demand: { cpu: 250, memory: 128 },
                ports: [8443],
                spreadOver: "zone",
                require: { zone: ["a"], host: ["vm1"] },
            },
            survives: {},
        });
        assert.equal(faults.size, 0);
    });

    it("have the documented defaults", () => {
        const { objective, service } = spec({}, new Faults());
        assert.deepEqual([objective, service.replicas, service.demand], ["spread", 1, {}]);
    });

    const http = (more: object) => ({ healthCheck: { http: { port: 80, ...more } } });
    const wrong: WrongCase<object>[] = [
        ["fewer than no replicas", { replicas: -1 }, "web.replicas", /from 0 to 10000, got -1; give/],
        ["half a replica", { replicas: 1.5 }, "web.replicas", /whole number.*got 1.5/],
        [
            "an objective",
            { placement: { objective: "cheap" } },
            "web.placement.objective",
            /not known: "cheap"; use one of "spread"/,
        ],
        [
            "port 0",
            { ports: [{ container: 80 }, { container: 0 }] },
            "web.ports[1].container",
            /got 0; give a TCP port/,
        ],
        ["a port above 65535", { ports: [{ container: 80, host: 70000 }] }, "web.ports[0].host", /got 70000; give/],
        ["too many processors", { resources: { cpus: 2000 } }, "web.resources.cpus", /0.001 to 1024, got 2000; give/],
        ["no processor", { resources: { cpus: 0 } }, "web.resources.cpus", /got 0; give processors/],
        ["processors that are no number", { resources: { cpus: Number.NaN } }, "web.resources.cpus", /give processors/],
        ["half a MiB", { resources: { memoryMiB: 0.5 } }, "web.resources.memoryMiB", /got 0.5; give MiB/],
        ["two kinds of check", { healthCheck: { http: {}, tcp: {} } }, "web.healthCheck", /one of http and tcp, got/],
        ["no kind of check", { healthCheck: {} }, "web.healthCheck", /one of http and tcp, got \{\}/],
        [
            "a check of another port",
            http({ port: 81 }),
            "web.healthCheck.http.port",
            /not published: 81; add \{ container: 81 \} to ports, or probe one of \[80\]/,
        ],
        [
            "a check without ports",
            { ports: [], healthCheck: { tcp: {} } },
            "web.healthCheck",
            /no port to probe; add one/,
        ],
        [
            "a relative path",
            http({ path: "health" }),
            "web.healthCheck.http.path",
            /not the path of a URL: "health"; give/,
        ],
        ["a path of two words", http({ path: "/a b" }), "web.healthCheck.http.path", /"\/a b"; give/],
        [
            "no time",
            { healthCheck: { tcp: {}, timeoutSeconds: 0 } },
            "web.healthCheck.timeoutSeconds",
            /got 0; give seconds/,
        ],
        ["a variable's name", { env: { "A-B": "1" } }, "web.env", /no name for a variable: "A-B"; use/],
    ];
    for (const [title, args, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () => assertFault(path, says, (faults) => spec(args, faults)));
    }

    it("need a host", () =>
        assertFault("web.hosts", /is empty; give at least one/, (faults) => spec({}, faults, "web", [])));
    it("need a name that Docker takes", () =>
        assertFault("a b", /would not take: "a b"; use/, (faults) => spec({}, faults, "a b")));
});
