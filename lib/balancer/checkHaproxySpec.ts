import * as ipaddr from "ipaddr.js";
import { type Faults, show } from "../faults";
import { algorithms, type HaproxyBackend, type HaproxyServer, type HaproxySpec } from "./haproxySpec";

/** HAProxy's predefined ACLs, which it writes in capitals, and the name of the frontend that the renderer adds. */
const reserved =
    /^(TRUE|FALSE|METH_.*|HTTP(_.*)?|LOCALHOST|RDP_COOKIE|REQ_CONTENT|WAIT_END|GLOBAL|DEFAULTS|fusion-metrics)$/;

/**
 * Refuses everything that could become a line, a keyword or a variable of HAProxy's language. HAProxy's own check is no
 * security check: it accepts injected sections, the addresses of sockets, and environment variables.
 */
export function checkHaproxySpec(spec: HaproxySpec, faults: Faults): void {
    const names = new Set<string>();
    const unique = (path: string, name: unknown) => {
        checkName(path, name, faults);
        if (names.has(String(name))) {
            faults.add(path, `is used twice: ${show(name)}; give every frontend and backend a name of its own`);
        }
        names.add(String(name));
    };
    for (const [index, backend] of spec.backends.entries()) {
        unique(`backends[${index}].name`, backend.name);
        checkBackend(`backends[${index}]`, backend, faults);
    }
    for (const [index, frontend] of spec.frontends.entries()) {
        const path = `frontends[${index}]`;
        unique(`${path}.name`, frontend.name);
        if (frontend.bind.length === 0) {
            faults.add(`${path}.bind`, 'is empty; give at least one address such as "*:80"');
        }
        for (const [at, bind] of frontend.bind.entries()) {
            checkBind(`${path}.bind[${at}]`, bind, faults);
        }
        if (!spec.backends.some(({ name }) => name === frontend.defaultBackend)) {
            faults.add(
                `${path}.defaultBackend`,
                `is no backend: ${show(frontend.defaultBackend)}; name one of the backends`,
            );
        }
    }
    if (spec.metrics !== undefined) {
        checkBind("metrics", spec.metrics, faults);
    }
    if (spec.socket !== undefined && !/^(\/[A-Za-z0-9_@+=.-]+)+$/.test(spec.socket)) {
        faults.add(
            "socket",
            `is not a plain absolute path: ${show(spec.socket)}; give one such as "/run/haproxy.sock"`,
        );
    }
    if (spec.hardStopAfterSeconds !== undefined) {
        faults.integer("hardStopAfterSeconds", spec.hardStopAfterSeconds, 1, 86_400, "give seconds, such as 90");
    }
}

function checkBackend(path: string, backend: HaproxyBackend, faults: Faults): void {
    if (backend.algorithm !== undefined) {
        faults.oneOf(`${path}.algorithm`, backend.algorithm, algorithms);
    }
    const uri = backend.healthCheck?.http?.path;
    if (uri !== undefined) {
        checkUri(`${path}.healthCheck.http.path`, uri, faults);
    }
    const names = new Set<string>();
    for (const [index, server] of backend.servers.entries()) {
        checkServer(`${path}.servers[${index}]`, server, faults);
        if (names.has(server.name)) {
            faults.add(`${path}.servers[${index}].name`, `is used twice: ${show(server.name)}; give each its own`);
        }
        names.add(server.name);
    }
}

function checkServer(path: string, server: HaproxyServer, faults: Faults): void {
    checkName(`${path}.name`, server.name, faults);
    if (typeof server.address !== "string" || !isHost(server.address)) {
        faults.add(
            `${path}.address`,
            `is neither an IP address nor a host name: ${show(server.address)}; give one such as "10.77.0.11"`,
        );
    }
    faults.port(`${path}.port`, server.port);
    if (server.checkPort !== undefined) {
        faults.port(`${path}.checkPort`, server.checkPort);
    }
    if (server.weight !== undefined) {
        faults.integer(`${path}.weight`, server.weight, 0, 256, "100 is the default");
    }
}

/** The path of a health check. A `%` or `$` would be HAProxy's to read. */
export function checkUri(path: string, uri: unknown, faults: Faults): void {
    if (typeof uri !== "string" || !/^\/[A-Za-z0-9_.~&+,;=:@/?-]*$/.test(uri)) {
        faults.add(path, `is not the plain path of a URL: ${show(uri)}; give one such as "/"`);
    }
}

/** Whether the name is one of HAProxy's own words. */
export const isReserved = (name: string): boolean => reserved.test(name);

function checkName(path: string, name: unknown, faults: Faults): void {
    if (typeof name !== "string" || !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/.test(name) || isReserved(name)) {
        faults.add(
            path,
            `is a name that HAProxy would not take: ${show(name)}; use up to 63 letters, digits, '.', '_' and '-', and none of HAProxy's own words`,
        );
    }
}

function checkBind(path: string, bind: unknown, faults: Faults): void {
    const match = typeof bind === "string" ? /^(\*|[0-9.]+|\[[0-9A-Fa-f:.]+\]):([1-9]\d{0,4})$/.exec(bind) : null;
    const address = match?.[1]?.replace(/^\[|\]$/g, "") ?? "";
    if (!match || Number(match[2]) > 65535 || (address !== "*" && !isIp(address))) {
        faults.add(path, `is not ADDRESS:PORT: ${show(bind)}; give one such as "*:80" or "10.0.0.5:8080"`);
    }
}

/** IPv6 without a zone, which HAProxy does not take. */
const isIp = (text: string): boolean =>
    ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && /^[0-9A-Fa-f:.]+$/.test(text));

/**
 * The IP address of one machine, or a host name whose last label is no number, so that nothing else can be read as an
 * address.
 */
const isHost = (text: string): boolean =>
    (isIp(text) && !/^(0\.0\.0\.0|[0:]+)$/.test(text)) ||
    (/^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(
        text,
    ) &&
        !text.includes("%"));
