import { type Faults, show } from "../faults";
import { checkBackend } from "./checkBackend";
import { checkFrontend } from "./checkFrontend";
import { checkTimeouts } from "./checkTimeouts";
import { checkBind, checkFile, checkLines, checkName } from "./checkWords";
import type { HaproxySpec } from "./haproxySpec";

/**
 * Refuses everything that could become a line, a keyword or a variable of HAProxy's language. HAProxy's own check is no
 * security check: it accepts injected sections, the addresses of sockets, and environment variables. Only `lines` are a user's
 * own choice, each of them one line of its section.
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
        unique(`frontends[${index}].name`, frontend.name);
        checkFrontend(`frontends[${index}]`, frontend, faults);
        checkTargets(`frontends[${index}]`, spec, index, faults);
    }
    if (spec.metrics !== undefined) {
        checkBind("metrics", spec.metrics, faults);
    }
    if (spec.acmeChallenges !== undefined) {
        checkBind("acmeChallenges", spec.acmeChallenges, faults);
    }
    if (spec.socket !== undefined) {
        checkFile("socket", spec.socket, "/run/haproxy.sock", faults);
    }
    if (spec.metricsLogin !== undefined) {
        checkFile("metricsLogin", spec.metricsLogin, "/etc/haproxy/metrics-login", faults);
    }
    if (spec.hardStopAfterSeconds !== undefined) {
        faults.integer("hardStopAfterSeconds", spec.hardStopAfterSeconds, 1, 86_400, "give seconds, such as 90");
    }
    if (spec.maxConnections !== undefined) {
        faults.integer("maxConnections", spec.maxConnections, 1, 10_000_000, "give a number such as 8000");
    }
    checkTimeouts("timeouts", spec.timeouts ?? {}, faults);
    checkLines("lines.global", spec.lines?.global, faults);
    checkLines("lines.defaults", spec.lines?.defaults, faults);
}

/** A frontend leads to backends that are there, and that see as much of what passes. */
function checkTargets(path: string, { frontends, backends }: HaproxySpec, index: number, faults: Faults): void {
    const { mode = "http", defaultBackend, routes = [] } = frontends[index] ?? {};
    const targets = routes.map(({ backend }, at) => [`${path}.routes[${at}].backend`, backend] as const);
    const all =
        defaultBackend === undefined ? targets : [...targets, [`${path}.defaultBackend`, defaultBackend] as const];
    if (all.length === 0) {
        faults.add(`${path}.defaultBackend`, "is missing, and there is no route; name one of the backends");
    }
    for (const [at, target] of all) {
        const backend = backends.find(({ name }) => name === target);
        if (backend === undefined) {
            faults.add(at, `is no backend: ${show(target)}; name one of the backends`);
        } else if ((backend.mode ?? "http") !== mode) {
            faults.add(at, `is of mode "${backend.mode ?? "http"}", the frontend of "${mode}"; give both the same`);
        }
    }
}
