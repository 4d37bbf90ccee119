import { FusionInputError } from "../inputError";
import {
    at,
    Faults,
    isObject,
    named,
    readFields,
    readList,
    readText,
    readTexts,
    readWhole,
    shown,
} from "../placement/read";
import { serviceOf } from "../placement/serviceOf";
import { graphOf } from "./bipartite";
import type { BipartiteGraph, GraphTraffic } from "./types";

/** A placement in numbers: the graph, and what each replica and each host belongs to. */
export interface Incidence {
    readonly graph: BipartiteGraph;
    /** Sorted by name. */
    readonly services: readonly Service[];
    readonly kinds: readonly DomainKind[];
    /** Between the numbers of services. */
    readonly traffic: readonly { readonly from: number; readonly to: number; readonly weight: number }[];
}

export interface Service {
    readonly name: string;
    readonly needs: number;
    /** The host of each replica. */
    readonly hosts: readonly number[];
    /** Numbers of services, ascending; itself where the caller says so. */
    readonly dependsOn: readonly number[];
}

/** What can be lost as a whole: hosts, zones, racks. */
export interface DomainKind {
    readonly label: string;
    readonly names: readonly string[];
    /** Host to domain. */
    readonly domainOf: readonly number[];
}

const IS_NUMBERED = /.-\d+$/s;

export type Labels = ReadonlyMap<string, string>;

interface Given {
    readonly assignment: ReadonlyMap<string, string>;
    readonly hosts: ReadonlyMap<string, Labels>;
    readonly services: ReadonlyMap<string, GivenService>;
    readonly traffic: readonly GraphTraffic[];
}

interface GivenService {
    readonly path: string;
    readonly needs: number;
    readonly dependsOn: readonly string[];
}

/**
 * @param labels which kinds of domains are asked for; `undefined` for the input's own choice
 * @throws FusionInputError with every wrong argument
 */
export function readIncidence(input: unknown, labels?: readonly { path: string; label: string }[]): Incidence {
    const faults = new Faults();
    const fields = readFields(input ?? null, "", faults);
    const given: Given = {
        assignment: readTexts(fields.get("assignment") ?? null, "assignment", faults),
        hosts: readNamed(fields.get("hosts") ?? null, "hosts", faults, (host, path) =>
            readTexts(host.get("labels"), `${path}.labels`, faults),
        ),
        services: readNamed(fields.get("services"), "services", faults, (service, path) => ({
            path,
            needs: readWhole(
                service.get("needs") === undefined ? 1 : service.get("needs"),
                `${path}.needs`,
                0,
                "give 1, or a quorum",
                faults,
            ),
            dependsOn: readList(service.get("dependsOn"), `${path}.dependsOn`, faults).map((name, i) =>
                readText(name, `${path}.dependsOn[${i}]`, faults),
            ),
        })),
        traffic: readList(fields.get("traffic"), "traffic", faults).map((item, i) =>
            readTraffic(item, `traffic[${i}]`, faults),
        ),
    };
    checkAssignment(given, readFields(fields.get("assignment"), "", new Faults()), faults);
    const own = readList(fields.get("domains"), "domains", faults).map((label, i) => ({
        path: `domains[${i}]`,
        label: readText(label, `domains[${i}]`, faults),
    }));
    checkLabels([...own, ...(labels ?? [])], given.hosts, faults);
    const names = serviceNames(given);
    checkServices(given, names, faults);
    if (faults.list.length > 0) throw new FusionInputError(faults.list);

    const hosts = [...given.hosts.keys()].sort();
    const graph = graphOf(hosts, given.assignment);
    const asked = labels ?? (fields.get("domains") === undefined ? undefined : own);
    const kinds = asked?.map(({ label }) => label) ?? sharedLabels(given.hosts);
    const number = new Map(names.map((name, i) => [name, i]));
    return {
        graph,
        services: servicesOf(graph, given, number),
        kinds: [...new Set(kinds)].map((label) => kindOf(label, hosts, given.hosts)),
        // Sorted, as a sum beyond 2^53 depends on the order in which it is added up.
        traffic: given.traffic
            .map(({ from, to, weight }) => ({ from: number.get(from) ?? -1, to: number.get(to) ?? -1, weight }))
            .sort((a, b) => a.from - b.from || a.to - b.to || a.weight - b.weight),
    };
}

/** Whether a replica's name tells its service. */
function isNamed(replica: string, { services }: Given): boolean {
    const service = serviceOf(replica, services);
    const isNamed = services.has(service) && replica.length > service.length + 1;
    return IS_NUMBERED.test(replica) || isNamed;
}

export function readNamed<T>(
    value: unknown,
    path: string,
    faults: Faults,
    read: (fields: ReadonlyMap<string, unknown>, path: string) => T,
): Map<string, T> {
    const found = new Map<string, T>();
    readList(value, path, faults).forEach((item, i) => {
        if (!isObject(item)) {
            faults.add(`${path}[${i}]`, `must be an object, got ${shown(item)}; give at least a name`);
            return;
        }
        const fields = readFields(item, `${path}[${i}]`, faults);
        const name = readText(fields.get("name"), `${path}[${i}].name`, faults);
        if (found.has(name)) faults.add(`${path}[${i}].name`, `is used twice, got ${shown(name)}; choose another name`);
        found.set(name, read(fields, `${path}[${i}]`));
    });
    return found;
}

function readTraffic(value: unknown, path: string, faults: Faults): GraphTraffic {
    if (!isObject(value)) {
        faults.add(path, `must be an object, got ${shown(value)}; give from, to and weight`);
        return { from: "", to: "", weight: 0 };
    }
    const fields = readFields(value, path, faults);
    return {
        from: readText(fields.get("from"), `${path}.from`, faults),
        to: readText(fields.get("to"), `${path}.to`, faults),
        weight: readWhole(fields.get("weight"), `${path}.weight`, 0, "choose a smaller unit, e.g. bytes", faults),
    };
}

/** @param raw the assignment as it was given: what is no text is told already */
function checkAssignment(given: Given, raw: ReadonlyMap<string, unknown>, faults: Faults): void {
    const { assignment, hosts } = given;
    const known = named(hosts.keys());
    for (const [replica, host] of assignment) {
        const path = at("assignment", replica);
        if (!hosts.has(host) && typeof raw.get(replica) === "string")
            faults.add(path, `there is no host ${shown(host)}; there is ${known}`);
        if (!isNamed(replica, given)) {
            const what = "must be named <service>-<number>, or <service>-<name> of one of services";
            faults.add(path, `${what}; rename it, e.g. "web-0"`);
        }
    }
}

/** A label's value must be known of every host: where one is without, its loss could not be told. */
export function checkLabels(
    labels: readonly { path: string; label: string }[],
    hosts: ReadonlyMap<string, Labels>,
    faults: Faults,
): void {
    for (const [i, { path, label }] of labels.entries()) {
        if (label === "host" || label === "") continue;
        const without = [...hosts].filter(([, of]) => !of.has(label)).map(([name]) => name);
        if (without.length === 0) continue;
        if (labels.findIndex((other) => other.label === label) < i) continue;
        const which = `host${without.length === 1 ? "" : "s"} ${named(without)} ha${without.length === 1 ? "s" : "ve"}`;
        faults.add(path, `${which} no label ${shown(label)}; give it to every host, or leave it out here`);
    }
}

function serviceNames(given: Given): string[] {
    const { assignment, services } = given;
    const named = [...assignment.keys()].filter((replica) => isNamed(replica, given));
    const running = named.map((replica) => serviceOf(replica, services));
    return [...new Set([...services.keys(), ...running])].sort();
}

/** Names in `dependsOn` and `traffic` must be services. */
function checkServices({ services, traffic }: Given, names: readonly string[], faults: Faults): void {
    const known = new Set(names);
    const there = named(names);
    const check = (name: string, path: string): void => {
        // An empty text is a fault already.
        if (name !== "" && !known.has(name)) faults.add(path, `there is no service ${shown(name)}; there is ${there}`);
    };
    for (const { path, dependsOn } of services.values()) {
        for (const [i, name] of dependsOn.entries()) check(name, `${path}.dependsOn[${i}]`);
    }
    for (const [i, { from, to }] of traffic.entries()) {
        check(from, `traffic[${i}].from`);
        check(to, `traffic[${i}].to`);
    }
}

function servicesOf(
    { replicas, hostOf }: BipartiteGraph,
    given: Given,
    number: ReadonlyMap<string, number>,
): Service[] {
    const hosts: number[][] = [...number.keys()].map(() => []);
    for (const [i, replica] of replicas.entries()) {
        hosts[number.get(serviceOf(replica, number)) ?? -1]?.push(hostOf[i] ?? -1);
    }
    return [...number].map(([name, i]) => {
        const said = given.services.get(name);
        const dependsOn = new Set((said?.dependsOn ?? []).map((other) => number.get(other) ?? -1));
        return {
            name,
            needs: said?.needs ?? 1,
            hosts: hosts[i] ?? [],
            dependsOn: [...dependsOn].sort((a, b) => a - b),
        };
    });
}

/** `host`, and the labels that every host bears. */
export function sharedLabels(hosts: ReadonlyMap<string, Labels>): string[] {
    const all = [...hosts.values()];
    const labels = [...(all[0]?.keys() ?? [])].filter((label) => label !== "host" && all.every((of) => of.has(label)));
    return ["host", ...labels.sort()];
}

export function kindOf(label: string, hosts: readonly string[], labels: ReadonlyMap<string, Labels>): DomainKind {
    const values = hosts.map((host) => (label === "host" ? host : (labels.get(host)?.get(label) ?? "")));
    const names = [...new Set(values)].sort();
    const number = new Map(names.map((name, i) => [name, i]));
    return { label, names, domainOf: values.map((value) => number.get(value) ?? -1) };
}
