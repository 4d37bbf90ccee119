import { createHash } from "node:crypto";
import type { HaproxyBackend, HaproxyServer } from "./haproxySpec";
import { orderLines } from "./orderLines";

/** The lines of a backend's section. */
export function backendLines(backend: HaproxyBackend): string[] {
    const { mode = "http", algorithm = "roundrobin", cookie, retries, timeouts = {}, lines = [] } = backend;
    const { connectSeconds, queueSeconds, serverSeconds, tunnelSeconds } = timeouts;
    const hashed = algorithm === "uri" || algorithm === "source";
    const http = mode === "http";
    const limits = { connect: connectSeconds, queue: queueSeconds, server: serverSeconds, tunnel: tunnelSeconds };
    return orderLines([
        ...(http ? [] : ["mode tcp"]),
        `balance ${algorithm}`,
        ...(hashed ? ["hash-type consistent"] : []),
        ...(cookie === undefined ? [] : [`cookie ${cookie} insert indirect nocache httponly`]),
        ...(retries === undefined ? [] : [`retries ${retries}`]),
        ...Object.entries(limits).flatMap(([name, seconds]) =>
            seconds === undefined ? [] : [`timeout ${name} ${seconds}s`],
        ),
        ...(http
            ? // Only a GET may be sent a second time: anything else might be done twice.
              ["http-request disable-l7-retry if !METH_GET"]
            : // There are no answers to look at.
              ["retry-on conn-failure"]),
        ...checkLines(backend),
        ...lines,
        ...serverLines(backend),
    ]);
}

function checkLines({ name, healthCheck }: HaproxyBackend): string[] {
    const http = healthCheck?.http;
    return http === undefined
        ? []
        : [
              "option httpchk",
              `http-check send meth GET uri ${http.path ?? "/"} ver HTTP/1.1 hdr Host ${http.host ?? name}`,
              "http-check expect status 200-299",
          ];
}

/** Every server has an id of its own, by which consistent hashing finds it: others keep their keys when one goes. */
function serverLines(backend: HaproxyBackend): string[] {
    const ids = new Set<number>();
    const common = commonWords(backend);
    const byName = (a: HaproxyServer, b: HaproxyServer): number => (a.name < b.name ? -1 : 1);
    const servers = [...backend.servers].sort(byName);
    return servers.map(({ name, address, port, weight = 100, checkPort = port, backup }, index) => {
        // "first" fills servers in the order of their ids: here that of their names.
        let id =
            backend.algorithm === "first"
                ? index + 1
                : (createHash("sha256").update(name).digest().readUInt32BE(0) % (2 ** 31 - 2)) + 1;
        while (ids.has(id)) {
            id += 1;
        }
        ids.add(id);
        const host = address.includes(":") ? `[${address}]` : address;
        const check = checkPort === port ? "" : ` port ${checkPort}`;
        const cookie = backend.cookie === undefined ? "" : ` cookie ${name}`;
        return `server ${name} ${host}:${port} id ${id} weight ${weight}${check}${cookie}${common}${backup ? " backup" : ""}`;
    });
}

function commonWords({ slowStartSeconds, maxConnections, agentPort }: HaproxyBackend): string {
    return [
        ...(slowStartSeconds === undefined ? [] : [` slowstart ${slowStartSeconds}s`]),
        ...(maxConnections === undefined ? [] : [` maxconn ${maxConnections}`]),
        ...(agentPort === undefined ? [] : [` agent-check agent-port ${agentPort} agent-inter 2s`]),
    ].join("");
}
