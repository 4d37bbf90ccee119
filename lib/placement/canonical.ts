import { FusionInputError } from "../inputError";
import { checkProblem } from "./check";
import { type Given, type GivenService, HOST, readProblem } from "./given";
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
    readonly dimensions: readonly string[];
    readonly hosts: readonly Host[];
    readonly services: readonly Service[];
    /** The labels that a rule speaks of; number 0 is `host`, where a domain has the number of its host. */
    readonly topologies: readonly Topology[];
    /** Replica to host, as they run; -1 for a new replica, and {@link GONE} for one whose host is no more. */
    readonly previous: Int32Array;
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
}

export interface Service {
    readonly name: string;
    /** Its replicas are numbered from `first` to `first + replicas - 1`. */
    readonly first: number;
    readonly replicas: number;
    /** Amount a dimension. */
    readonly demand: readonly number[];
    readonly require: ReadonlyMap<string, readonly string[]>;
    /** Services that share no domain with this one; each rule is noted at both services. */
    readonly apart: readonly { readonly service: number; readonly topology: number }[];
    readonly together: readonly number[];
    /** The services whose `together` names this one. */
    readonly followers: readonly number[];
    readonly spread: { readonly topology: number; readonly maxSkew: number } | undefined;
    /** 0 without affinity, else one more than the deepest service it wants to be with: the order to place in. */
    readonly depth: number;
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
    const hosts = [...given.hosts]
        .sort(byName)
        .map(({ name, labels, capacity }) => ({ name, labels, capacity: amounts(capacity) }));
    const wanted = [...given.services].sort(byName);
    const labels = wanted.flatMap(({ spreadOver, apart, apartOver }) => [
        ...(spreadOver === undefined ? [] : [spreadOver]),
        ...(apart.length > 0 ? [apartOver] : []),
    ]);
    const topologies = [HOST, ...sorted(labels).filter((label) => label !== HOST)].map((label) =>
        topology(label, hosts),
    );
    const services = numberServices(wanted, topologies, amounts);
    return {
        goal: given.goal,
        effort: given.effort,
        dimensions,
        hosts,
        services,
        topologies,
        ...numberReplicas(services, hosts, given),
    };
}

/** `web-3`, by the replica's number. */
export function replicaName(problem: Problem, replica: number): string {
    const service = problem.services[problem.serviceOf[replica] ?? 0];
    return service === undefined ? "" : `${service.name}-${replica - service.first}`;
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
    return a.name < b.name ? -1 : 1;
}

function sorted(names: readonly string[]): string[] {
    return [...new Set(names)].sort();
}

function topology(label: string, hosts: readonly Host[]): Topology {
    const values = sorted(hosts.flatMap(({ labels }) => labels.get(label) ?? []));
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
): Service[] {
    const number = new Map(wanted.map(({ name }, i) => [name, i]));
    const numbers = (names: readonly string[]): number[] => sorted(names).flatMap((name) => number.get(name) ?? []);
    const topologyOf = (label: string): number => topologies.findIndex((topology) => topology.label === label);
    const together = wanted.map((service) => numbers(service.together));
    const followers = wanted.map((): number[] => []);
    const apart = wanted.map((): Map<string, Service["apart"][number]> => new Map());
    for (const [i, service] of wanted.entries()) {
        for (const other of together[i] ?? []) followers[other]?.push(i);
        const topology = topologyOf(service.apartOver);
        for (const other of numbers(service.apart)) {
            apart[i]?.set(`${other} ${topology}`, { service: other, topology });
            apart[other]?.set(`${i} ${topology}`, { service: i, topology });
        }
    }
    const depths = chainLengths(together);
    let next = 0;
    return wanted.map(({ name, replicas, demand, require, spreadOver, maxSkew }, i) => {
        const first = next;
        next += replicas;
        return {
            name,
            first,
            replicas,
            demand: amounts(demand),
            require,
            apart: [...(apart[i]?.values() ?? [])].sort((a, b) => a.topology - b.topology || a.service - b.service),
            together: together[i] ?? [],
            followers: followers[i] ?? [],
            spread: spreadOver === undefined ? undefined : { topology: topologyOf(spreadOver), maxSkew },
            depth: depths[i] ?? 0,
        };
    });
}

/** For each node of a graph without circles the length of the longest path that leaves it. */
function chainLengths(edges: readonly (readonly number[])[]): number[] {
    let lengths = edges.map(() => 0);
    for (;;) {
        const next = edges.map((targets) => targets.reduce((most, to) => Math.max(most, 1 + (lengths[to] ?? 0)), 0));
        if (next.every((length, i) => length === lengths[i])) return lengths;
        lengths = next;
    }
}

function numberReplicas(
    services: readonly Service[],
    hosts: readonly Host[],
    given: Given,
): Pick<Problem, "previous" | "serviceOf"> {
    const hostNumber = new Map(hosts.map(({ name }, i) => [name, i]));
    const serviceOf = services.flatMap(({ replicas }, i) => new Array<number>(replicas).fill(i));
    const previous = new Int32Array(serviceOf.length).fill(-1);
    for (const service of services) {
        for (let i = 0; i < service.replicas; i++) {
            const host = given.previous.get(`${service.name}-${i}`);
            if (host !== undefined) previous[service.first + i] = hostNumber.get(host) ?? GONE;
        }
    }
    return { previous, serviceOf: Int32Array.from(serviceOf) };
}
