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

function serviceOf(replica: string): string {
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
function antiAffinities({ antiAffinity }: PlacementService): Rule[] {
    const rules: readonly PlacementAntiAffinity[] =
        antiAffinity === undefined ? [] : "length" in antiAffinity ? antiAffinity : [antiAffinity];
    return rules.map((rule) => ({ with: rule.with, over: rule.over ?? "host" }));
}

/** The affinity of a service as a list of rules, however it was written. */
function affinities({ affinity }: PlacementService): Rule[] {
    const rules: readonly (string | PlacementAffinity)[] =
        affinity === undefined ? [] : "length" in affinity ? affinity : [affinity];
    return rules.map((rule) =>
        typeof rule === "string" ? { with: [rule], over: "host" } : { with: rule.with, over: rule.over ?? "host" },
    );
}

/** Every requirement that an assignment breaks, in words. */
export function broken(problem: PlacementProblem, assignment: Assignment): string[] {
    const faults: string[] = [];
    const hosts = new Map(problem.hosts.map((host) => [host.name, host]));
    const services = new Map(problem.services.map((service) => [service.name, service]));
    const on = (host: string): string[] => Object.keys(assignment).filter((replica) => assignment[replica] === host);
    for (const host of problem.hosts) {
        for (const dimension of new Set(problem.services.flatMap(({ demand }) => Object.keys(demand ?? {})))) {
            const taken = on(host.name).reduce(
                (sum, replica) => sum + (services.get(serviceOf(replica))?.demand?.[dimension] ?? 0),
                0,
            );
            if (taken > (host.capacity?.[dimension] ?? 0)) faults.push(`${host.name} has too much ${dimension}`);
        }
    }
    for (const [replica, name] of Object.entries(assignment)) {
        const host = hosts.get(name);
        const service = services.get(serviceOf(replica));
        if (host === undefined || service === undefined) {
            faults.push(`${replica} on ${name}: there is no such thing`);
            continue;
        }
        for (const [key, values] of Object.entries(service.require ?? {})) {
            if (!values.includes(label(host, key) ?? "-")) faults.push(`${replica} needs another ${key}`);
        }
        for (const { with: friends, over } of affinities(service)) {
            const here = label(host, over);
            if (here === undefined) faults.push(`${replica} needs a ${over}`);
            for (const friend of friends) {
                const near = Object.entries(assignment).some(
                    ([other, there]) =>
                        serviceOf(other) === friend && label(hosts.get(there) ?? nowhere, over) === here,
                );
                if (!near) faults.push(`${replica} misses ${friend}`);
            }
        }
        for (const { with: enemies, over } of antiAffinities(service)) {
            const here = label(host, over);
            if (here === undefined) faults.push(`${replica} needs a ${over}`);
            for (const [other, there] of Object.entries(assignment)) {
                if (other === replica || !enemies.includes(serviceOf(other))) continue;
                if (here === label(hosts.get(there) ?? nowhere, over))
                    faults.push(`${replica} must not be with ${other}`);
            }
        }
    }
    return [
        ...faults,
        ...problem.services
            .filter((service) => skew(problem, service, assignment) > 0)
            .map((s) => `${s.name} is skewed`),
    ];
}

/** By how much the skew of a service exceeds what it may be. */
function skew(problem: PlacementProblem, service: PlacementService, assignment: Assignment): number {
    const over = service.spreadOver;
    if (over === undefined) return 0;
    const counts = new Map<string, number>();
    const good = problem.hosts.filter(
        (host) =>
            Object.entries(service.require ?? {}).every(([key, values]) => values.includes(label(host, key) ?? "-")) &&
            [...antiAffinities(service), ...affinities(service)].every((rule) => label(host, rule.over) !== undefined),
    );
    for (const host of good) {
        const value = label(host, over);
        if (value === undefined) continue;
        const here = Object.keys(assignment).filter(
            (replica) => serviceOf(replica) === service.name && assignment[replica] === host.name,
        );
        counts.set(value, (counts.get(value) ?? 0) + here.length);
    }
    const unlabelled = Object.entries(assignment).some(([replica, name]) => {
        const host = problem.hosts.find((one) => one.name === name);
        return serviceOf(replica) === service.name && host !== undefined && label(host, over) === undefined;
    });
    if (unlabelled) return 1;
    const all = [...counts.values(), ...(counts.size === 0 ? [0] : [])];
    return Math.max(...all) - Math.min(...all) - (service.maxSkew ?? 1);
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

/** The best complete placement by trying all of them; undefined when there is none. */
export function bestValue(problem: PlacementProblem): number | undefined {
    const replicas = replicasOf(problem);
    const names = problem.hosts.map(({ name }) => name);
    let best: number | undefined;
    const assignment: Record<string, string> = {};
    const visit = (i: number): void => {
        const replica = replicas[i];
        if (replica === undefined) {
            if (broken(problem, assignment).length > 0) return;
            const value = valueOfAssignment(problem, assignment);
            if (best === undefined || value < best) best = value;
            return;
        }
        for (const name of names) {
            assignment[replica] = name;
            // Only too much load can be told from a part; the other requirements may be kept by what is yet to come.
            if (broken({ ...problem, services: problem.services.map(onlyDemand) }, assignment).length === 0)
                visit(i + 1);
            delete assignment[replica];
        }
    };
    visit(0);
    return best;
}

function onlyDemand({ name, replicas, demand }: PlacementService): PlacementService {
    return { name, replicas, ...(demand ? { demand } : {}) };
}
