import { FusionInputError } from "../inputError";
import { at, Faults, named, readFields, readList, readText, readTexts, readWhole, shown } from "../placement/read";
import type { BipartiteGraph } from "./types";

/** A placement in numbers: the graph, and what each replica and each host belongs to. */
export interface Incidence {
    readonly graph: BipartiteGraph;
    /** With the host of each replica. */
    readonly services: readonly { readonly name: string; readonly needs: number; readonly hosts: readonly number[] }[];
    readonly kinds: readonly DomainKind[];
}

/** What can be lost as a whole: hosts, zones, racks. */
export interface DomainKind {
    readonly label: string;
    readonly names: readonly string[];
    /** Host to domain. */
    readonly domainOf: readonly number[];
}

type Labels = ReadonlyMap<string, string>;

/** @throws FusionInputError with every wrong argument */
export function readIncidence(input: unknown): Incidence {
    const faults = new Faults();
    const fields = readFields(input, "", faults);
    const assignment = readTexts(fields.get("assignment"), "assignment", faults);
    const labels = readNamed(fields.get("hosts"), "hosts", faults, (host, path) =>
        readTexts(host.get("labels"), `${path}.labels`, faults),
    );
    const needs = readNamed(fields.get("services"), "services", faults, (service, path) =>
        readWhole(service.get("needs") ?? 1, `${path}.needs`, 0, "give 1, or a quorum", faults),
    );
    for (const [replica, host] of assignment) {
        const path = at("assignment", replica);
        if (!labels.has(host)) faults.add(path, `there is no host ${shown(host)}; there is ${named(labels.keys())}`);
        if (!/.-\d+$/.test(replica)) faults.add(path, 'must be named <service>-<number>; rename it, e.g. "web-0"');
    }
    const domains = readList(fields.get("domains"), "domains", faults).map((label, i) => {
        const text = readText(label, `domains[${i}]`, faults);
        const without = [...labels].find(([, of]) => text !== "host" && text !== "" && !of.has(text));
        if (without) faults.add(`domains[${i}]`, `host ${shown(without[0])} has no label ${shown(text)}; give it one`);
        return text;
    });
    if (faults.list.length > 0) throw new FusionInputError(faults.list);

    const hosts = [...labels.keys()].sort();
    const graph = graphOf(hosts, assignment);
    return {
        graph,
        services: servicesOf(graph, needs),
        kinds: (fields.get("domains") === undefined ? sharedLabels(labels) : domains).map((label) =>
            kindOf(label, hosts, labels),
        ),
    };
}

function readNamed<T>(
    value: unknown,
    path: string,
    faults: Faults,
    read: (fields: ReadonlyMap<string, unknown>, path: string) => T,
): Map<string, T> {
    const found = new Map<string, T>();
    readList(value, path, faults).forEach((item, i) => {
        const fields = readFields(item, `${path}[${i}]`, faults);
        const name = readText(fields.get("name"), `${path}[${i}].name`, faults);
        if (found.has(name)) faults.add(`${path}[${i}].name`, `is used twice, got ${shown(name)}; choose another name`);
        found.set(name, read(fields, `${path}[${i}]`));
    });
    return found;
}

function graphOf(hosts: readonly string[], assignment: ReadonlyMap<string, string>): BipartiteGraph {
    const number = new Map(hosts.map((host, i) => [host, i]));
    const replicas = [...assignment.keys()].sort();
    const hostOf = replicas.map((replica) => number.get(assignment.get(replica) ?? "") ?? -1);
    const degrees = hosts.map(() => 0);
    for (const host of hostOf) degrees[host] = (degrees[host] ?? 0) + 1;
    return { hosts, replicas, hostOf, degrees, spectrum: degrees.map(Math.sqrt).sort((a, b) => b - a) };
}

function servicesOf({ replicas, hostOf }: BipartiteGraph, needs: ReadonlyMap<string, number>): Incidence["services"] {
    const hosts = new Map<string, number[]>([...needs.keys()].map((name) => [name, []]));
    for (const [i, replica] of replicas.entries()) {
        const name = replica.slice(0, replica.lastIndexOf("-"));
        const known = hosts.get(name) ?? [];
        known.push(hostOf[i] ?? -1);
        hosts.set(name, known);
    }
    return [...hosts.keys()]
        .sort()
        .map((name) => ({ name, needs: needs.get(name) ?? 1, hosts: hosts.get(name) ?? [] }));
}

/** `host`, and the labels that every host bears: where one is without, its loss could not be told. */
function sharedLabels(hosts: ReadonlyMap<string, Labels>): string[] {
    const all = [...hosts.values()];
    const labels = [...(all[0]?.keys() ?? [])].filter((label) => label !== "host" && all.every((of) => of.has(label)));
    return ["host", ...labels.sort()];
}

function kindOf(label: string, hosts: readonly string[], labels: ReadonlyMap<string, Labels>): DomainKind {
    const values = hosts.map((host) => (label === "host" ? host : (labels.get(host)?.get(label) ?? "")));
    const names = [...new Set(values)].sort();
    const number = new Map(names.map((name, i) => [name, i]));
    return { label, names, domainOf: values.map((value) => number.get(value) ?? -1) };
}
