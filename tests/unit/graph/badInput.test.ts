import assert from "node:assert/strict";
import { analyse } from "../../../lib/graph";
import { FusionInputError } from "../../../lib/inputError";

/** What JSON of any kind is answered with: the faults, one a line. */
function faults(input: unknown): string[] {
    try {
        // As JSON from a file comes, whose type nobody has checked.
        analyse(JSON.parse(JSON.stringify(input) ?? "null"));
    } catch (error) {
        assert.ok(error instanceof FusionInputError, String(error));
        return error.errors.map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
    }
    return [];
}

const good = { assignment: { "web-0": "vm1" }, hosts: [{ name: "vm1" }] };

describe("wrong input", () => {
    it("is told all at once, each with its path, its value and a remedy", () => {
        const wrong = {
            assignment: { "web-0": "vm9", web: "vm1", "api-0": 3 },
            hosts: [{ name: "vm1", labels: { zone: 1 } }, { name: "vm1" }, 7],
            services: [
                { name: "web", needs: -1, dependsOn: ["wbe", 1] },
                { name: "api", needs: 1.5, dependsOn: "web" },
                { name: "big", needs: 2 ** 53 },
            ],
            traffic: [{ from: "web", to: "cache", weight: -2 }, { from: "web", to: "api", weight: 0.5 }, 1],
            domains: ["rack", 5],
        };
        assert.deepEqual(faults(wrong), [
            'assignment["api-0"]: must be a text, got 3; put it in quotes',
            "hosts[0].labels.zone: must be a text, got 1; put it in quotes",
            'hosts[1].name: is used twice, got "vm1"; choose another name',
            "hosts[2]: must be an object, got 7; give at least a name",
            "services[0].needs: must be a whole number from 0 to 2^53 - 1, got -1; give 1, or a quorum",
            'services[0].dependsOn[1]: must be a text that is not empty, got 1; give a name, e.g. "web"',
            "services[1].needs: must be a whole number from 0 to 2^53 - 1, got 1.5; give 1, or a quorum",
            'services[1].dependsOn: must be a list, got "web"; put it in brackets, e.g. ["web"]',
            "services[2].needs: must be a whole number from 0 to 2^53 - 1, got 9007199254740992; give 1, or a quorum",
            "traffic[0].weight: must be a whole number from 0 to 2^53 - 1, got -2; choose a smaller unit, e.g. bytes",
            "traffic[1].weight: must be a whole number from 0 to 2^53 - 1, got 0.5; choose a smaller unit, e.g. bytes",
            "traffic[2]: must be an object, got 1; give from, to and weight",
            'assignment["web-0"]: there is no host "vm9"; there is vm1',
            'assignment.web: must be named <service>-<number>, or <service>-<name> of one of services; rename it, e.g. "web-0"',
            'domains[1]: must be a text that is not empty, got 5; give a name, e.g. "web"',
            'domains[0]: host vm1 has no label "rack"; give it to every host, or leave it out here',
            'services[0].dependsOn[0]: there is no service "wbe"; there is api, big, web',
            'traffic[0].to: there is no service "cache"; there is api, big, web',
        ]);
    });

    it("is also what is missing or of another kind", () => {
        for (const input of [undefined, null, 3, "x", []]) assert.ok(faults(input).length > 0, JSON.stringify(input));
        assert.match(faults({ hosts: [] }).join(), /^assignment: must be an object, got null/);
        assert.match(faults({ assignment: {} }).join(), /^hosts: must be a list, got null/);
        assert.deepEqual(faults({ assignment: {}, hosts: [] }), []);
        assert.deepEqual(faults({ ...good, domains: ["host", "host"] }), []);
        assert.equal(analyse({ ...good, domains: ["host", "host"] }).domains.length, 1);
        assert.equal(faults({ ...good, domains: ["rack", "rack"] }).length, 1);
    });

    it("is null where a number of needed replicas must be", () => {
        assert.match(
            faults({ ...good, services: [{ name: "web", needs: null }] }).join(),
            /^services\[0\]\.needs: .*got null/,
        );
    });

    it("is a chain of dependencies whose answer would be too long; a shorter one is answered", () => {
        const chain = (length: number) => {
            const names = Array.from({ length }, (_, i) => `s${String(i).padStart(6, "0")}`);
            const services = names.map((name, i) => ({ name, dependsOn: names.slice(i + 1, i + 2) }));
            const assignment = Object.fromEntries(names.map((name, i) => [`${name}-0`, `vm${i % 100}`]));
            return { assignment, services, hosts: Array.from({ length: 100 }, (_, i) => ({ name: `vm${i}` })) };
        };
        assert.equal(analyse(chain(1000)).dependencies.services[0]?.needed, 999);
        assert.match(
            faults(chain(10_000)).join(),
            /^services: the 10000 services depend on too many others, .*: more than \d+ .*; shorten the chains of dependsOn/,
        );
    });

    it("is no reason to be misled by names such as __proto__", () => {
        const text = `{"assignment": {"__proto__-0": "__proto__", "constructor-0": "constructor"},
            "hosts": [{"name": "__proto__", "labels": {"__proto__": "a"}}, {"name": "constructor", "labels": {"__proto__": "b"}}],
            "services": [{"name": "__proto__", "dependsOn": ["constructor"]}]}`;
        const { domains } = analyse(JSON.parse(text));
        assert.deepEqual(
            domains.map(({ label, names }) => [label, names]),
            [
                ["host", ["__proto__", "constructor"]],
                ["__proto__", ["a", "b"]],
            ],
        );
        assert.deepEqual(domains[0]?.services[0]?.stoppedBy, ["__proto__", "constructor"]);
        assert.match(
            faults({ ...good, services: [{ name: "web", dependsOn: ["toString"] }] }).join(),
            /no service "toString"/,
        );
    });

    it("of 10 MB is answered like any other, wrong or right", () => {
        const names = Array.from({ length: 150_000 }, (_, i) => `service-number-${i}`);
        const assignment = Object.fromEntries(names.map((name) => [`${name}-0`, "a-host-with-a-rather-long-name"]));
        const hosts = [{ name: "a-host-with-a-rather-long-name" }];
        assert.ok(JSON.stringify({ assignment, hosts }).length > 8e6);
        const { domains } = analyse({ assignment, hosts });
        assert.equal(domains[0]?.losses[0]?.stopped, 150_000);
        assert.equal(faults({ assignment, hosts: [{ name: "vm1" }] }).length, 150_000);
    });
});
