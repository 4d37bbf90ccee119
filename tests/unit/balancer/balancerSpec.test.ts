import assert from "node:assert/strict";
import type { BackendArgs } from "../../../lib/balancer/balancerArgs";
import { balancerSpec } from "../../../lib/balancer/balancerSpec";
import type { FusionBalancerArgs } from "../../../lib/balancer/FusionBalancer";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { containerSetSpec } from "../../../lib/containers/containerSetSpec";
import { FusionContainerSet, type FusionContainerSetArgs } from "../../../lib/containers/FusionContainerSet";
import { Faults } from "../../../lib/faults";
import type { SshTarget } from "../../../lib/ssh";
import { assertFault, type WrongCase } from "../../support/faults";
import { assertGolden } from "../../support/golden";
import { haproxyCheck } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

const host = { name: "vm1", address: "10.77.0.11", capacity: {}, labels: {} };
/** A set of which no more is there than its arguments. */
const set = (name: string, more: Partial<FusionContainerSetArgs> = {}): FusionContainerSet => {
    const args = { hosts: [], image: "x", ports: [{ container: 80 }], ...more };
    const value = containerSetSpec(name, args, [host], new Faults());
    return Object.create(FusionContainerSet.prototype, { spec: { value } });
};
const web = set("web");
const api = set("api");
const legacy: BackendArgs = { name: "legacy", servers: [{ name: "old", address: "10.0.0.9", port: 8080 }] };
const certificates = [{ certificate: "C", key: "K" }];
const tls = { certificates };
const secure = { listen: [{ port: 80 }, { port: 443, tls: true }], tls };

interface Given {
    name?: string;
    args?: Partial<FusionBalancerArgs>;
    ssh?: SshTarget;
}

const spec = ({ name = "lb", args = {}, ssh }: Given, faults: Faults) =>
    balancerSpec(name, { listen: 80, backends: [web], ...args }, ssh, faults);
const good = (given: Given) => {
    const faults = new Faults();
    const made = spec(given, faults);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    return made;
};

/** Everything that a balancer can be told. */
const full: Partial<FusionBalancerArgs> = {
    listen: [
        { port: 80 },
        { address: "10.0.0.5", port: 8443, tls: true },
        { address: "fd00::5", port: 8443, tls: true },
    ],
    backends: [
        {
            set: api,
            match: { hosts: ["api.example.org"], paths: ["/v1"], headers: { "X-Beta": "yes" }, share: 20 },
            ...{ algorithm: "leastconn", cookie: "SERVER", agentPort: 9999, slowStartSeconds: 30 },
            ...{ maxConnections: 50, retries: 1, timeouts: { serverSeconds: 300 } },
            lines: ["http-request set-header X-Api 1"],
        },
        web,
        {
            ...legacy,
            healthCheck: { http: { path: "/health", host: "old.example.org" } },
            match: { paths: ["/old"] },
        },
    ],
    algorithm: "source",
    tls: {
        ...{ certificates, hstsSeconds: 3600 },
        acme: {
            ...{ domains: ["WWW.example.org", ["example.org", "shop.example.org"]], email: "ops@example.org" },
            ...{ acceptTerms: true, server: "https://ca.example.org/acme/directory", renewDaysBefore: 20 },
            challengePort: 502,
        },
    },
    clients: { allow: ["10.0.0.0/8"], deny: ["10.6.6.6"], proxies: ["10.0.0.1"], rate: { requests: 100 } },
    timeouts: { clientSeconds: 30 },
    maxConnections: 2000,
    metrics: { listen: { address: "127.0.0.1", port: 8405 }, user: "prometheus", password: "p" },
    lines: {
        global: ["spread-checks 5"],
        defaults: ["option dontlognull"],
        frontend: ["http-request set-header X-Rack a"],
    },
    haproxy: { install: true, version: "2.6.12" },
    ...{ address: "www.example.org", drainSeconds: 5, directory: "/var/lib/lb" },
};

describe("arguments of a balancer", () => {
    before(() => needPrograms("haproxy"));

    it("have the documented defaults", () => {
        const { backends, haproxy, ...others } = good({});
        assert.deepEqual(others, {
            name: "lb",
            owner: "project/stack/lb",
            unit: "fusion-haproxy-lb-e3c7d665",
            lockSeconds: 1800,
            install: undefined,
            acme: undefined,
            image: undefined,
            directory: "/var/lib/fusion/lb",
            drainSeconds: 30,
            ssh: undefined,
            url: "http://localhost/",
        });
        assert.deepEqual(backends, [{ backend: { name: "web", servers: [] }, set: web }]);
        assert.deepEqual(haproxy, {
            socket: "/var/lib/fusion/lb/admin.sock",
            hardStopAfterSeconds: 90,
            frontends: [{ name: "lb", bind: [{ address: "*:80" }], defaultBackend: "web" }],
            backends: [{ name: "web", servers: [] }],
            lines: {},
        });
    });

    it("are all in HAProxy's configuration, as is kept in tests/golden", () => {
        const { haproxy } = good({ args: full });
        const files = haproxy.frontends.map((one) => ({
            ...one,
            certificates: ["/var/lib/lb/secret/0.pem", ...(one.certificates ?? [])],
        }));
        assertGolden("balancer/arguments.cfg", renderHaproxyConfig({ ...haproxy, frontends: files }));
    });

    it("in mode tcp are a configuration that HAProxy takes", async () => {
        const args: Partial<FusionBalancerArgs> = {
            ...{ listen: 5432, mode: "tcp", backends: [{ ...legacy, match: { share: 20 } }, web] },
            clients: { rate: { requests: 20 }, proxies: ["10.0.0.1"] },
        };
        const { haproxy, url } = good({ args });
        assert.equal(url, "tcp://localhost:5432");
        assert.deepEqual(await haproxyCheck([renderHaproxyConfig({ ...haproxy, socket: "/run/lb.sock" })]), [
            undefined,
        ]);
    });

    const bindOf = (args: Partial<FusionBalancerArgs>) => good({ args }).haproxy.frontends[0];
    it("send what comes without TLS to the port with it, unless told otherwise", () => {
        assert.equal(bindOf(secure)?.redirectToTls, 443);
        assert.equal(bindOf({ ...secure, tls: { ...tls, redirect: false } })?.redirectToTls, undefined);
        assert.equal(bindOf({ ...secure, listen: { port: 443, tls: true } })?.redirectToTls, undefined);
        assert.equal(bindOf({ ...secure, mode: "tcp" })?.redirectToTls, undefined);
    });

    for (const [title, given, url] of [
        ["of another port", { args: { listen: 8080 } }, "http://localhost:8080/"],
        ["of one address", { args: { listen: { address: "10.0.0.5", port: 80 } } }, "http://10.0.0.5/"],
        ["of an IPv6 address", { args: { listen: { address: "fd00::5", port: 81 } } }, "http://[fd00::5]:81/"],
        ["of the port with TLS", { args: secure }, "https://localhost/"],
        [
            "of another port with TLS",
            { args: { ...secure, listen: { port: 8443, tls: true } } },
            "https://localhost:8443/",
        ],
        ["of another machine", { ssh: { address: "rack1" } }, "http://rack1/"],
        [
            "that clients use",
            { args: { address: "www.example.org" }, ssh: { address: "rack1" } },
            "http://www.example.org/",
        ],
    ] as const satisfies (readonly [string, Given, string])[]) {
        it(`the URL is that ${title}`, () => assert.equal(good(given).url, url));
    }

    const behind = (...backends: FusionBalancerArgs["backends"]): Given => ({ args: { backends } });
    it("have a set asked for another host than its name", () => {
        const asked = set("asked", { healthCheck: { http: { path: "/up" } } });
        const { backends } = good({
            args: { backends: [{ set: asked, healthCheck: { http: { host: "www.x.org" } } }] },
        });
        assert.deepEqual(backends[0]?.backend.healthCheck, { http: { path: "/up", host: "www.x.org" } });
    });

    const wrong: WrongCase<Given>[] = [
        ["port 0", { args: { listen: 0 } }, "lb.listen", /from 1 to 65535, got 0; give a TCP port/],
        ["a port above 65535", { args: { listen: 70000 } }, "lb.listen", /got 70000; give a TCP port/],
        ["a port in an object", { args: { listen: { port: 1.5 } } }, "lb.listen.port", /got 1.5; give/],
        ["a port in a list", { args: { listen: [{ port: 80 }, { port: 0 }] } }, "lb.listen[1].port", /got 0; give/],
        ["no port", { args: { listen: [] } }, "lb.listen", /names no port; give a TCP port/],
        ["a port twice", { args: { listen: [{ port: 80 }, { port: 80 }] } }, "lb.listen[1].port", /already: 80; give/],
        [
            "no address",
            { args: { listen: { port: 80, address: "*" } } },
            "lb.listen.address",
            /no IP address: "\*"; give/,
        ],
        ["TLS without certificates", { args: { listen: { port: 443, tls: true } } }, "lb.listen.tls", /give lb.tls/],
        ["certificates without TLS", { args: { tls } }, "lb.tls", /no port that speaks it; give a listener/],
        [
            "an empty list of certificates",
            { args: { ...secure, tls: { certificates: [] } } },
            "lb.tls.certificates",
            /is empty; give at least one/,
        ],
        [
            "a negative time of TLS alone",
            { args: { ...secure, tls: { ...tls, hstsSeconds: -1 } } },
            "lb.tls.hstsSeconds",
            /got -1; give seconds/,
        ],
        [
            "TLS alone in mode tcp",
            { args: { ...secure, mode: "tcp", tls: { ...tls, hstsSeconds: 1 } } },
            "lb.tls.hstsSeconds",
            /cannot be said in mode "tcp"; leave it out/,
        ],
        [
            "an algorithm",
            { args: { algorithm: "fastest" as "first" } },
            "lb.algorithm",
            /not known: "fastest"; use one of "roundrobin", /,
        ],
        [
            "an algorithm of a backend",
            behind({ set: web, algorithm: "fastest" as "first" }),
            "lb.backends[0].algorithm",
            /not known: "fastest"/,
        ],
        ["an algorithm in mode tcp", { args: { mode: "tcp", algorithm: "uri" } }, "lb.algorithm", /does not see; use/],
        ["a mode", { args: { mode: "udp" as "tcp" } }, "lb.mode", /not known: "udp"; use one of "http", "tcp"/],
        ["a network", { args: { clients: { allow: ["x"] } } }, "lb.clients.allow[0]", /is no network: "x"; give/],
        ["a rate of 0", { args: { clients: { rate: { requests: 0 } } } }, "lb.clients.rate.requests", /got 0; give/],
        ["an endless time", { args: { timeouts: { clientSeconds: 0 } } }, "lb.timeouts.clientSeconds", /got 0; give/],
        ["no connection", { args: { maxConnections: 0 } }, "lb.maxConnections", /from 1 to 10000000, got 0; give/],
        ...(["global", "defaults", "frontend"] as const).map(
            (key): WrongCase<Given> => [
                `a line that begins a section in ${key}`,
                { args: { lines: { [key]: ["option a", "backend x"] } } },
                `lb.lines.${key}[1]`,
                /would begin a section: "backend x"; give/,
            ],
        ),
        [
            "metrics for everybody",
            { args: { metrics: { listen: { port: 1 } as { address: string; port: number } } } },
            "lb.metrics.listen.address",
            /is no IP address: ""; give/,
        ],
        [
            "metrics where clients connect",
            {
                args: {
                    listen: { address: "10.0.0.5", port: 80 },
                    metrics: { listen: { address: "10.0.0.5", port: 80 } },
                },
            },
            "lb.metrics.listen.port",
            /listened on already: 80; give/,
        ],
        [
            "a user without a password",
            { args: { metrics: { listen: { address: "::1", port: 1 }, user: "a" } } },
            "lb.metrics",
            /a user without a password/,
        ],
        [
            "a user with a colon",
            { args: { metrics: { listen: { address: "::1", port: 1 }, user: "a:b", password: "c" } } },
            "lb.metrics.user",
            /is no name of a user: "a:b"; give/,
        ],
        [
            "a version of an image",
            { args: { haproxy: { image: "haproxy:3.0", version: "3.0" } } },
            "lb.haproxy.version",
            /image has a version of its own; leave one/,
        ],
        [
            "an image of no name",
            { args: { haproxy: { image: "HAProxy 3" } } },
            "lb.haproxy.image",
            /no image name: "HAProxy 3"; give one such as "haproxy:3.0"/,
        ],
        [
            "neither an image nor an installation",
            { args: { haproxy: {} } },
            "lb.haproxy.install",
            /must be true, got undefined; leave haproxy out/,
        ],
        [
            "an installation that is none",
            { args: { haproxy: { image: "haproxy:3.0", install: false as unknown as true } } },
            "lb.haproxy.install",
            /must be true, got false; leave/,
        ],
        [
            "credentials without an image",
            { args: { haproxy: { install: true, registryAuth: { username: "u", password: "p" } } } },
            "lb.haproxy.registryAuth",
            /is for an image, and there is none; give image/,
        ],
        [
            "credentials without a password",
            { args: { haproxy: { image: "haproxy:3.0", registryAuth: { username: "u", password: "" } } } },
            "lb.haproxy.registryAuth.password",
            /is missing; give it/,
        ],
        ["a relative directory", { args: { directory: "lb" } }, "lb.directory", /"lb"; give one such as/],
        ["a directory above itself", { args: { directory: "/var/.." } }, "lb.directory", /"\/var\/\.\."/],
        ["the root directory", { args: { directory: "/var" } }, "lb.directory", /below another directory: "\/var"/],
        ["a directory with a space", { args: { directory: "/var/l b" } }, "lb.directory", /"\/var\/l b"/],
        ["a long directory", { args: { directory: `/run/${"x".repeat(90)}` } }, "lb.directory", /up to 90 characters/],
        ["no set", behind(), "lb.backends", /is empty; give at least one container set/],
        [
            "two backends for the rest",
            behind(web, { set: set("x"), match: { paths: ["/x"] } }, api),
            "lb.backends",
            /backends\[0\] and backends\[2\] have no match; .* give the others a match/,
        ],
        [
            "shares of all",
            behind({ set: web, match: { share: 50 } }, { set: api, match: { share: 50 } }),
            "lb.backends",
            /shares of 100 per cent .* together; leave/,
        ],
        [
            "the same set twice",
            behind(web, { set: web, match: { paths: ["/x"] } }),
            "lb.backends[1]",
            /is used twice: "web"; give/,
        ],
        ["a set without ports", behind(set("web", { ports: [] })), "lb.backends[0]", /web publishes no port; give it/],
        [
            "a set of UDP",
            behind(set("dns", { ports: [{ container: 53, protocol: "udp" }] })),
            "lb.backends[0]",
            /dns has a UDP port first, .*; name a TCP port/,
        ],
        ["a set without replicas", behind(set("web", { replicas: 0 })), "lb.backends[0]", /web has no replicas; give/],
        ["a set of its own name", { name: "web" }, "web", /is used twice: "web"; give every/],
        ["a reserved name", behind(set("TRUE")), "lb.backends[0]", /HAProxy would not take: "TRUE"; use/],
        ["a reserved name of its own", { name: "METH_GET" }, "METH_GET", /HAProxy would not take: "METH_GET"; use/],
        ["a name with a slash", { name: "a/b", args: { directory: "/var/x" } }, "a/b", /would not take: "a\/b"; use/],
        [
            "a health path that HAProxy would read otherwise",
            behind(set("web", { healthCheck: { http: { path: "/a%20b" } } })),
            "lb.backends[0].healthCheck.http.path",
            /is not the plain path of a URL: "\/a%20b"; give/,
        ],
        [
            "servers without a name",
            behind({ ...legacy, name: undefined } as BackendArgs),
            "lb.backends[0].name",
            /missing/,
        ],
        [
            "a name with a blank",
            behind({ ...legacy, name: "a b" }),
            "lb.backends[0].name",
            /would not take: "a b"; use/,
        ],
        [
            "no servers",
            behind({ name: "x" }),
            "lb.backends[0].servers",
            /missing or empty; give servers, or a container/,
        ],
        [
            "a server of no address",
            behind({ name: "x", servers: [{ name: "a", address: "/run/x.sock", port: 1 }] }),
            "lb.backends[0].servers[0].address",
            /neither an IP address nor a host name/,
        ],
        ...(
            [
                ["name", { name: "x" }],
                ["servers", { servers: [] }],
                ["healthCheck.http.path", { healthCheck: { http: { path: "/" } } }],
            ] as const
        ).map(
            ([key, more]): WrongCase<Given> => [
                `a set with ${key}`,
                behind({ set: web, ...more }),
                `lb.backends[0].${key}`,
                /is what the set itself says; leave it out/,
            ],
        ),
        [
            "a host to ask a set for that is not asked by HTTP",
            behind({ set: set("plain", {}), healthCheck: { http: { host: "www.example.org" } } }),
            "lb.backends[0].healthCheck.http.host",
            /for a set that is asked by HTTP, and plain is not; leave it out/,
        ],
        ...(
            [
                ["cookie", "a b", /no name of a cookie/],
                ["agentPort", 0, /got 0/],
                ["slowStartSeconds", 0, /got 0/],
                ["maxConnections", 0, /got 0/],
                ["retries", -1, /got -1/],
            ] as const
        ).map(
            ([key, value, says]): WrongCase<Given> => [
                `${key} of a backend`,
                behind({ set: web, [key]: value }),
                `lb.backends[0].${key}`,
                says,
            ],
        ),
        [
            "a time of a backend",
            behind({ set: web, timeouts: { serverSeconds: 0.5 } }),
            "lb.backends[0].timeouts.serverSeconds",
            /got 0.5; give/,
        ],
        ["a line of a backend", behind({ set: web, lines: ["a\nb"] }), "lb.backends[0].lines[0]", /must be one line/],
        [
            "a host to match",
            behind(web, { set: api, match: { hosts: ["a b"] } }),
            "lb.backends[1].match.hosts[0]",
            /is no host name: "a b"; give/,
        ],
        [
            "a path to match",
            behind(web, { set: api, match: { paths: ["api"] } }),
            "lb.backends[1].match.paths[0]",
            /is not the plain path of a URL: "api"; give/,
        ],
        [
            "a header to match",
            behind({ set: api, match: { headers: { "X-A": "it's" } } }),
            "lb.backends[0].match.headers.X-A",
            /is no value to compare with/,
        ],
        ["a match of nothing", behind(web, { set: api, match: {} }), "lb.backends[1].match", /says nothing, so/],
        [
            "metrics for everybody",
            { args: { metrics: { listen: { address: "0.0.0.0", port: 8405 } } } },
            "lb.metrics.user",
            /is missing, and everybody may reach 0\.0\.0\.0; give user/,
        ],
        ["a share", behind({ set: api, match: { share: 0 } }), "lb.backends[0].match.share", /from 1 to 99, got 0/],
        [
            "a match that mode tcp does not see",
            { args: { mode: "tcp", backends: [web, { set: api, match: { paths: ["/x"] } }] } },
            "lb.backends[1].match",
            /which mode "tcp" does not see|what mode "tcp" does not see/,
        ],
    ];
    for (const [title, given, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () => assertFault(path, says, (faults) => spec(given, faults)));
    }
});
