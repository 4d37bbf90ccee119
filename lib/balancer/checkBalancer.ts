import { overlaps } from "../cidr";
import { FusionContainerSet } from "../containers/FusionContainerSet";
import { Faults, show } from "../faults";
import type { BackendArgs, Listener } from "./balancerArgs";
import { MOST_CERTIFICATES } from "./checkFrontend";
import { checkHaproxySpec } from "./checkHaproxySpec";
import { isIp, isReserved } from "./checkWords";
import { isInTurn } from "./createRolloutService";
import type { FusionBalancerArgs } from "./FusionBalancer";
import type { HaproxySpec } from "./haproxySpec";

/** Checks what a balancer listens on; what is wrong goes to `faults`. */
export function checkListeners(
    name: string,
    { listen, tls, metrics }: FusionBalancerArgs,
    listeners: readonly Listener[],
    faults: Faults,
): void {
    if (listeners.length === 0) {
        faults.add(`${name}.listen`, "names no port; give a TCP port such as 80");
    }
    const seen = new Set<string>();
    const check = (path: string, { address, port }: Pick<Listener, "address" | "port">) => {
        faults.port(typeof listen === "number" && path === `${name}.listen` ? path : `${path}.port`, port);
        if (address !== undefined && !isIp(address)) {
            faults.add(`${path}.address`, `is no IP address: ${show(address)}; give one such as "10.77.0.11"`);
        }
        if (seen.has(`${address} ${port}`)) {
            faults.add(`${path}.port`, `is listened on already: ${port}; give each its own`);
        }
        seen.add(`${address} ${port}`);
    };
    for (const [index, one] of listeners.entries()) {
        const path = Array.isArray(listen) ? `${name}.listen[${index}]` : `${name}.listen`;
        check(path, one);
        if (one.tls && tls === undefined) {
            faults.add(
                `${path}.tls`,
                `is true, and there is no certificate; give ${name}.tls.certificates or ${name}.tls.acme`,
            );
        }
    }
    if (tls !== undefined) {
        if (!listeners.some((one) => one.tls)) {
            faults.add(`${name}.tls`, "has no port that speaks it; give a listener with tls: true");
        }
        const count = (tls.certificates?.length ?? 0) + (tls.acme?.domains?.length ?? 0);
        if (count > MOST_CERTIFICATES) {
            faults.add(
                `${name}.tls.${tls.acme === undefined ? "certificates" : "acme.domains"}`,
                `are ${count}, and HAProxy has room for ${MOST_CERTIFICATES}; name several hosts in one`,
            );
        }
        if ((tls.certificates ?? []).length === 0 && tls.acme === undefined) {
            faults.add(`${name}.tls.certificates`, "is empty; give at least one { certificate, key }, or acme");
        }
    }
    if (metrics !== undefined) {
        // Without an address it would be for everybody.
        check(`${name}.metrics.listen`, { ...metrics.listen, address: metrics.listen?.address ?? "" });
        checkLogin(`${name}.metrics`, metrics, faults);
        const { address } = metrics.listen ?? {};
        if (metrics.user === undefined && address !== undefined && isIp(address) && !isPrivate(address)) {
            faults.add(
                `${name}.metrics.user`,
                `is missing, and everybody may reach ${address}; give user and password, or a private address to listen on`,
            );
        }
    }
}

/** Whether an address is of a private network, of a link, or the machine's own (RFC 1918, 3927, 4193, 4291, 6598). */
function isPrivate(address: string): boolean {
    const networks = [
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "100.64.0.0/10",
    ];
    return address.includes(":")
        ? /^(::1$|f[cd]|fe[89ab])/i.test(address)
        : networks.some((network) => overlaps(`${address}/32`, network));
}

function checkLogin(
    path: string,
    { user, password }: NonNullable<FusionBalancerArgs["metrics"]>,
    faults: Faults,
): void {
    if ((user === undefined) !== (password === undefined)) {
        faults.add(path, "has a user without a password, or a password without a user; give both");
    }
    if (user !== undefined && !/^[A-Za-z0-9_.@-]{1,64}$/.test(user)) {
        faults.add(`${path}.user`, `is no name of a user: ${show(user)}; give one such as "prometheus"`);
    }
}

/** What a balancer's own commands are called behind its name. */
const WORDS: readonly string[] = ["acme", "certificates", "image", "keepalived", "secrets", "standby"];

/**
 * Checks that no machine is called as a command of the balancer, or as a replica that is taken out of service by itself: each has a
 * command of its name, in a pair also behind `standby-`.
 */
export function checkNames(
    name: string,
    sets: readonly FusionContainerSet[],
    faults: Faults,
    hasStandby = false,
): void {
    const machines = new Set(sets.flatMap((set) => set.vms.map((vm) => vm.spec.name)));
    const replicas = sets.filter(isInTurn).flatMap((set) => set.spec.replicaNames);
    const commands = [...machines, ...replicas];
    const behind = hasStandby ? [...commands, ...sets.map(({ spec }) => spec.name)] : [];
    const swarmed = sets.filter(({ spec }) => spec.swarm !== undefined).map(({ spec }) => spec.name);
    const taken = [...WORDS, ...swarmed.flatMap((one) => [`${one}-servers`, `${one}-follow`])];
    const words = commands.filter((one) => taken.includes(one));
    for (const one of new Set([...words, ...behind.filter((one) => one.startsWith("standby-"))])) {
        faults.add(`${name}.backends`, `have ${show(one)}, as a command of the balancer is called; call it otherwise`);
    }
    for (const replica of replicas) {
        if (machines.has(replica)) {
            const remedy = "as a replica of a stop-first set is; call one of them otherwise";
            faults.add(`${name}.backends`, `have a machine that is called ${show(replica)}, ${remedy}`);
        }
    }
}

const balancers = new WeakMap<object, Set<string>>();

/** Checks that no balancer of a program is called as a command of another one. */
export function checkOthers(program: object, name: string, faults: Faults): void {
    const names = balancers.get(program) ?? new Set();
    balancers.set(program, names.add(name));
    for (const word of WORDS) {
        const of = name.endsWith(`-${word}`) ? name.slice(0, -word.length - 1) : undefined;
        if (of !== undefined && names.has(of)) {
            faults.add(name, `is what a command of the balancer ${of} is called: ${show(name)}; give another name`);
        }
        if (names.has(`${name}-${word}`)) {
            const other = show(`${name}-${word}`);
            faults.add(
                `${name}-${word}`,
                `is what a command of the balancer ${name} is called: ${other}; give another name`,
            );
        }
    }
}

/** Checks who serves; what is wrong goes to `faults`. */
export function checkBackends(name: string, backends: readonly BackendArgs[], faults: Faults): void {
    if (backends.length === 0) {
        faults.add(`${name}.backends`, "is empty; give at least one container set");
    }
    for (const [index, { set, servers, name: own, healthCheck, match }] of backends.entries()) {
        const path = `${name}.backends[${index}]`;
        if (match !== undefined && Object.values(match).every((one) => one === undefined)) {
            faults.add(
                `${path}.match`,
                "says nothing, so it would take all requests; give hosts, paths, headers or a share, or leave it out",
            );
        }
        if (set === undefined) {
            if (own === undefined) {
                faults.add(`${path}.name`, 'is missing; give one such as "legacy"');
                faults.cover(`${path}.name`);
            }
            if (servers === undefined || servers.length === 0) {
                faults.add(`${path}.servers`, "is missing or empty; give servers, or a container set as set");
            }
            continue;
        }
        const { http } = healthCheck ?? {};
        for (const [key, value] of Object.entries({ servers, name: own, "healthCheck.http.path": http?.path })) {
            if (value !== undefined) {
                faults.add(`${path}.${key}`, "is what the set itself says; leave it out");
                faults.cover(`${path}.${key}`);
            }
        }
        if (http?.host !== undefined && set.spec.healthCheck?.http === undefined) {
            faults.add(
                `${path}.healthCheck.http.host`,
                `is for a set that is asked by HTTP, and ${set.spec.name} is not; leave it out`,
            );
        }
        const [first] = set.spec.ports;
        if (first === undefined) {
            faults.add(path, `${set.spec.name} publishes no port; give it ports`);
        } else if (first.protocol === "udp") {
            faults.add(
                path,
                `${set.spec.name} has a UDP port first, which HAProxy does not pass on; name a TCP port first`,
            );
        }
        if (set.spec.service.replicas === 0) {
            faults.add(path, `${set.spec.name} has no replicas; give it at least one`);
        }
    }
    const rest = backends.flatMap(({ match, set, servers }, index) =>
        match === undefined && (set !== undefined || servers !== undefined) ? [`backends[${index}]`] : [],
    );
    if (rest.length > 1) {
        const remedy = "one alone can get what no other takes; give the others a match";
        faults.add(`${name}.backends`, `${rest.join(" and ")} have no match; ${remedy}`);
    }
}

/** Tells what `renderHaproxyConfig` would refuse, by the balancer's own arguments. */
export function checkAsHaproxy(name: string, args: FusionBalancerArgs, spec: HaproxySpec, faults: Faults): void {
    const found = new Faults();
    // Certificates are checked where their texts are known.
    const frontends = spec.frontends.map((one) => ({ ...one, certificates: ["/certificate.pem"] }));
    checkHaproxySpec({ ...spec, frontends }, found);
    const told = new Set<string>();
    for (const { propertyPath, reason } of found.size > 0 ? found.error().errors : []) {
        const path = ownPath(args, propertyPath, spec);
        // What a component without a mode or an algorithm of its own has, all backends have.
        if (path !== undefined && !told.has(`${path} ${reason}`)) {
            told.add(`${path} ${reason}`);
            faults.add(path === "" ? name : `${name}.${path}`, reason);
        }
    }
}

/** The balancer's argument that a path of the configuration comes from, "" for its name; undefined for what is told elsewhere. */
function ownPath(args: FusionBalancerArgs, path: string, spec: HaproxySpec): string | undefined {
    if (/^(metrics|metricsLogin|acmeChallenges|socket|hardStopAfterSeconds)$/.test(path)) {
        return undefined;
    }
    const [, index, inner = ""] = /^backends\[(\d+)\]\.(.*)$/.exec(path) ?? [];
    if (index !== undefined) {
        const one = args.backends[Number(index)];
        const own: BackendArgs = one === undefined || one instanceof FusionContainerSet ? {} : one;
        const { name = "" } = spec.backends[Number(index)] ?? {};
        const isSet = own.name === undefined;
        if (inner === "mode" || (inner === "algorithm" && own.algorithm === undefined)) return inner;
        return inner === "name" && isSet ? (isTold(name, spec) ? undefined : `backends[${index}]`) : path;
    }
    const [, ofFrontend] = /^frontends\[0\]\.(.*)$/.exec(path) ?? [];
    return ofFrontend === undefined ? path : frontendPath(args, ofFrontend, spec);
}

/** Whether a component's name, which is wrong, has been told with the component: for all but what is HAProxy's alone. */
const isTold = (name: string, { frontends, backends }: HaproxySpec): boolean =>
    !isReserved(name) && [...frontends, ...backends].filter((one) => one.name === name).length < 2;

function frontendPath(args: FusionBalancerArgs, path: string, spec: HaproxySpec): string | undefined {
    if (path === "name") {
        return isTold(spec.frontends[0]?.name ?? "", spec) ? undefined : "";
    }
    const [, route, inner] = /^routes\[(\d+)\](\..*)?$/.exec(path) ?? [];
    if (route !== undefined) {
        const matching = args.backends.flatMap((one, index) =>
            one instanceof FusionContainerSet || one.match === undefined ? [] : [index],
        );
        return inner === ".backend" ? undefined : `backends[${matching[Number(route)]}].match${inner ?? ""}`;
    }
    if (/^(bind|redirectToTls|defaultBackend|certificates)/.test(path)) {
        return undefined;
    }
    return path
        .replace(/^lines/, "lines.frontend")
        .replace(/^hstsSeconds/, "tls.hstsSeconds")
        .replace(/^routes$/, "backends");
}
