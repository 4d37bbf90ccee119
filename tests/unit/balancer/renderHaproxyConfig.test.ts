import assert from "node:assert/strict";
import fc from "fast-check";
import type { HaproxySpec } from "../../../lib/balancer/haproxySpec";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { assertGolden } from "../../support/golden";
import { haproxyCheck, least } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

const [backend] = least.backends;

/** Everything that a specification can say. */
const full: HaproxySpec = {
    socket: "/run/fusion/lb/admin.sock",
    metrics: "127.0.0.1:8405",
    hardStopAfterSeconds: 30,
    maxConnections: 2000,
    timeouts: { requestSeconds: 5, clientSeconds: 30, serverSeconds: 90, tunnelSeconds: 600 },
    lines: { global: ["spread-checks 5", "tune.bufsize 32768"], defaults: ["option dontlognull"] },
    frontends: [
        {
            name: "http",
            bind: ["[::1]:8080", "*:80", "10.0.0.5:8080"],
            defaultBackend: "web",
            maxConnections: 1500,
            clients: {
                allow: ["10.0.0.0/8", "fd00::/8"],
                deny: ["10.6.6.6"],
                proxies: ["10.0.0.1", "10.0.0.2"],
                rate: { requests: 100, seconds: 5 },
            },
            routes: [
                { backend: "api", hosts: ["API.example.org", "*.api.example.org"], paths: ["/v1", "/v2/"] },
                { backend: "api", paths: ["/api"] },
                { backend: "beta", share: 10 },
                { backend: "beta", headers: { "X-Beta": "yes; #1 $" + "{HOME}" } },
            ],
            lines: [
                "option forwardfor header X-Seen",
                "http-request set-header X-Rack a",
                "tcp-request connection accept",
            ],
        },
        { name: "admin", bind: ["127.0.0.1:81"], defaultBackend: "api" },
        {
            name: "sql",
            mode: "tcp",
            bind: ["127.0.0.1:5432"],
            clients: { rate: { requests: 20 } },
            routes: [{ backend: "replica", share: 50 }],
            defaultBackend: "primary",
        },
    ],
    backends: [
        {
            name: "web",
            algorithm: "uri",
            healthCheck: { http: { path: "/health?full=1", host: "www.example.org" } },
            cookie: "SERVER",
            servers: [
                { name: "web-1", address: "fd00::11", port: 20003, weight: 0, checkPort: 20004 },
                { name: "web-0", address: "10.77.0.11", port: 20001 },
                { name: "sorry", address: "10.77.0.9", port: 80, backup: true },
            ],
        },
        {
            name: "api",
            algorithm: "leastconn",
            agentPort: 9999,
            slowStartSeconds: 30,
            maxConnections: 50,
            retries: 1,
            timeouts: { connectSeconds: 1, queueSeconds: 2, serverSeconds: 300, tunnelSeconds: 60 },
            lines: ["http-request set-header X-Api 1", "option log-health-checks"],
            servers: [{ name: "api-0", address: "localhost", port: 65535, weight: 256 }],
        },
        { name: "beta", servers: [] },
        { name: "primary", mode: "tcp", servers: [{ name: "db-0", address: "10.77.0.21", port: 5432 }] },
        {
            name: "replica",
            mode: "tcp",
            algorithm: "source",
            servers: [{ name: "db-1", address: "10.77.0.22", port: 5432 }],
        },
    ],
};

describe("HAProxy's configuration", () => {
    before(() => needPrograms("haproxy"));

    // What comes before the frontend is the same everywhere, and stands in one golden.
    for (const count of [0, 1, 3, 200]) {
        it(`of ${count} backends is kept in tests/golden, and HAProxy takes it`, async () => {
            const backends = Array.from({ length: count }, (_, index) => ({
                name: `b${index}`,
                healthCheck: { http: { path: "/" } },
                servers: [
                    { name: `b${index}-0`, address: `10.77.${index}.11`, port: 20000 },
                    { name: `b${index}-1`, address: `10.77.${index}.12`, port: 20000 },
                ],
            }));
            const [first, ...more] = backends.map(({ name }) => name);
            const routes = more.map((name) => ({ backend: name, hosts: [`${name}.example.org`] }));
            const frontends =
                first === undefined ? [] : [{ name: "http", bind: ["*:80"], routes, defaultBackend: first }];
            // One without backends tells that it is there, and nothing else.
            const text = renderHaproxyConfig({
                frontends,
                backends,
                ...(count === 0 && { metrics: "127.0.0.1:8405" }),
            });
            const [head = "", body = ""] = text.split(/^(?=frontend )/m);
            const [usual = ""] = renderHaproxyConfig(least).split(/^(?=frontend )/m);
            const nameless = (part: string) => part.replace(/"fusion-[0-9a-f]+"/, "");
            assert.equal(nameless(head), nameless(usual));
            assertGolden(`balancer/backends-${count}.cfg`, body);
            assert.deepEqual(await haproxyCheck([text]), [undefined]);
        });
    }

    it("is what is kept in tests/golden", () => {
        assertGolden("balancer/least.cfg", renderHaproxyConfig(least));
        assertGolden("balancer/full.cfg", renderHaproxyConfig(full));
    });

    it("is taken by HAProxy, warnings counted as errors", async () => {
        assert.deepEqual(await haproxyCheck([renderHaproxyConfig(least), renderHaproxyConfig(full)]), [
            undefined,
            undefined,
        ]);
    });

    it("is taken by HAProxy with every algorithm", async () => {
        const texts = (["roundrobin", "leastconn", "source", "uri", "random", "first"] as const).map((algorithm) =>
            renderHaproxyConfig({ ...least, backends: [{ ...backend, algorithm }] }),
        );
        assert.deepEqual(await haproxyCheck(texts), Array(6).fill(undefined));
    });

    it("is the same bytes for the same values in any order", () => {
        fc.assert(
            fc.property(fc.infiniteStream(fc.nat()), (stream) => {
                const order = <T>(items: readonly T[]): T[] =>
                    items
                        .map((item) => ({ item, key: stream.next().value }))
                        .sort((a, b) => a.key - b.key)
                        .map(({ item }) => item);
                const fields = <T extends object>(value: T): T => ({
                    ...value,
                    ...Object.fromEntries(order(Object.entries(value))),
                });
                const frontends = order(full.frontends).map((one) => fields({ ...one, bind: order(one.bind) }));
                const backends = order(full.backends).map((one) =>
                    fields({ ...one, servers: order(one.servers).map(fields) }),
                );
                assert.equal(renderHaproxyConfig(fields({ ...full, frontends, backends })), renderHaproxyConfig(full));
            }),
        );
    });

    it("keeps every server's line when others come and go, and gives each an id of its own", () => {
        const names = fc.uniqueArray(
            fc.integer({ min: 0, max: 5000 }).map((n) => `web-${n}`),
            { minLength: 2, maxLength: 60 },
        );
        fc.assert(
            fc.property(names, fc.nat(), (all, cut) => {
                const lines = (list: string[]) => serverLines(withServers(list));
                const before = lines(all);
                const after = lines(all.filter((_, index) => index !== cut % all.length));
                assert.equal(before.length, all.length);
                assert.ok(after.every((line) => before.includes(line)));
                const ids = before.map((line) => / id (\d+) /.exec(line)?.[1]);
                assert.equal(new Set(ids).size, all.length);
            }),
        );
    });

    it("names a hash of itself that follows every value", () => {
        const hash = (spec: HaproxySpec) =>
            /^ {4}description "fusion-([0-9a-f]{16})"$/m.exec(renderHaproxyConfig(spec))?.[1];
        const server = { name: "web-0", address: "10.77.0.11", port: 20001 };
        const specs: HaproxySpec[] = [
            least,
            { ...least, socket: "/run/x.sock" },
            { ...least, metrics: "127.0.0.1:1" },
            { ...least, hardStopAfterSeconds: 91 },
            { ...least, frontends: [{ ...least.frontends[0], bind: ["*:81"] }] },
            { ...least, backends: [{ ...backend, algorithm: "first" }] },
            { ...least, backends: [{ ...backend, healthCheck: { http: { path: "/x" } } }] },
            { ...least, backends: [{ ...backend, servers: [{ ...server, weight: 1 }] }] },
            { ...least, backends: [{ ...backend, servers: [{ ...server, port: 1 }] }] },
        ];
        const hashes = specs.map(hash);
        assert.ok(!hashes.includes(undefined));
        assert.equal(new Set(hashes).size, specs.length);
        assert.equal(
            hash({ ...least, backends: [{ ...backend, servers: [server] }] }),
            hash(least),
            "100 is the default",
        );
    });

    it("sends nothing but a GET a second time, and survives reloads with kept connections", () => {
        const text = renderHaproxyConfig(least);
        assert.match(text, /^ {4}http-request disable-l7-retry if !METH_GET$/m);
        assert.match(text, /^ {4}option idle-close-on-response$/m);
        assert.ok(text.endsWith("\n"));
    });
});

const withServers = (names: readonly string[]): HaproxySpec => ({
    ...least,
    backends: [{ ...backend, servers: names.map((name) => ({ name, address: "10.0.0.1", port: portOf(name) })) }],
});
/** A port that does not depend on where in the list the server is. */
const portOf = (name: string) => 20000 + Number(name.slice(4));
const serverLines = (spec: HaproxySpec) =>
    renderHaproxyConfig(spec)
        .split("\n")
        .filter((line) => line.startsWith("    server "));
