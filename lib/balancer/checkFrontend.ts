import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import { checkBind, checkFile, checkHostName, checkLines, checkNetwork, checkRoutePath } from "./checkWords";
import { type HaproxyClients, type HaproxyFrontend, type HaproxyRoute, modes } from "./haproxySpec";
import { bindOf } from "./renderFrontend";

/** Two words each in a line of 64. */
export const MOST_CERTIFICATES = 25;
const MOST_HEADERS = 8;

/** Two years, beyond which nobody goes. */
const YEARS_2 = 63_072_000;

/** Checks a frontend; what is wrong goes to `faults`. */
export function checkFrontend(path: string, frontend: HaproxyFrontend, faults: Faults): void {
    const { bind, mode, certificates = [], redirectToTls, hstsSeconds, maxConnections } = frontend;
    if (mode !== undefined) {
        faults.oneOf(`${path}.mode`, mode, modes);
    }
    if (bind.length === 0) {
        faults.add(`${path}.bind`, 'is empty; give at least one address such as "*:80"');
    }
    for (const [index, one] of bind.entries()) {
        const { address, tls } = bindOf(one);
        checkBind(isRecord(one) ? `${path}.bind[${index}].address` : `${path}.bind[${index}]`, address, faults);
        if (tls && certificates.length === 0) {
            faults.add(`${path}.certificates`, "is empty, and TLS cannot be spoken without; give a file");
        }
    }
    for (const [index, file] of certificates.entries()) {
        checkFile(`${path}.certificates[${index}]`, file, "/etc/haproxy/www.pem", faults);
    }
    if (certificates.length > MOST_CERTIFICATES) {
        const remedy = "name several hosts in one certificate, or give a bind of your own in lines";
        faults.add(
            `${path}.certificates`,
            `are ${certificates.length}, and a line has room for ${MOST_CERTIFICATES}; ${remedy}`,
        );
    }
    if (redirectToTls !== undefined) {
        faults.port(`${path}.redirectToTls`, redirectToTls);
    }
    if (hstsSeconds !== undefined) {
        faults.integer(`${path}.hstsSeconds`, hstsSeconds, 0, YEARS_2, "give seconds, such as 31536000");
        if (mode === "tcp") {
            faults.add(`${path}.hstsSeconds`, 'cannot be said in mode "tcp"; leave it out');
        }
    }
    if (maxConnections !== undefined) {
        faults.integer(`${path}.maxConnections`, maxConnections, 1, 10_000_000, "give a number such as 5000");
    }
    checkClients(`${path}.clients`, frontend.clients ?? {}, faults);
    for (const [index, route] of (frontend.routes ?? []).entries()) {
        checkRoute(`${path}.routes[${index}]`, route, faults);
        if (mode === "tcp" && (route.hosts ?? route.paths ?? route.headers) !== undefined) {
            faults.add(`${path}.routes[${index}]`, 'asks for what mode "tcp" does not see; leave out all but share');
        }
    }
    checkShares(`${path}.routes`, frontend.routes ?? [], faults);
    checkLines(`${path}.lines`, frontend.lines, faults);
}

function checkClients(path: string, clients: HaproxyClients, faults: Faults): void {
    for (const key of ["allow", "deny", "proxies"] as const) {
        for (const [index, network] of (clients[key] ?? []).entries()) {
            checkNetwork(`${path}.${key}[${index}]`, network, faults);
        }
    }
    if (clients.allow?.length === 0) {
        faults.add(`${path}.allow`, "is empty, so nobody could connect; name a network, or leave it out");
    }
    if (clients.rate !== undefined) {
        const { requests, seconds } = clients.rate;
        faults.integer(`${path}.rate.requests`, requests, 1, 1_000_000_000, "give a number such as 100");
        if (seconds !== undefined) {
            faults.integer(`${path}.rate.seconds`, seconds, 1, 86_400, "give seconds, such as 10");
        }
    }
}

function checkRoute(path: string, route: HaproxyRoute, faults: Faults): void {
    for (const [index, host] of (route.hosts ?? []).entries()) {
        checkHostName(`${path}.hosts[${index}]`, host, faults);
    }
    for (const [index, one] of (route.paths ?? []).entries()) {
        checkRoutePath(`${path}.paths[${index}]`, one, faults);
    }
    for (const key of ["hosts", "paths"] as const) {
        const length = (route[key] ?? []).join("|").length;
        if (route[key]?.length === 0) {
            faults.add(`${path}.${key}`, "is empty, so no request would do; name one, or leave it out");
        } else if (length > 1500) {
            faults.add(
                `${path}.${key}`,
                `is too long for one line: ${length} characters; divide it into several routes`,
            );
        }
    }
    const headers = Object.entries(route.headers ?? {});
    if (headers.length > MOST_HEADERS) {
        faults.add(`${path}.headers`, `are ${headers.length}, and a line has room for ${MOST_HEADERS}; leave some out`);
    }
    for (const [name, value] of headers) {
        if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(name)) {
            faults.add(`${path}.headers`, `has no name of a header: ${show(name)}; give one such as "X-Beta"`);
        }
        // Within apostrophes HAProxy reads all as it stands, but for a brace that ends the condition.
        if (typeof value !== "string" || !/^(?!}$)[\x20-\x26\x28-\x7e]{1,200}$/.test(value)) {
            const wanted = `up to 200 printable ASCII characters without an apostrophe, not "}" alone`;
            faults.add(`${path}.headers.${name}`, `is no value to compare with: ${show(value)}; give ${wanted}`);
        }
    }
    if (route.share !== undefined && !(typeof route.share === "number" && route.share >= 1 && route.share <= 99)) {
        faults.add(
            `${path}.share`,
            `must be a number from 1 to 99, got ${show(route.share)}; give per cent, such as 10`,
        );
    }
}

/** Shares of the same requests must leave some for what comes after. */
function checkShares(path: string, routes: readonly HaproxyRoute[], faults: Faults): void {
    const sums = new Map<string, number>();
    for (const { hosts = [], paths = [], headers = {}, share = 0 } of routes) {
        const key = JSON.stringify([[...hosts].sort(), [...paths].sort(), Object.entries(headers).sort()]);
        sums.set(key, (sums.get(key) ?? 0) + share);
    }
    for (const sum of sums.values()) {
        if (sum >= 100) {
            faults.add(path, `have shares of ${sum} per cent of the same requests together; leave one without a share`);
        }
    }
}
