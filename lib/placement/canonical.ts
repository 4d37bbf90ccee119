import { FusionInputError } from "../inputError";
import { checkProblem } from "./check";
import { type Given, HOST, type MoveBudget, readProblem } from "./given";
import type { GivenRule, GivenService } from "./givenService";
import { link, type Service, type Stated } from "./link";
import { replicaNames } from "./pins";
import { portGroups } from "./ports";
import { Faults } from "./read";
import type { PlacementEffort, PlacementGoal } from "./types";

/**
 * The one form of a problem: everything sorted by name and numbered, so that the same problem in another order is the
 * same here, and what follows handles whole numbers alone. Hosts, services, dimensions, topologies and their domains
 * are meant by their numbers. Replicas are numbered too, service by service.
 */
export interface Problem {
    readonly goal: PlacementGoal;
    readonly effort: PlacementEffort;
    readonly move: MoveBudget;
    readonly dimensions: readonly string[];
    readonly hosts: readonly Host[];
    readonly services: readonly Service[];
    /** The labels that a rule speaks of; number 0 is `host`, where a domain has the number of its host. */
    readonly topologies: readonly Topology[];
    /** Ports that are always taken together: the least, by which services and the board know them, to all of them. */
    readonly portGroups: ReadonlyMap<number, readonly number[]>;
    /** Replica to host, as they run; -1 for a new replica, and {@link GONE} for one whose host is no more. */
    readonly previous: Int32Array;
    /** The name of the host that each replica ran on, by replica; also of hosts that are no more. */
    readonly origins: ReadonlyMap<number, string>;
    /** Replica to the host that it must run on, -1 for most. */
    readonly pins: Int32Array;
    /** Whether any is pinned. */
    readonly pinned: boolean;
    /** The hosts that replicas ran on which are pinned to others; in `previous` such a replica is a new one. */
    readonly pinnedFrom: ReadonlyMap<number, string>;
    /** Replica to service. */
    readonly serviceOf: Int32Array;
}

/** In `previous`: the replica ran on a host that is no more. */
export const GONE = -2;

export interface Host {
    readonly name: string;
    readonly labels: ReadonlyMap<string, string>;
    /** Amount a dimension. */
    readonly capacity: readonly number[];
    readonly portsInUse: ReadonlySet<number>;
}

export interface Topology {
    readonly label: string;
    /** Domain to the label's value. */
    readonly values: readonly string[];
    /** Host to domain, -1 without the label. */
    readonly domainOf: Int32Array;
    /** Domain to hosts. */
    readonly members: readonly (readonly number[])[];
}

/**
 * Checks a problem and brings it into its canonical form.
 *
 * @param problem what the caller gave, of any type
 * @throws FusionInputError with every fault
 */
export function canonicalise(problem: unknown): Problem {
    const faults = new Faults();
    const given = readProblem(problem, faults);
    checkProblem(given, faults);
    if (faults.list.length > 0) throw new FusionInputError(faults.list);

    const dimensions = sorted(given.hosts.flatMap(({ capacity }) => [...capacity.keys()]));
    const amounts = (of: ReadonlyMap<string, number>): number[] =>
        dimensions.map((dimension) => of.get(dimension) ?? 0);
    const hosts = [...given.hosts].sort(byName).map(({ name, labels, capacity, portsInUse }) => ({
        name,
        labels,
        capacity: amounts(capacity),
        portsInUse: new Set(portsInUse),
    }));
    const wanted = [...given.services].sort(byName);
    const labels = wanted.flatMap(({ spreadOver, apart, together }) => [
        ...(spreadOver === undefined ? [] : [spreadOver]),
        ...[...apart, ...together].map(({ over }) => over),
    ]);
    const topologies = [HOST, ...sorted(labels).filter((label) => label !== HOST)].map((label) =>
        topology(label, hosts),
    );
    const groups = portGroups(given.hosts, wanted);
    const services = link(numberServices(wanted, topologies, amounts, groups));
    return {
        goal: given.goal,
        effort: given.effort,
        move: given.move,
        dimensions,
        hosts,
        services,
        topologies,
        portGroups: groups,
        ...numberReplicas(services, hosts, given),
    };
}

/** `web-3`, by the replica's number. */
export function replicaName(problem: Problem, replica: number): string {
    const service = problem.services[problem.serviceOf[replica] ?? 0];
    return service?.replicaNames[replica - service.first] ?? "";
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
    return a.name < b.name ? -1 : 1;
}

function sorted(names: readonly string[]): string[] {
    return [...new Set(names)].sort();
}

function topology(label: string, hosts: readonly Host[]): Topology {
    const values =
        label === HOST ? hosts.map(({ name }) => name) : sorted(hosts.flatMap(({ labels }) => labels.get(label) ?? []));
    const number = new Map(values.map((value, i) => [value, i]));
    const domainOf = Int32Array.from(hosts, ({ labels }) => {
        const value = labels.get(label);
        return value === undefined ? -1 : (number.get(value) ?? -1);
    });
    const members = values.map((): number[] => []);
    domainOf.forEach((domain, host) => void members[domain]?.push(host));
    return { label, values, domainOf, members };
}

function numberServices(
    wanted: readonly GivenService[],
    topologies: readonly Topology[],
    amounts: (of: ReadonlyMap<string, number>) => number[],
    groups: ReadonlyMap<number, readonly number[]>,
): Stated[] {
    const number = new Map(wanted.map(({ name }, i) => [name, i]));
    const topologyOf = new Map(topologies.map(({ label }, i) => [label, i]));
    // Rules over the same label are one: only then their order cannot matter.
    const rules = (given: readonly GivenRule[]): Stated["apartRules"] => {
        const overs = new Map<number, Set<number>>();
        for (const { names, over } of given) {
            const at = topologyOf.get(over) ?? 0;
            const others = overs.get(at) ?? new Set();
            for (const name of names) others.add(number.get(name) ?? 0);
            overs.set(at, others);
        }
        return [...overs]
            .sort(([a], [b]) => a - b)
            .map(([topology, others]) => ({ topology, services: [...others].sort((a, b) => a - b) }));
    };
    let next = 0;
    return wanted.map((service) => {
        const { name, replicas, demand, require, prefer, ports, apart, together, spreadOver, maxSkew } = service;
        const first = next;
        next += replicas;
        return {
            name,
            first,
            replicas,
            replicaNames: replicaNames(service),
            demand: amounts(demand),
            require: sortedTable(require),
            prefer: sortedTable(prefer),
            ports: ports.filter((port) => groups.has(port)).sort((a, b) => a - b),
            apartRules: rules(apart),
            togetherRules: rules(together),
            spread: spreadOver === undefined ? undefined : { topology: topologyOf.get(spreadOver) ?? 0, maxSkew },
        };
    });
}

function sortedTable(table: ReadonlyMap<string, readonly string[]>): Map<string, readonly string[]> {
    return new Map(
        [...table].map(([label, values]) => [label, sorted(values)] as const).sort(([a], [b]) => (a < b ? -1 : 1)),
    );
}

function numberReplicas(
    services: readonly Service[],
    hosts: readonly Host[],
    given: Given,
): Pick<Problem, "previous" | "origins" | "serviceOf" | "pins" | "pinned" | "pinnedFrom"> {
    const hostNumber = new Map(hosts.map(({ name }, i) => [name, i]));
    const replicas = services.reduce((sum, service) => sum + service.replicas, 0);
    const serviceOf = new Int32Array(replicas);
    const previous = new Int32Array(replicas).fill(-1);
    const origins = new Map<number, string>();
    const pins = new Int32Array(replicas).fill(-1);
    const pinnedFrom = new Map<number, string>();
    const pinOf = new Map(given.services.flatMap(({ pin }) => [...pin]));
    for (const [s, { first, replicas, replicaNames: names }] of services.entries()) {
        serviceOf.fill(s, first, first + replicas);
        if (given.previous.size + pinOf.size === 0) continue;
        for (const [i, name] of names.entries()) {
            const host = given.previous.get(name);
            const pin = pinOf.get(name);
            pins[first + i] = hostNumber.get(pin ?? "") ?? -1;
            if (host === undefined) continue;
            if (pin !== undefined && pin !== host) {
                pinnedFrom.set(first + i, host);
                continue;
            }
            previous[first + i] = hostNumber.get(host) ?? GONE;
            origins.set(first + i, host);
        }
    }
    return { previous, origins, serviceOf, pins, pinned: pinOf.size > 0, pinnedFrom };
}
