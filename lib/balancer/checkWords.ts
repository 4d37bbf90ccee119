import * as ipaddr from "ipaddr.js";
import { type Faults, show } from "../faults";

/** HAProxy's predefined ACLs, which it writes in capitals, and the names of what the renderer adds. */
const reserved =
    /^(TRUE|FALSE|METH_.*|HTTP(_.*)?|LOCALHOST|RDP_COOKIE|REQ_CONTENT|WAIT_END|GLOBAL|DEFAULTS|fusion-metrics|fusion-acme)$/;

/** Whether the name is one of HAProxy's own words. */
export const isReserved = (name: string): boolean => reserved.test(name);

export function checkName(path: string, name: unknown, faults: Faults): void {
    if (typeof name !== "string" || !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}$/.test(name) || isReserved(name)) {
        faults.add(
            path,
            `is a name that HAProxy would not take: ${show(name)}; use up to 63 letters, digits, '.', '_' and '-', and none of HAProxy's own words`,
        );
    }
}

/** `ADDRESS:PORT` to listen on. */
export function checkBind(path: string, bind: unknown, faults: Faults): void {
    const match = typeof bind === "string" ? /^(\*|[0-9.]+|\[[0-9A-Fa-f:.]+\]):([1-9]\d{0,4})$/.exec(bind) : null;
    const address = match?.[1]?.replace(/^\[|\]$/g, "") ?? "";
    if (!match || Number(match[2]) > 65535 || (address !== "*" && !isIp(address))) {
        faults.add(path, `is not ADDRESS:PORT: ${show(bind)}; give one such as "*:80" or "10.0.0.5:8080"`);
    }
}

/** A plain absolute path of a file. */
export function checkFile(path: string, file: unknown, example: string, faults: Faults): void {
    if (typeof file !== "string" || !/^(\/[A-Za-z0-9_@+=.-]+)+$/.test(file)) {
        faults.add(path, `is not a plain absolute path: ${show(file)}; give one such as "${example}"`);
    }
}

/** The path of a URL, and what follows. A `%` or `$` would be HAProxy's to read. */
export function checkUri(path: string, uri: unknown, faults: Faults): void {
    if (typeof uri !== "string" || !/^\/[A-Za-z0-9_.~&+,;=:@/?-]*$/.test(uri)) {
        faults.add(path, `is not the plain path of a URL: ${show(uri)}; give one such as "/"`);
    }
}

/** A path without a query, by which requests are told apart. */
export function checkRoutePath(path: string, value: unknown, faults: Faults): void {
    if (typeof value !== "string" || !/^\/[A-Za-z0-9_.~+=:@/-]{0,500}$/.test(value)) {
        faults.add(path, `is not the plain path of a URL: ${show(value)}; give one such as "/api"`);
    }
}

/** A host name as clients ask for it, or `*.` and a name. */
export function checkHostName(path: string, host: unknown, faults: Faults): void {
    const name = typeof host === "string" ? host.replace(/^\*\./, "") : "";
    if (!(isHostName(name) || (isIp(name) && host === name)) || name.length > 253) {
        faults.add(path, `is no host name: ${show(host)}; give one such as "www.example.org" or "*.example.org"`);
    }
}

/** An address, or addresses in CIDR notation. */
export function checkNetwork(path: string, network: unknown, faults: Faults): void {
    const [, address = "", length] = /^([0-9A-Fa-f.:]+)(?:\/(\d{1,3}))?$/.exec(String(network)) ?? [];
    const most = address.includes(":") ? 128 : 32;
    if (typeof network !== "string" || !isIp(address) || (length !== undefined && Number(length) > most)) {
        faults.add(path, `is no network: ${show(network)}; give one such as "10.0.0.0/8" or "fd00::/8"`);
    }
}

/** The address of a server: that of one machine, or a host name. */
export const isHost = (text: string): boolean => (isIp(text) && !/^(0\.0\.0\.0|[0:]+)$/.test(text)) || isHostName(text);

/** IPv6 without a zone, which HAProxy does not take. */
export const isIp = (text: string): boolean =>
    ipaddr.IPv4.isValidFourPartDecimal(text) || (ipaddr.IPv6.isValid(text) && /^[0-9A-Fa-f:.]+$/.test(text));

/** A host name whose last label is no number, so that nothing else can be read as an address. */
const isHostName = (text: string): boolean =>
    /^(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(
        text,
    );

/** The words that begin a section of a configuration. */
const sections =
    /^(global|defaults|frontend|backend|listen|userlist|peers|resolvers|mailers|program|http-errors|cache|ring|log-forward|log-profile|fcgi-app|crt-store|traces|acme|\.[a-z]+)(\s|$)/;

/** What deployments rest on: the proof of which configuration runs, and how long an old process may live. */
const own = /^(description|hard-stop-after|master-worker|daemon|pidfile)(\s|$)/;

/** Lines in HAProxy's own language: what they say is the user's choice, but each is one line of its section. */
export function checkLines(path: string, lines: unknown, faults: Faults): void {
    if (lines === undefined) {
        return;
    }
    if (!Array.isArray(lines)) {
        faults.add(path, `must be a list of lines, got ${show(lines)}; give ["option httplog"]`);
        return;
    }
    for (const [index, line] of lines.entries()) {
        const at = `${path}[${index}]`;
        if (typeof line !== "string" || line.trim() === "" || /[\p{Cc}\u2028\u2029]/u.test(line)) {
            faults.add(at, `must be one line of HAProxy's language, got ${show(line)}; give such as "option httplog"`);
        } else if (line !== line.trim() || /\\$/.test(line)) {
            faults.add(at, `begins or ends with a blank, or ends with a backslash: ${show(line)}; leave it out`);
        } else if (sections.test(line.replace(/["'\\]/g, ""))) {
            faults.add(at, `would begin a section: ${show(line)}; give lines of this one alone`);
        } else if (own.test(line.replace(/["'\\]/g, ""))) {
            faults.add(at, `is what the library itself says: ${show(line)}; leave it out`);
        } else if (line.length > 2000) {
            faults.add(at, `is too long for HAProxy: ${line.length} characters; use a file, such as with "-f"`);
        }
    }
}
