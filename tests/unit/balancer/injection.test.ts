import assert from "node:assert/strict";
import fc from "fast-check";
import type { HaproxySpec } from "../../../lib/balancer/haproxySpec";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { FusionInputError } from "../../../lib/inputError";
import { explained, haproxyCheck, least, merged } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

const [frontend] = least.frontends;
const [backend] = least.backends;
const [server] = backend.servers;

/** Every place where a caller's value comes into the text, as a specification with that value in it. */
const places: Record<string, (value: never) => HaproxySpec> = {
    "frontends[0].name": (name: string) => ({ ...least, frontends: [{ ...frontend, name }] }),
    "frontends[0].bind[0]": (bind: string) => ({ ...least, frontends: [{ ...frontend, bind: [bind] }] }),
    "frontends[0].defaultBackend": (name: string) => ({ ...least, frontends: [{ ...frontend, defaultBackend: name }] }),
    "backends[0].name": (name: string) => ({
        frontends: [{ ...frontend, defaultBackend: name }],
        backends: [{ ...backend, name }],
    }),
    "backends[0].algorithm": (algorithm: "first") => ({ ...least, backends: [{ ...backend, algorithm }] }),
    "backends[0].healthCheck.http.path": (path: string) => ({
        ...least,
        backends: [{ ...backend, healthCheck: { http: { path } } }],
    }),
    "frontends[0].bind[0].address": (address: string) => withFrontend({ bind: [{ address }] }),
    "frontends[0].mode": (mode: "http") => withFrontend({ mode }),
    "frontends[0].certificates[0]": (file: string) => withFrontend({ certificates: [file] }),
    "frontends[0].redirectToTls": (redirectToTls: number) => withFrontend({ redirectToTls }),
    "frontends[0].hstsSeconds": (hstsSeconds: number) => withFrontend({ hstsSeconds }),
    "frontends[0].maxConnections": (maxConnections: number) => withFrontend({ maxConnections }),
    "frontends[0].clients.allow[0]": (network: string) => withFrontend({ clients: { allow: [network] } }),
    "frontends[0].clients.deny[0]": (network: string) => withFrontend({ clients: { deny: [network] } }),
    "frontends[0].clients.proxies[0]": (network: string) => withFrontend({ clients: { proxies: [network] } }),
    "frontends[0].clients.rate.requests": (requests: number) => withFrontend({ clients: { rate: { requests } } }),
    "frontends[0].clients.rate.seconds": (seconds: number) =>
        withFrontend({ clients: { rate: { requests: 1, seconds } } }),
    "frontends[0].routes[0].backend": (name: string) => withFrontend({ routes: [{ backend: name }] }),
    "frontends[0].routes[0].hosts[0]": (host: string) => withRoute({ hosts: [host] }),
    "frontends[0].routes[0].paths[0]": (path: string) => withRoute({ paths: [path] }),
    "frontends[0].routes[0].headers": (name: string) => withRoute({ headers: { [name]: "1" } }),
    "frontends[0].routes[0].share": (share: number) => withRoute({ share }),
    "backends[0].mode": (mode: "http") => withBackend({ mode }),
    "backends[0].healthCheck.http.host": (host: string) => withBackend({ healthCheck: { http: { host } } }),
    "backends[0].agentPort": (agentPort: number) => withBackend({ agentPort }),
    "backends[0].cookie": (cookie: string) => withBackend({ cookie }),
    "backends[0].slowStartSeconds": (slowStartSeconds: number) => withBackend({ slowStartSeconds }),
    "backends[0].maxConnections": (maxConnections: number) => withBackend({ maxConnections }),
    "backends[0].retries": (retries: number) => withBackend({ retries }),
    "backends[0].timeouts.serverSeconds": (serverSeconds: number) => withBackend({ timeouts: { serverSeconds } }),
    "timeouts.clientSeconds": (clientSeconds: number) => ({ ...least, timeouts: { clientSeconds } }),
    maxConnections: (maxConnections: number) => ({ ...least, maxConnections }),
    "backends[0].servers[0].checkPort": (checkPort: number) => withServer({ checkPort }),
    "backends[0].servers[0].name": (name: string) => withServer({ name }),
    "backends[0].servers[0].address": (address: string) => withServer({ address }),
    "backends[0].servers[0].port": (port: number) => withServer({ port }),
    "backends[0].servers[0].weight": (weight: number) => withServer({ weight }),
    socket: (socket: string) => ({ ...least, socket }),
    acmeChallenges: (acmeChallenges: string) => ({ ...least, acmeChallenges }),
    metrics: (metrics: string) => ({ ...least, metrics }),
    hardStopAfterSeconds: (seconds: number) => ({ ...least, hardStopAfterSeconds: seconds }),
};

const variable = "$" + "{HOME}";

/** What would become a line, a word, a comment, a variable, a file or a socket; wrong in every place. */
const hostile = [
    "",
    " ",
    "a b",
    "web\n    server evil 6.6.6.6:80",
    "web\nbackend evil",
    "web\r\nlisten evil",
    "web\0",
    "web\u0085x",
    "web\u2028x",
    "web\t",
    "web\n",
    "\nweb",
    "'web'",
    '"web"',
    `"${variable}"`,
    variable,
    "$HOME",
    "%[env(HOME)]",
    "%[src]",
    "web#",
    "#",
    "web\\",
    "\\\n",
    "web;",
    "web{",
    "-f /etc/passwd",
    "-f",
    "!web",
    "wéb",
    "unix@/var/run/docker.sock",
    "abns@x",
    "fd@3",
    "rhttp@x",
    "sockpair@5",
    "ipv4@1.2.3.4",
    "quic4@:443",
    "x".repeat(300),
];

/** Wrong in that place, beside the values above. */
const wrong: Record<string, unknown[]> = {
    "frontends[0].name": [
        "TRUE",
        "FALSE",
        "METH_GET",
        "HTTP",
        "HTTP_1.1",
        "LOCALHOST",
        "/etc/passwd",
        ".x",
        "web",
        "fusion-metrics",
    ],
    "frontends[0].bind[0]": [
        "80",
        ":80",
        "*:0",
        "*:+80",
        "*:080",
        "*:65536",
        "*:80-90",
        "*:80,*:81",
        "*:80 ssl crt /x",
        "*:80 user root",
        "localhost:80",
        "/run/x.sock",
        "1.2.3:80",
        "1.2.3.4.5:80",
        "0x7f.1.1.1:80",
        "[::1%lo]:80",
        "::1:80",
        "[x]:80",
    ],
    "frontends[0].defaultBackend": ["other", "http", "web if TRUE"],
    "backends[0].name": ["TRUE", "METH_POST", "WAIT_END", "/etc/passwd"],
    "backends[0].algorithm": ["static-rr", "hdr(host)", "rdp-cookie", "roundrobin extra", 1, null],
    "backends[0].healthCheck.http.path": [
        "health",
        "/a b",
        "/a%20b",
        "/a\\",
        "/a'b",
        "/a\nb",
        "http://x/",
        "/#x",
        `/${variable}`,
        "/*",
        5,
    ],
    "backends[0].servers[0].name": ["TRUE", "METH_GET", "a/b", "-x", ".x", 5, null],
    "backends[0].servers[0].address": [
        "/var/run/docker.sock",
        "/etc/passwd",
        "10.77.0.11:80",
        "10.77.0",
        "256.1.1.1",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "2130706433",
        "0.0.0.0",
        "::",
        "0:0:0:0:0:0:0:0",
        "fe80::1%eth0",
        "[::1]",
        "a..b",
        "-a.b",
        "a_b",
        "a-",
        "a.1",
        `${"a".repeat(64)}.b`,
        "10.77.0.11 backup",
        5,
        null,
    ],
    "backends[0].servers[0].port": [0, -1, 65536, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "80", "+80", null, [80]],
    "backends[0].servers[0].weight": [-1, 257, 0.5, "100", null],
    socket: ["run/x.sock", "/run/a b", "/run/x mode 777", "/run/$X", "/run/x/", "/run/../etc//x", "abns@x", "/"],
    metrics: ["8405", "*:0", "/run/x.sock"],
    hardStopAfterSeconds: [0, -1, 86_401, 1.5, "90s"],
};

const withFrontend = (more: object): HaproxySpec => ({ ...least, frontends: [{ ...frontend, ...more }] });
const withRoute = (more: object): HaproxySpec => withFrontend({ routes: [{ backend: "web", ...more }] });
const withBackend = (more: object): HaproxySpec => ({ ...least, backends: [{ ...backend, ...more }] });

function withServer(more: object): HaproxySpec {
    return { ...least, backends: [{ ...backend, servers: [{ ...server, ...more }] }] };
}

/** The faults that the renderer names, undefined where it renders. */
function refusal(path: string, value: unknown): readonly string[] | undefined {
    const make = places[path];
    assert.ok(make);
    try {
        renderHaproxyConfig(make(value as never));
        return undefined;
    } catch (error) {
        assert.ok(error instanceof FusionInputError, `${path} = ${JSON.stringify(value)}: ${error}`);
        return error.errors.map(({ propertyPath }) => propertyPath);
    }
}

describe("what comes into HAProxy's configuration", () => {
    for (const path of Object.keys(places)) {
        it(`is refused at ${path} before any text when it is hostile or wrong`, () => {
            for (const value of [...hostile, ...(wrong[path] ?? [])]) {
                const named = refusal(path, value);
                assert.ok(named !== undefined, `${path} takes ${JSON.stringify(value)}`);
                assert.ok(named.includes(path), `${path} = ${JSON.stringify(value)}: names ${named}`);
            }
        });
    }

    // In these places much of what is hostile elsewhere is meant as it stands.
    for (const [path, make, taken] of [
        [
            "frontends[0].routes[0].headers.X-Beta",
            (value: string) => withRoute({ headers: { "X-Beta": value } }),
            ["-f /etc/passwd", "%[src]", "a b", "#", "\\", '"web"', variable, "!web", "{", ";"],
        ],
        ["frontends[0].lines[0]", (line: string) => withFrontend({ lines: [line] }), ["option httplog"]],
        ["backends[0].lines[0]", (line: string) => withBackend({ lines: [line] }), ["option log-health-checks"]],
        ["lines.global[0]", (line: string) => ({ ...least, lines: { global: [line] } }), ["nbthread 1"]],
        ["lines.defaults[0]", (line: string) => ({ ...least, lines: { defaults: [line] } }), ["option dontlognull"]],
    ] as const) {
        it(`is one line at ${path}, whatever it says`, () => {
            const least0 = renderHaproxyConfig(make("x-x" as never)).split("\n").length;
            for (const value of [
                ...hostile,
                ...taken,
                "frontend evil",
                "listen x",
                "global",
                "'backend' x",
                "des\\cription y",
                "hard-stop-after 1s",
                "x\u0007",
                5,
                null,
            ]) {
                try {
                    const text = renderHaproxyConfig(make(value as never));
                    assert.equal(text.split("\n").length, least0, `${path} takes ${JSON.stringify(value)}`);
                    assert.ok(
                        (typeof value === "string" && !/[\p{Cc}\u2028]|^(frontend|listen|global)\b|\\$/u.test(value)) ||
                            path.includes("headers"),
                    );
                } catch (error) {
                    assert.ok(error instanceof FusionInputError, `${path} = ${JSON.stringify(value)}: ${error}`);
                    assert.ok(!taken.includes(value as never), `${path} refuses ${JSON.stringify(value)}`);
                    assert.deepEqual(
                        error.errors.map(({ propertyPath }) => propertyPath),
                        [path],
                    );
                }
            }
        });
    }

    it("compares a header with what was given, and reads no file", async () => {
        await needPrograms("haproxy");
        const values = [
            "-f /etc/passwd",
            "-i",
            "--",
            "%[src]",
            "a b",
            "#",
            "\\",
            '"x"',
            variable,
            "!web",
            "{",
            ";",
            "if",
        ];
        const texts = values.map((value) => renderHaproxyConfig(withRoute({ headers: { "X-Beta": value } })));
        assert.deepEqual(
            await haproxyCheck(texts),
            texts.map(() => undefined),
        );
    });

    it("must be unique where HAProxy wants it", () => {
        const names = (spec: HaproxySpec) => {
            try {
                return renderHaproxyConfig(spec) && [];
            } catch (error) {
                assert.ok(error instanceof FusionInputError);
                return error.errors.map(({ propertyPath }) => propertyPath);
            }
        };
        assert.deepEqual(names({ ...least, backends: [backend, backend] }), ["backends[1].name"]);
        assert.deepEqual(names({ ...least, frontends: [frontend, { ...frontend, bind: ["*:81"] }] }), [
            "frontends[1].name",
        ]);
        assert.deepEqual(names({ ...least, backends: [{ ...backend, servers: [server, { ...server, port: 1 }] }] }), [
            "backends[0].servers[1].name",
        ]);
        assert.deepEqual(names({ ...least, frontends: [{ ...frontend, bind: [] }] }), ["frontends[0].bind"]);
    });

    it("is told with all its faults at once", () => {
        assert.throws(
            () => renderHaproxyConfig({ ...withServer({ port: 0, weight: 999 }), socket: "x y" }),
            (error) => error instanceof FusionInputError && error.errors.length === 3,
        );
    });

    it("is accepted by HAProxy, on the expected lines, whatever the renderer accepts", async () => {
        await needPrograms("haproxy");
        const accepted: { spec: HaproxySpec; text: string }[] = [];
        const near = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom(...hostile));
        const field = (...good: fc.Arbitrary<unknown>[]) =>
            fc.oneof({ weight: 1, arbitrary: near }, ...good.map((arbitrary) => ({ weight: 12, arbitrary })));
        const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
        const port = field(fc.integer({ min: -1, max: 65537 }), fc.integer({ min: 1, max: 65535 }));
        const someServer = fc.record({
            name: field(word),
            address: field(
                fc.ipV4(),
                fc.ipV6(),
                fc.stringMatching(/^([0-9.:]{2,20}|[0-9a-f]{0,4}::[0-9a-f:.]{1,9})$/),
                fc.constant("localhost"),
            ),
            port,
            weight: field(fc.integer({ min: 0, max: 256 })),
        });
        const given = fc.record({
            servers: fc.array(someServer, { maxLength: 4 }),
            front: field(word),
            back: field(word),
            path: field(
                fc.webPath({ size: "small" }).map((path) => path || "/"),
                fc.constant("/"),
            ),
            bind: field(
                fc.ipV4().map((ip) => `${ip}:8080`),
                fc.ipV6().map((ip) => `[${ip}]:8080`),
                fc.constant("*:80"),
            ),
            algorithm: field(fc.constantFrom("roundrobin", "uri", "first")),
            socket: field(fc.stringMatching(/^(\/[a-z.@+=-]{1,8}){1,3}$/)),
            metrics: fc.constantFrom(undefined, "127.0.0.1:8405"),
        });
        fc.assert(
            fc.property(given, ({ servers, front, back, path, bind, algorithm, socket, metrics }) => {
                // As from a caller without types.
                const spec: HaproxySpec = JSON.parse(
                    JSON.stringify({
                        socket,
                        metrics,
                        frontends: [{ name: front, bind: [bind], defaultBackend: back }],
                        backends: [{ name: back, algorithm, healthCheck: { http: { path } }, servers }],
                    }),
                );
                try {
                    accepted.push({ spec, text: renderHaproxyConfig(spec) });
                } catch (error) {
                    assert.ok(error instanceof FusionInputError, String(error));
                }
            }),
            { numRuns: 3000 },
        );
        assert.ok(accepted.length > 100, `only ${accepted.length} accepted: the property says little`);
        for (const { spec, text } of accepted) {
            assert.equal(text.split("\n").length, expectedLines(spec), text);
        }
        // Names are left out but for localhost: HAProxy asks for their addresses.
        const checked = accepted.filter(({ spec }) =>
            serversOf(spec).every(({ address }) => /^[\d.]+$|:|^localhost$/.test(address)),
        );
        // Each check takes as long as a start of HAProxy: many are checked in one.
        const texts = merged(checked.map(({ spec }) => spec)).map((spec) => renderHaproxyConfig(spec));
        texts.push(...checked.slice(0, 15).map(({ text }) => text));
        for (const [index, answer] of (await haproxyCheck(texts)).entries()) {
            assert.equal(answer, undefined, explained(answer ?? "", texts[index] ?? ""));
        }
    });
});

/** Lines of a configuration with one frontend and one backend, the empty one at its end included. */
function expectedLines({ backends: [only], socket, metrics }: HaproxySpec): number {
    const hashed = only?.algorithm === "uri" || only?.algorithm === "source";
    const base = renderHaproxyConfig({ ...least, backends: [{ ...backend, servers: [] }] }).split("\n").length;
    return (
        base +
        (only?.servers.length ?? 0) +
        (hashed ? 1 : 0) +
        (socket === undefined ? 0 : 1) +
        (metrics === undefined ? 0 : 9)
    );
}

const serversOf = ({ backends }: HaproxySpec) => backends.flatMap(({ servers }) => servers);
