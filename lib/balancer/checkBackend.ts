import { type Faults, show } from "../faults";
import { checkTimeouts } from "./checkTimeouts";
import { checkHostName, checkLines, checkName, checkUri, isHost } from "./checkWords";
import { algorithms, type HaproxyBackend, type HaproxyServer, modes } from "./haproxySpec";

/** Checks a backend; what is wrong goes to `faults`. */
export function checkBackend(path: string, backend: HaproxyBackend, faults: Faults): void {
    const { mode, algorithm, healthCheck, cookie, agentPort, slowStartSeconds, maxConnections, retries } = backend;
    if (mode !== undefined) {
        faults.oneOf(`${path}.mode`, mode, modes);
    }
    if (algorithm !== undefined) {
        faults.oneOf(`${path}.algorithm`, algorithm, algorithms);
        if (algorithm === "uri" && mode === "tcp") {
            faults.add(`${path}.algorithm`, 'is "uri", which mode "tcp" does not see; use "source" or "leastconn"');
        }
    }
    if (healthCheck?.http?.path !== undefined) {
        checkUri(`${path}.healthCheck.http.path`, healthCheck.http.path, faults);
    }
    if (healthCheck?.http?.host !== undefined) {
        checkHostName(`${path}.healthCheck.http.host`, healthCheck.http.host, faults);
    }
    if (cookie !== undefined) {
        if (typeof cookie !== "string" || !/^[A-Za-z0-9_][A-Za-z0-9_-]{0,63}$/.test(cookie)) {
            faults.add(`${path}.cookie`, `is no name of a cookie: ${show(cookie)}; give one such as "SERVER"`);
        } else if (mode === "tcp") {
            faults.add(`${path}.cookie`, 'cannot be set in mode "tcp"; use the algorithm "source"');
        }
    }
    for (const [name, value, most] of [
        ["agentPort", agentPort, 65_535],
        ["slowStartSeconds", slowStartSeconds, 86_400],
        ["maxConnections", maxConnections, 10_000_000],
        ["retries", retries, 100],
    ] as const) {
        if (value !== undefined) {
            faults.integer(`${path}.${name}`, value, name === "retries" ? 0 : 1, most, "give a number such as 10");
        }
    }
    checkTimeouts(`${path}.timeouts`, backend.timeouts ?? {}, faults);
    const names = new Set<string>();
    for (const [index, server] of backend.servers.entries()) {
        checkServer(`${path}.servers[${index}]`, server, faults);
        if (names.has(server.name)) {
            faults.add(`${path}.servers[${index}].name`, `is used twice: ${show(server.name)}; give each its own`);
        }
        names.add(server.name);
    }
    checkLines(`${path}.lines`, backend.lines, faults);
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
