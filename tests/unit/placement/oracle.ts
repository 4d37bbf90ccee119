import type {
    PlacementAffinity,
    PlacementAntiAffinity,
    PlacementHost,
    PlacementProblem,
    PlacementService,
} from "../../../lib/placement";

/**
 * The requirements and objectives said once more, slowly and from the outside, to judge `place` by. It shares no code
 * with the library.
 */
export type Assignment = Readonly<Record<string, string>>;

export function replicasOf(problem: PlacementProblem): string[] {
    return problem.services.flatMap(({ name, replicas }) => Array.from({ length: replicas }, (_, i) => `${name}-${i}`));
}

export function serviceOf(replica: string): string {
    return replica.slice(0, replica.lastIndexOf("-"));
}

function label(host: PlacementHost, key: string): string | undefined {
    return key === "host" ? host.name : host.labels?.[key];
}

interface Rule {
    readonly with: readonly string[];
    readonly over: string;
}

const nowhere: PlacementHost = { name: "" };

/** The anti-affinity of a service as a list of rules, however it was written. */
export function antiAffinities({ antiAffinity }: PlacementService): Rule[] {
    const rules: readonly PlacementAntiAffinity[] =
        antiAffinity === undefined ? [] : "length" in antiAffinity ? antiAffinity : [antiAffinity];
    return rules.map((rule) => ({ with: rule.with, over: rule.over ?? "host" }));
}

/** The affinity of a service as a list of rules, however it was written. */
export function affinities({ affinity }: PlacementService): Rule[] {
    const rules: readonly (string | PlacementAffinity)[] =
        affinity === undefined ? [] : "length" in affinity ? affinity : [affinity];
    return rules.map((rule) =>
        typeof rule === "string" ? { with: [rule], over: "host" } : { with: rule.with, over: rule.over ?? "host" },
    );
}

/** Every requirement that an assignment breaks, in words. */
export function broken(problem: PlacementProblem, assignment: Assignment): string[] {
    const faults = [...overloads(problem, assignment), ...portFaults(problem, assignment)];
    const hosts = new Map(problem.hosts.map((host) => [host.name, host]));
    const services = new Map(problem.services.map((service) => [service.name, service]));
    for (const [replica, name] of Object.entries(assignment)) {
        const host = hosts.get(name);
        const service = services.get(serviceOf(replica));
        if (host === undefined || service === undefined) {
            faults.push(`${replica} on ${name}: there is no such thing`);
            continue;
        }
        if (!isUsable(problem, service, host)) faults.push(`${replica} needs another host`);
        if ((service.pin?.[replica] ?? name) !== name) faults.push(`${replica} is pinned elsewhere`);
        for (const { with: friends, over } of affinities(service)) {
            for (const friend of friends) {
                const near = Object.entries(assignment).some(
                    ([other, there]) =>
                        serviceOf(other) === friend && label(hosts.get(there) ?? nowhere, over) === label(host, over),
                );
                if (!near) faults.push(`${replica} misses ${friend}`);
            }
        }
        for (const { with: enemies, over } of antiAffinities(service)) {
            for (const [other, there] of Object.entries(assignment)) {
                if (other === replica || !enemies.includes(serviceOf(other))) continue;
                if (label(host, over) === label(hosts.get(there) ?? nowhere, over))
                    faults.push(`${replica} must not be with ${other}`);
            }
        }
    }
    return [
        ...faults,
        ...problem.services
            .filter((service) => isSkewed(problem, service, assignment))
            .map((s) => `${s.name} is skewed`),
    ];
}

/** Dimensions of which a host has less than its replicas take. */
function overloads(problem: PlacementProblem, assignment: Assignment): string[] {
    const taken = new Map<string, number>();
    for (const [replica, name] of Object.entries(assignment)) {
        const service = problem.services.find((one) => one.name === serviceOf(replica));
        for (const [dimension, amount] of Object.entries(service?.demand ?? {})) {
            const key = `${name} ${dimension}`;
            taken.set(key, (taken.get(key) ?? 0) + amount);
        }
    }
    return problem.hosts.flatMap(({ name, capacity }) =>
        [...taken]
            .filter(([key]) => key.startsWith(`${name} `))
            .filter(([key, amount]) => amount > (capacity?.[key.slice(name.length + 1)] ?? 0))
            .map(([key]) => `too much: ${key}`),
    );
}

function portFaults(problem: PlacementProblem, assignment: Assignment): string[] {
    return problem.hosts.flatMap((host) => {
        const ports = [...new Set(host.portsInUse ?? [])];
        for (const [replica, name] of Object.entries(assignment)) {
            if (name !== host.name) continue;
            ports.push(...(problem.services.find((one) => one.name === serviceOf(replica))?.ports ?? []));
        }
        return ports.length > new Set(ports).size ? [`a port twice on ${host.name}`] : [];
    });
}

/** Whether a host bears the labels that a service needs: its own, and those of all rules that bind it. */
function isUsable(problem: PlacementProblem, service: PlacementService, host: PlacementHost): boolean {
    // Of a service without replicas nothing is to be kept away from.
    const foreign = problem.services
        .filter(({ replicas }) => replicas > 0)
        .flatMap(antiAffinities)
        .filter(({ with: names }) => names.includes(service.name));
    const overs = [...antiAffinities(service), ...affinities(service), ...foreign].map(({ over }) => over);
    return (
        Object.entries(service.require ?? {}).every(([key, values]) => values.includes(label(host, key) ?? "-")) &&
        [...overs, ...(service.spreadOver ? [service.spreadOver] : [])].every((key) => label(host, key) !== undefined)
    );
}

/** Whether a domain that took a replica of the service is too full beside the emptiest. What runs may stay. */
function isSkewed(problem: PlacementProblem, service: PlacementService, assignment: Assignment): boolean {
    const over = service.spreadOver;
    if (over === undefined) return false;
    const counts = new Map<string, { all: number; kept: number }>();
    for (const host of problem.hosts) {
        const value = label(host, over);
        if (value === undefined || !isUsable(problem, service, host)) continue;
        const count = counts.get(value) ?? { all: 0, kept: 0 };
        for (const [replica, name] of Object.entries(assignment)) {
            if (serviceOf(replica) !== service.name || name !== host.name) continue;
            count.all++;
            if (problem.previous?.[replica] === name) count.kept++;
        }
        counts.set(value, count);
    }
    const least = Math.min(...[...counts.values()].map(({ all }) => all));
    return [...counts.values()].some(({ all, kept }) => all > Math.max(kept, least + (service.maxSkew ?? 1)));
}

/** Replicas that are not on a host that they prefer. */
export function missedOf(problem: PlacementProblem, assignment: Assignment): number {
    return Object.entries(assignment).filter(([replica, name]) => {
        const host = problem.hosts.find((one) => one.name === name) ?? nowhere;
        const prefer = problem.services.find((one) => one.name === serviceOf(replica))?.prefer ?? {};
        return Object.entries(prefer).some(([key, values]) => !values.includes(label(host, key) ?? "-"));
    }).length;
}

/** Replicas that ran before and are on another host. */
export function movesOf(problem: PlacementProblem, assignment: Assignment): number {
    return Object.entries(assignment).filter(([replica, name]) => (problem.previous?.[replica] ?? name) !== name)
        .length;
}

/** The objective as types.ts defines it. */
export function valueOfAssignment(problem: PlacementProblem, assignment: Assignment): number {
    const entries = Object.entries(assignment);
    if (problem.objective === "spread" || problem.objective === undefined) {
        const pairs = entries.flatMap(([a, host], i) =>
            entries.slice(i + 1).filter(([b, other]) => host === other && serviceOf(a) === serviceOf(b)),
        );
        return pairs.length;
    }
    const used = problem.hosts.filter(({ name }) => entries.some(([, host]) => host === name));
    if (problem.objective === "fewest-hosts") return used.length;
    const dimensions = [...new Set(problem.hosts.flatMap(({ capacity }) => Object.keys(capacity ?? {})))];
    if (problem.objective === "balance") {
        const shares = used.flatMap((host) =>
            dimensions.map((dimension) => {
                const taken = entries
                    .filter(([, name]) => name === host.name)
                    .map(([replica]) => problem.services.find(({ name }) => name === serviceOf(replica)))
                    .reduce((sum, service) => sum + (service?.demand?.[dimension] ?? 0), 0);
                return taken === 0 ? 0 : Math.ceil((taken * 1e6) / (host.capacity?.[dimension] ?? 0));
            }),
        );
        return Math.max(0, ...shares);
    }
    const total = (dimension: string): number =>
        problem.hosts.reduce((sum, { capacity }) => sum + (capacity?.[dimension] ?? 0), 0);
    const costs = used.map(({ capacity }) => {
        const shares = dimensions.map((dimension) => {
            const amount = capacity?.[dimension] ?? 0;
            return amount === 0 ? 0 : Math.ceil((amount * 1e6) / total(dimension));
        });
        return Math.ceil(shares.reduce((sum, share) => sum + share, 0) / dimensions.length);
    });
    return costs.reduce((sum, cost) => sum + cost, 0);
}

/**
 * Every complete placement, by trying all; with `previous` also those that only differ in which of equal replicas is
 * where. Ends early when `see` returns true.
 */
export function everyPlacement(problem: PlacementProblem, see: (assignment: Assignment) => boolean): boolean {
    const replicas = replicasOf(problem);
    const names = problem.hosts.map(({ name }) => name);
    const assignment: Record<string, string> = {};
    const visit = (i: number, from: number): boolean => {
        const replica = replicas[i];
        if (replica === undefined) return broken(problem, assignment).length === 0 && see(assignment);
        const again = serviceOf(replicas[i + 1] ?? "-") === serviceOf(replica) && problem.previous === undefined;
        for (let at = from; at < names.length; at++) {
            assignment[replica] = names[at] ?? "";
            // Only too much load can be told from a part; the other requirements may be kept by what is yet to come.
            if (overloads(problem, assignment).length === 0 && visit(i + 1, again ? at : 0)) return true;
            delete assignment[replica];
        }
        return false;
    };
    return visit(0, 0);
}

/** The least that any complete placement reaches of a figure; undefined when there is no complete placement. */
export function leastOf(
    problem: PlacementProblem,
    figure: (problem: PlacementProblem, assignment: Assignment) => number,
): number | undefined {
    let least: number | undefined;
    everyPlacement(problem, (assignment) => {
        least = Math.min(least ?? Number.POSITIVE_INFINITY, figure(problem, assignment));
        return false;
    });
    return least;
}
