import * as ipaddr from "ipaddr.js";
import { checkSshTarget } from "../checkSshTarget";
import { FusionContainerSet } from "../containers/FusionContainerSet";
import { Faults, show } from "../faults";
import type { SshTarget } from "../ssh";
import type { BackendArgs, Listener } from "./balancerArgs";
import { checkHaproxySpec } from "./checkHaproxySpec";
import { isReserved } from "./checkWords";
import type { FusionBalancerArgs } from "./FusionBalancer";
import type { HaproxyBackend, HaproxyRoute, HaproxySpec } from "./haproxySpec";
import { HARD_STOP_AFTER, secretFile, socketPath } from "./places";

/** A backend, and the container set behind it where it has one: its servers then come from there. */
export interface BackendSpec {
    backend: HaproxyBackend;
    set: FusionContainerSet | undefined;
}

/** The arguments of a balancer as validated plain values. */
export interface BalancerSpec {
    name: string;
    directory: string;
    /** Where HAProxy runs; undefined: this machine. */
    ssh: SshTarget | undefined;
    drainSeconds: number;
    url: string;
    backends: readonly BackendSpec[];
    /** The configuration, but for the servers of container sets and the files of certificates. */
    haproxy: HaproxySpec;
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function balancerSpec(
    name: string,
    args: FusionBalancerArgs,
    ssh: SshTarget | undefined,
    faults: Faults,
): BalancerSpec {
    faults.name(name, name);
    const directory = args.directory ?? `/var/lib/fusion/${name}`;
    // The run-time sockets are below it, and a socket's path has room for 107 characters.
    if (!/^(\/[A-Za-z0-9_@+=.-]+){2,}$/.test(directory) || directory.length > 90) {
        faults.add(
            `${name}.directory`,
            `is not a plain absolute path of up to 90 characters below another directory: ${show(directory)}; give one such as "/var/lib/fusion/lb"`,
        );
    }
    const drainSeconds = args.drainSeconds ?? 30;
    faults.integer(`${name}.drainSeconds`, drainSeconds, 0, 86_400, "give seconds, such as 30");
    if (ssh !== undefined) {
        checkSshTarget(`${name}.host.ssh`, ssh, faults);
    }
    const listeners = listenersOf(args.listen);
    checkListeners(name, args, listeners, faults);
    const given = args.backends.map((one) => (one instanceof FusionContainerSet ? { set: one } : one));
    const backends = given.map((one) => backendSpec(args, one));
    checkBackends(name, given, backends, faults);
    const haproxy = haproxySpec(name, args, { directory, listeners, given, backends });
    checkAsHaproxy(name, args, haproxy, faults);
    return { name, directory, ssh, drainSeconds, url: urlOf(args, listeners, ssh), backends, haproxy };
}

const listenersOf = (listen: FusionBalancerArgs["listen"]): readonly Listener[] =>
    typeof listen === "number" ? [{ port: listen }] : Array.isArray(listen) ? listen : [listen as Listener];

function checkListeners(name: string, args: FusionBalancerArgs, listeners: readonly Listener[], faults: Faults): void {
    const { listen, tls } = args;
    if (listeners.length === 0) {
        faults.add(`${name}.listen`, "is empty; give at least one port");
    }
    for (const [index, { port, address, tls: secure }] of listeners.entries()) {
        const path = Array.isArray(listen) ? `${name}.listen[${index}]` : `${name}.listen`;
        faults.port(typeof listen === "number" ? path : `${path}.port`, port);
        if (address !== undefined && !(ipaddr.IPv6.isValid(address) && !address.includes("%"))) {
            faults.ipv4(`${path}.address`, address);
        }
        if (secure && tls === undefined) {
            faults.add(`${path}.tls`, `is true, and there is no certificate; give ${name}.tls.certificates`);
        }
        const twin = listeners.findIndex((other) => other.port === port && other.address === address);
        if (twin < index) {
            faults.add(`${path}.port`, `is listened on already: ${show(port)}; give each its own`);
        }
    }
    if (tls !== undefined && !listeners.some((one) => one.tls)) {
        faults.add(`${name}.tls`, "has no port that speaks it; give a listener with tls: true");
    }
    if (tls !== undefined && (tls.certificates ?? []).length === 0) {
        faults.add(`${name}.tls.certificates`, "is empty; give at least one { certificate, key }");
    }
    const { metrics } = args;
    if (metrics !== undefined && (metrics.user === undefined) !== (metrics.password === undefined)) {
        faults.add(`${name}.metrics`, "has a user without a password, or a password without a user; give both");
    }
    if (metrics?.user !== undefined && !/^[A-Za-z0-9_.@-]{1,64}$/.test(metrics.user)) {
        faults.add(`${name}.metrics.user`, `is no name of a user: ${show(metrics.user)}; give one such as "prometheus"`);
    }
}

function backendSpec(args: FusionBalancerArgs, given: BackendArgs): BackendSpec {
    const { set, name = set?.spec.name ?? "", servers = [], match: _, algorithm = args.algorithm, ...options } = given;
    const check = set === undefined ? options.healthCheck : ownCheck(set);
    const backend: HaproxyBackend = {
        ...options,
        name,
        ...(args.mode !== undefined && { mode: args.mode }),
        ...(algorithm !== undefined && { algorithm }),
        ...(check !== undefined && { healthCheck: check }),
        servers,
    };
    return { backend, set };
}

function ownCheck({ spec }: FusionContainerSet): HaproxyBackend["healthCheck"] {
    const http = spec.healthCheck?.http;
    return http === undefined ? undefined : { http: { path: http.path ?? "/" } };
}

function checkBackends(
    name: string,
    given: readonly BackendArgs[],
    backends: readonly BackendSpec[],
    faults: Faults,
): void {
    if (backends.length === 0) {
        faults.add(`${name}.backends`, "is empty; give at least one container set");
    }
    const rest: string[] = [];
    for (const [index, { set, servers, name: own, match, healthCheck }] of given.entries()) {
        const path = `${name}.backends[${index}]`;
        const called = backends[index]?.backend.name ?? "";
        if (called === name) {
            faults.add(name, `is the name of a backend of its own too: ${show(name)}; give the balancer another`);
        }
        if (match === undefined) rest.push(called);
        if (set === undefined) {
            if (own === undefined) faults.add(`${path}.name`, 'is missing; give one such as "legacy"');
            if (servers === undefined) faults.add(`${path}.servers`, "is missing; give servers, or a container set");
            continue;
        }
        for (const [key, value] of Object.entries({ servers, name: own, healthCheck })) {
            if (value !== undefined) faults.add(`${path}.${key}`, "is what the set itself says; leave it out");
        }
        if (set.spec.ports.length === 0) {
            faults.add(path, `${called} publishes no port; give it ports`);
        }
        if (set.spec.service.replicas === 0) {
            faults.add(path, `${called} has no replicas; give it at least one`);
        }
    }
    if (rest.length > 1) {
        const all = rest.map((one) => show(one)).join(" and ");
        faults.add(`${name}.backends`, `${all} have no match, and one alone can get the rest; give the others a match`);
    }
}

interface Parts {
    directory: string;
    listeners: readonly Listener[];
    given: readonly BackendArgs[];
    backends: readonly BackendSpec[];
}

/** The configuration as far as it is known before the containers and the certificates are. */
function haproxySpec(name: string, args: FusionBalancerArgs, parts: Parts): HaproxySpec {
    const { directory, listeners, given, backends } = parts;
    const { mode, tls, clients, timeouts, maxConnections, metrics, lines } = args;
    const secure = listeners.find((one) => one.tls);
    const redirects = secure !== undefined && tls?.redirect !== false && !listeners.every((one) => one.tls);
    const routes = given.flatMap(({ match }, index): HaproxyRoute[] =>
        match === undefined ? [] : [{ ...match, backend: backends[index]?.backend.name ?? "" }],
    );
    const rest = given.findIndex(({ match }) => match === undefined);
    const defaultBackend = backends[rest]?.backend.name;
    const frontend = {
        name,
        bind: listeners.map(({ address = "*", port, tls: speaks }) => ({
            address: `${address.includes(":") ? `[${address}]` : address}:${port}`,
            ...(speaks && { tls: true }),
        })),
        ...(mode !== undefined && { mode }),
        ...(clients !== undefined && { clients }),
        ...(redirects && mode !== "tcp" && { redirectToTls: secure.port }),
        ...(tls?.hstsSeconds !== undefined && { hstsSeconds: tls.hstsSeconds }),
        ...(routes.length > 0 && { routes }),
        ...(defaultBackend !== undefined && { defaultBackend }),
        ...(lines?.frontend !== undefined && { lines: lines.frontend }),
    };
    const { global, defaults } = lines ?? {};
    return {
        socket: socketPath(directory),
        hardStopAfterSeconds: HARD_STOP_AFTER,
        frontends: [frontend],
        backends: backends.map(({ backend }) => backend),
        ...(timeouts !== undefined && { timeouts }),
        ...(maxConnections !== undefined && { maxConnections }),
        ...(metrics !== undefined && { metrics: `${bracketed(metrics.listen?.address)}:${metrics.listen?.port}` }),
        ...(metrics?.user !== undefined && { metricsLogin: secretFile(directory, "metrics-login") }),
        lines: { ...(global !== undefined && { global }), ...(defaults !== undefined && { defaults }) },
    };
}

const bracketed = (address: unknown): string => (String(address).includes(":") ? `[${address}]` : String(address));

/** What `renderHaproxyConfig` would refuse, with the paths of the balancer's own arguments. */
function checkAsHaproxy(name: string, args: FusionBalancerArgs, spec: HaproxySpec, faults: Faults): void {
    const own = new Faults();
    // Certificates are checked where their texts are known.
    const frontends = spec.frontends.map((one) => ({ ...one, certificates: ["/certificate.pem"] }));
    checkHaproxySpec({ ...spec, frontends }, own);
    if (own.size === 0) return;
    for (const { propertyPath, reason } of own.error().errors) {
        const path = ownPath(args, propertyPath);
        if (path !== undefined) faults.add(path === "" ? name : `${name}.${path}`, reason);
    }
    for (const { name: backend } of spec.backends) {
        if (isReserved(backend)) faults.cover(backend);
    }
}

/** The balancer's argument that a path of the configuration comes from; undefined for what has been checked already. */
function ownPath({ backends }: FusionBalancerArgs, path: string): string | undefined {
    const [, rest] = /^frontends\[0\]\.(.*)$/.exec(path) ?? [];
    if (rest === undefined) {
        return path.startsWith("backends[")
            ? path.replace(/^(backends\[\d+\])\.name$/, "$1")
            : path === "metrics"
              ? "metrics.listen"
              : /^(socket|hardStopAfterSeconds)/.test(path)
                ? undefined
                : path;
    }
    const [, route = "", inner = ""] = /^routes\[(\d+)\]\.?(.*)$/.exec(rest) ?? [];
    if (route !== "") {
        const matching = backends.flatMap((one, index) =>
            one instanceof FusionContainerSet || one.match === undefined ? [] : [index],
        );
        return `backends[${matching[Number(route)]}].match${inner === "" ? "" : `.${inner}`}`;
    }
    if (/^bind|^redirect/.test(rest)) return undefined;
    if (rest === "name") return "";
    return rest
        .replace(/^lines/, "lines.frontend")
        .replace(/^hstsSeconds/, "tls.hstsSeconds")
        .replace(/^(routes|defaultBackend)$/, "backends");
}

function urlOf({ address }: FusionBalancerArgs, listeners: readonly Listener[], ssh: SshTarget | undefined): string {
    const { address: own, port = 80, tls } = listeners.find((one) => one.tls) ?? listeners[0] ?? {};
    const host = address ?? (own === undefined ? undefined : bracketed(own)) ?? ssh?.address ?? "localhost";
    const usual = tls ? 443 : 80;
    return `${tls ? "https" : "http"}://${host}${port === usual ? "" : `:${port}`}/`;
}
