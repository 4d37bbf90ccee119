import { createHash } from "node:crypto";
import { Faults } from "../faults";
import { checkHaproxySpec } from "./checkHaproxySpec";
import type { HaproxyBackend, HaproxyFrontend, HaproxyServer, HaproxySpec } from "./haproxySpec";

/**
 * Renders an HAProxy configuration (2.6 and later). The same values in any order give the same bytes; a server's lines do
 * not change with what happens to others.
 *
 * The first section names a hash of the text, which `show info` reads back from the running process: the proof of which
 * configuration serves.
 *
 * @throws FusionInputError naming every value that HAProxy would not take or that could inject something
 */
export function renderHaproxyConfig(spec: HaproxySpec): string {
    const faults = new Faults();
    checkHaproxySpec(spec, faults);
    faults.throwIfAny();
    const body = [
        defaults,
        ...byName(spec.frontends).map(frontend),
        ...byName(spec.backends).map(backend),
        ...(spec.metrics === undefined ? [] : [metrics(spec.metrics, spec)]),
    ];
    const settings = global(spec);
    const hash = createHash("sha256")
        .update([settings, ...body].join("\n"))
        .digest("hex")
        .slice(0, 16);
    return [`global\n    description "fusion-${hash}"\n${settings}`, ...body].join("\n");
}

const section = (title: string, lines: readonly string[]): string =>
    `${title}\n${lines.map((line) => `    ${line}\n`).join("")}`;

const byName = <T extends { name: string }>(items: readonly T[]): T[] =>
    [...items].sort((a, b) => (a.name < b.name ? -1 : 1));

function global(spec: HaproxySpec): string {
    return [
        "user haproxy",
        "group haproxy",
        "chroot /var/lib/haproxy",
        ...(spec.socket === undefined ? [] : [`stats socket ${spec.socket} mode 600 level admin expose-fd listeners`]),
        "maxconn 8000",
        `hard-stop-after ${spec.hardStopAfterSeconds ?? 90}s`,
    ]
        .map((line) => `    ${line}\n`)
        .join("");
}

const defaults = section("defaults", [
    "mode http",
    // Without it every reload fails some requests of clients that keep their connection.
    "option idle-close-on-response",
    "option redispatch 1",
    "retries 3",
    "retry-on conn-failure empty-response",
    "timeout http-request 10s",
    "timeout http-keep-alive 10s",
    "timeout connect 3s",
    "timeout queue 10s",
    "timeout client 60s",
    "timeout server 60s",
    "timeout tunnel 1h",
    "timeout check 2s",
    "default-server check inter 2s fastinter 500ms downinter 1s fall 3 rise 1 observe layer4 error-limit 10 on-error mark-down",
]);

function frontend({ name, bind, defaultBackend }: HaproxyFrontend): string {
    return section(`frontend ${name}`, [
        ...[...bind].sort().map((address) => `bind ${address}`),
        // What a client says of itself is not passed on.
        "http-request set-header X-Forwarded-For %[src]",
        "http-request set-header X-Forwarded-Proto http",
        `default_backend ${defaultBackend}`,
    ]);
}

function backend({ name, algorithm = "roundrobin", healthCheck, servers }: HaproxyBackend): string {
    const hashed = algorithm === "uri" || algorithm === "source";
    const http = healthCheck?.http;
    return section(`backend ${name}`, [
        `balance ${algorithm}`,
        ...(hashed ? ["hash-type consistent"] : []),
        // Only a GET may be sent a second time: anything else might be done twice.
        "http-request disable-l7-retry if !METH_GET",
        ...(http === undefined
            ? []
            : [
                  "option httpchk",
                  `http-check send meth GET uri ${http.path ?? "/"} ver HTTP/1.1 hdr Host ${name}`,
                  "http-check expect status 200-299",
              ]),
        ...serverLines(byName(servers)),
    ]);
}

/** Every server has an id of its own, by which consistent hashing finds it: others keep their keys when one goes. */
function serverLines(servers: readonly HaproxyServer[]): string[] {
    const ids = new Set<number>();
    return servers.map(({ name, address, port, weight = 100, checkPort = port }) => {
        let id = (createHash("sha256").update(name).digest().readUInt32BE(0) % (2 ** 31 - 2)) + 1;
        while (ids.has(id)) {
            id += 1;
        }
        ids.add(id);
        const host = address.includes(":") ? `[${address}]` : address;
        const check = checkPort === port ? "" : ` port ${checkPort}`;
        return `server ${name} ${host}:${port} id ${id} weight ${weight}${check}`;
    });
}

function metrics(bind: string, spec: HaproxySpec): string {
    const dead = byName(spec.backends).map(({ name }) => `monitor fail if { nbsrv(${name}) eq 0 }`);
    return section("frontend fusion-metrics", [
        `bind ${bind}`,
        // In the order in which HAProxy looks at them; it warns of another.
        "monitor-uri /ready",
        ...dead,
        "http-request use-service prometheus-exporter if { path /metrics }",
    ]);
}
