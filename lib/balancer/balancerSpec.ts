import { createHash } from "node:crypto";
import { checkSshTarget } from "../checkSshTarget";
import { FusionContainerSet } from "../containers/FusionContainerSet";
import { type Faults, show } from "../faults";
import type { SshTarget } from "../ssh";
import { stackName } from "../stackName";
import { type AcmeSpec, acmeSpec } from "./acmeSpec";
import type { BackendArgs, Listener } from "./balancerArgs";
import { checkAsHaproxy, checkBackends, checkListeners } from "./checkBalancer";
import { checkImage } from "./checkImage";
import type { FusionBalancerArgs } from "./FusionBalancer";
import { findsTasks } from "./findsTasks";
import type { HaproxyBackend, HaproxyFrontend, HaproxyRoute, HaproxySpec } from "./haproxySpec";
import type { HaproxyInstall } from "./installScripts";
import { acmeFile, LOGIN_FILE, secretFile, socketPath } from "./places";
import { type StandbySpec, standbySpec } from "./standbySpec";

/** A backend, and the container set behind it where it has one: its servers then come from there. */
export interface BackendSpec {
    backend: HaproxyBackend;
    set: FusionContainerSet | undefined;
}

/** The arguments of a balancer as validated plain values. */
export interface BalancerSpec {
    name: string;
    directory: string;
    /** Whose directory it is: another balancer must not take it. */
    owner: string;
    /** The service by which systemd, where that runs, starts HAProxy. */
    unit: string;
    /** Seconds that a script waits for another one's end: the groups of several sets that roll take turns, each with a reload. */
    lockSeconds: number;
    /** How HAProxy is installed; undefined: it is there. */
    install: HaproxyInstall | undefined;
    /** What an ACME server is asked for; undefined: nothing. */
    acme: AcmeSpec | undefined;
    /** Image of the container that HAProxy runs in, by tag or digest; undefined: it is a program of the machine. */
    image: string | undefined;
    /** Where HAProxy runs; undefined: this machine. */
    ssh: SshTarget | undefined;
    drainSeconds: number;
    url: string;
    backends: readonly BackendSpec[];
    /** The second of a pair; undefined: there is one balancer. */
    standby?: StandbySpec;
    /** The configuration, but for the servers of container sets and the files of certificates that are given. */
    haproxy: HaproxySpec & { hardStopAfterSeconds: number };
}

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function balancerSpec(
    name: string,
    args: FusionBalancerArgs,
    ssh: SshTarget | undefined,
    faults: Faults,
    standbySsh?: SshTarget,
): BalancerSpec {
    faults.name(name, name);
    const directory = args.directory ?? `/var/lib/fusion/${name}`;
    // The run-time sockets are below it, and a socket's path has room for 107 characters.
    if (!/^(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_@+=.-]+){2,}$/.test(directory) || directory.length > 90) {
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
    const standby = standbySpec(name, args, { first: ssh, standby: standbySsh }, faults);
    const listeners = listenersOf(args.listen);
    checkListeners(name, args, listeners, faults);
    const given = args.backends.map((one) => (one instanceof FusionContainerSet ? { set: one } : one));
    checkBackends(name, given, faults);
    const backends = given.map((one) => backendSpec(args, one));
    const hardStop = hardStopAfter(args);
    const unit = unitOf(name, directory);
    const acme = acmeSpec(name, args, listeners, unit, faults);
    const haproxy = haproxySpec(name, directory, args, backends, acme);
    checkAsHaproxy(name, args, haproxy, faults);
    return {
        name,
        directory,
        owner: `${stackName()}/${name}`,
        unit,
        lockSeconds: Math.max(1800, 2 * hardStop + 600),
        install: installSpec(`${name}.haproxy`, args, faults),
        acme,
        image: args.haproxy?.image,
        ssh,
        drainSeconds,
        url: urlOf(args, listeners, ssh),
        backends,
        ...(standby !== undefined && { standby }),
        haproxy,
    };
}

function installSpec(
    path: string,
    { haproxy: given, standby }: FusionBalancerArgs,
    faults: Faults,
): HaproxyInstall | undefined {
    if (given === undefined) {
        return undefined;
    }
    const { install, version = "", image } = given;
    if (install !== true && (install !== undefined || image === undefined)) {
        faults.add(
            `${path}.install`,
            `must be true, got ${show(install)}; leave haproxy out where the machine has HAProxy`,
        );
    }
    if (!/^[0-9A-Za-z.+~:-]{0,64}$/.test(version)) {
        faults.add(`${path}.version`, `is no version of a package: ${show(version)}; give one such as "2.6.12"`);
    }
    checkImage(path, given, faults);
    return install === true ? { version, ...(standby !== undefined && { keepalived: true }) } : undefined;
}

/** Another directory has another service, whoever's it is. */
function unitOf(name: string, directory: string): string {
    const hash = createHash("sha256").update(`${stackName()} ${directory}`).digest("hex").slice(0, 8);
    return `fusion-haproxy-${name}-${hash}`;
}

const listenersOf = (listen: FusionBalancerArgs["listen"]): readonly Listener[] =>
    [listen].flat().map((one) => (typeof one === "number" ? { port: one } : one));

function backendSpec({ mode, algorithm: usual }: FusionBalancerArgs, given: BackendArgs): BackendSpec {
    const { set, match: _, algorithm = usual, ...own } = given;
    const healthCheck = set === undefined ? own.healthCheck : checkOf(set, own.healthCheck?.http?.host);
    const backend = {
        ...own,
        name: set?.spec.name ?? own.name ?? "",
        servers: own.servers ?? [],
        ...(mode !== undefined && { mode }),
        ...(algorithm !== undefined && { algorithm }),
        ...(healthCheck !== undefined && { healthCheck }),
        ...(set?.spec.swarm !== undefined && findsTasks(set.spec.swarm, own)),
    };
    return { backend, set };
}

function checkOf({ spec }: FusionContainerSet, host: string | undefined): HaproxyBackend["healthCheck"] {
    const http = spec.healthCheck?.http;
    return http === undefined ? undefined : { http: { path: http.path ?? "/", ...(host !== undefined && { host }) } };
}

/** The configuration as far as it is known before the containers and the certificates are. */
function haproxySpec(
    name: string,
    directory: string,
    args: FusionBalancerArgs,
    backends: readonly BackendSpec[],
    acme: AcmeSpec | undefined,
): BalancerSpec["haproxy"] {
    const { timeouts, maxConnections, metrics, lines: { frontend: _, ...lines } = {} } = args;
    return {
        socket: socketPath(directory),
        hardStopAfterSeconds: hardStopAfter(args),
        frontends: [
            {
                ...frontendSpec(name, args, backends),
                ...(acme && { certificates: acme.certificates.map(({ file }) => acmeFile(directory, file)) }),
            },
        ],
        backends: backends.map(({ backend }) => backend),
        ...(acme && { acmeChallenges: acme.challenges }),
        ...(timeouts !== undefined && { timeouts }),
        ...(maxConnections !== undefined && { maxConnections }),
        ...(metrics?.listen !== undefined && { metrics: bindOf(metrics.listen) }),
        ...(args.standby !== undefined && { nonlocalBinds: true }),
        ...(metrics?.user !== undefined && { metricsLogin: secretFile(directory, LOGIN_FILE) }),
        lines,
    };
}

function frontendSpec(name: string, args: FusionBalancerArgs, backends: readonly BackendSpec[]): HaproxyFrontend {
    const { mode, tls, clients, lines } = args;
    const listeners = listenersOf(args.listen);
    const secure = listeners.find((one) => one.tls);
    const redirects = secure !== undefined && mode !== "tcp" && tls?.redirect !== false;
    const routes: HaproxyRoute[] = [];
    let defaultBackend: string | undefined;
    for (const [index, one] of args.backends.entries()) {
        const backend = backends[index]?.backend.name ?? "";
        if (one instanceof FusionContainerSet || one.match === undefined) {
            defaultBackend = backend;
        } else {
            routes.push({ ...one.match, backend });
        }
    }
    return {
        name,
        bind: listeners.map((one) => ({ address: bindOf(one), ...(one.tls && { tls: true }) })),
        ...(mode !== undefined && { mode }),
        ...(clients !== undefined && { clients }),
        ...(redirects && listeners.some((one) => !one.tls) && { redirectToTls: secure.port }),
        ...(tls?.hstsSeconds !== undefined && { hstsSeconds: tls.hstsSeconds }),
        ...(routes.length > 0 && { routes }),
        ...(defaultBackend !== undefined && { defaultBackend }),
        ...(lines?.frontend !== undefined && { lines: lines.frontend }),
    };
}

/**
 * Seconds that an old HAProxy process has to finish what it holds: the silence that a kept connection and the slowest answer
 * may have, so that neither is cut.
 */
function hardStopAfter({ timeouts = {}, backends }: FusionBalancerArgs): number {
    const { keepAliveSeconds = 10, serverSeconds = 60 } = timeouts;
    const own = backends.map((one) => (one instanceof FusionContainerSet ? 0 : (one.timeouts?.serverSeconds ?? 0)));
    const longest = [keepAliveSeconds, serverSeconds, ...own].filter((seconds) => Number.isInteger(seconds));
    return Math.min(86_400, Math.max(90, keepAliveSeconds + Math.max(0, ...longest) + 10) || 90);
}

const bracketed = (address: string): string => (address.includes(":") ? `[${address}]` : address);
const bindOf = ({ address = "*", port }: Listener): string => `${bracketed(address)}:${port}`;

function urlOf(
    { address, mode, standby }: FusionBalancerArgs,
    listeners: readonly Listener[],
    ssh: SshTarget | undefined,
): string {
    const { address: own, port = 80, tls = false } = listeners.find((one) => one.tls) ?? listeners[0] ?? {};
    const host = bracketed(address ?? own ?? standby?.address?.split("/")[0] ?? ssh?.address ?? "localhost");
    if (mode === "tcp") {
        return `tcp://${host}:${port}`;
    }
    return `${tls ? "https" : "http"}://${host}${port === (tls ? 443 : 80) ? "" : `:${port}`}/`;
}
