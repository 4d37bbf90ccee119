import assert from "node:assert/strict";
import { balancerSpec } from "../../../lib/balancer/balancerSpec";
import type { FusionBalancerArgs } from "../../../lib/balancer/FusionBalancer";
import { type ContainerSetSpec, containerSetSpec } from "../../../lib/containers/containerSetSpec";
import type { FusionContainerSetArgs } from "../../../lib/containers/FusionContainerSet";
import { Faults } from "../../../lib/faults";
import type { SshTarget } from "../../../lib/ssh";
import { assertFault, type WrongCase } from "../../support/faults";

const host = { name: "vm1", address: "10.77.0.11", capacity: {}, labels: {} };
const set = (name: string, more: Partial<FusionContainerSetArgs> = {}) =>
    containerSetSpec(name, { hosts: [], image: "x", ports: [{ container: 80 }], ...more }, [host], new Faults());

interface Given {
    name?: string;
    args?: object;
    sets?: ContainerSetSpec[];
    ssh?: SshTarget;
}

const spec = ({ name = "lb", args = {}, sets = [set("web")], ssh }: Given, faults: Faults) => {
    const given: FusionBalancerArgs = { listen: 80, backends: [], ...args };
    return balancerSpec(name, given, sets, ssh, faults);
};
const good = (given: Given) => {
    const faults = new Faults();
    const made = spec(given, faults);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    return made;
};

describe("arguments of a balancer", () => {
    it("have the documented defaults", () =>
        assert.deepEqual(good({}), {
            name: "lb",
            bind: "*:80",
            algorithm: "roundrobin",
            directory: "/var/lib/fusion/lb",
            drainSeconds: 30,
            ssh: undefined,
            url: "http://localhost/",
        }));

    for (const [title, given, url] of [
        ["of another port", { args: { listen: 8080 } }, "http://localhost:8080/"],
        ["of one address", { args: { listen: { address: "10.0.0.5", port: 80 } } }, "http://10.0.0.5/"],
        ["of another machine", { ssh: { address: "rack1" } }, "http://rack1/"],
        [
            "that clients use",
            { args: { address: "www.example.org" }, ssh: { address: "rack1" } },
            "http://www.example.org/",
        ],
    ] as const satisfies (readonly [string, Given, string])[]) {
        it(`the URL is that ${title}`, () => assert.equal(good(given).url, url));
    }

    const wrong: WrongCase<Given>[] = [
        ["port 0", { args: { listen: 0 } }, "lb.listen", /from 1 to 65535, got 0; give a TCP port/],
        ["a port above 65535", { args: { listen: 70000 } }, "lb.listen", /got 70000; give a TCP port/],
        ["a port in an object", { args: { listen: { port: 1.5 } } }, "lb.listen.port", /got 1.5; give/],
        [
            "no address",
            { args: { listen: { port: 80, address: "*" } } },
            "lb.listen.address",
            /not an IPv4 address: "\*"; give/,
        ],
        [
            "an algorithm",
            { args: { algorithm: "fastest" } },
            "lb.algorithm",
            /not known: "fastest"; use one of "roundrobin", /,
        ],
        ["a relative directory", { args: { directory: "lb" } }, "lb.directory", /"lb"; give one such as/],
        ["the root directory", { args: { directory: "/var" } }, "lb.directory", /below another directory: "\/var"/],
        ["a directory with a space", { args: { directory: "/var/l b" } }, "lb.directory", /"\/var\/l b"/],
        ["a long directory", { args: { directory: `/run/${"x".repeat(90)}` } }, "lb.directory", /up to 90 characters/],
        ["no set", { sets: [] }, "lb.backends", /must have one container set, got 0; make/],
        [
            "two sets",
            { sets: [set("web"), set("api")] },
            "lb.backends",
            /must have one container set, got 2; make one balancer a set/,
        ],
        [
            "a set without ports",
            { sets: [set("web", { ports: [] })] },
            "lb.backends[0]",
            /web publishes no port; give it ports/,
        ],
        [
            "a set without replicas",
            { sets: [set("web", { replicas: 0 })] },
            "lb.backends[0]",
            /web has no replicas; give/,
        ],
        [
            "a set of its own name",
            { name: "web" },
            "web",
            /is the name of the container set behind it too: "web"; give/,
        ],
        ["a reserved name", { sets: [set("TRUE")] }, "lb.backends[0]", /HAProxy's own words: "TRUE"; give it another/],
        [
            "a reserved name of its own",
            { name: "METH_GET" },
            "METH_GET",
            /HAProxy's own words: "METH_GET"; give it another/,
        ],
        ["a name with a slash", { name: "a/b", args: { directory: "/var/x" } }, "a/b", /would not take: "a\/b"; use/],
        [
            "a health path that HAProxy would read otherwise",
            { sets: [set("web", { healthCheck: { http: { path: "/a%20b" } } })] },
            "lb.backends[0].healthCheck.http.path",
            /is not the plain path of a URL: "\/a%20b"; give/,
        ],
    ];
    for (const [title, given, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () => assertFault(path, says, (faults) => spec(given, faults)));
    }
});
