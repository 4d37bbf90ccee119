import {
    at,
    type Faults,
    isObject,
    readAmounts,
    readChoice,
    readFields,
    readKnown,
    readList,
    readText,
    readTexts,
    readWhole,
    shown,
} from "./read";
import type { PlacementEffort, PlacementGoal } from "./types";

/** The label that every host has: its own name. */
export const HOST = "host";

/**
 * A problem whose values are of the right types, in the caller's order; whether the names in it agree is not known yet.
 */
export interface Given {
    readonly hosts: readonly GivenHost[];
    readonly services: readonly GivenService[];
    readonly goal: PlacementGoal;
    readonly effort: PlacementEffort;
    readonly previous: ReadonlyMap<string, string>;
}

export interface GivenHost {
    readonly path: string;
    readonly name: string;
    readonly capacity: ReadonlyMap<string, number>;
    /** With `host`. */
    readonly labels: ReadonlyMap<string, string>;
}

export interface GivenService {
    readonly path: string;
    readonly name: string;
    readonly replicas: number;
    readonly demand: ReadonlyMap<string, number>;
    readonly require: ReadonlyMap<string, readonly string[]>;
    readonly apart: readonly string[];
    readonly apartOver: string;
    readonly together: readonly string[];
    readonly spreadOver: string | undefined;
    readonly maxSkew: number;
}

/** Reads a problem as it came from JSON or from a program; what is wrong goes to `faults`. */
export function readProblem(problem: unknown, faults: Faults): Given {
    const fields = readKnown(problem, "", ["hosts", "services", "objective", "effort", "previous"], faults);
    const hosts = readList(fields.get("hosts"), "hosts", faults);
    const services = readList(fields.get("services"), "services", faults);
    if (hosts.length === 0 && fields.get("hosts") !== null)
        faults.add("hosts", "must name at least one host, got none; add a machine");
    return {
        hosts: readEach(hosts, "hosts", readHost, faults),
        services: readEach(services, "services", readService, faults),
        goal: readChoice(
            fields.get("objective"),
            "objective",
            ["spread", "binpack", "balance", "fewest-hosts"],
            faults,
        ),
        effort: readChoice(fields.get("effort"), "effort", ["fast", "good", "prove"], faults),
        previous: readTexts(fields.get("previous"), "previous", faults),
    };
}

/** Reads a list of objects; one that is none is told once, without what follows from it. */
function readEach<T>(
    list: readonly unknown[],
    path: string,
    read: (value: object, path: string, faults: Faults) => T,
    faults: Faults,
): T[] {
    return list.flatMap((value, i) => {
        if (isObject(value)) return [read(value, `${path}[${i}]`, faults)];
        faults.add(`${path}[${i}]`, `must be an object, got ${shown(value)}; give at least a name`);
        return [];
    });
}

function readHost(value: object, path: string, faults: Faults): GivenHost {
    const fields = readFields(value, path, faults);
    const name = readText(fields.get("name"), `${path}.name`, faults);
    const labels = readTexts(fields.get("labels"), `${path}.labels`, faults);
    const own = labels.get(HOST);
    if (own !== undefined && own !== name) {
        faults.add(
            `${path}.labels.host`,
            `is the host's own name, got ${shown(own)}; leave it out or rename the label`,
        );
    }
    labels.set(HOST, name);
    return { path, name, capacity: readAmounts(fields.get("capacity"), `${path}.capacity`, faults), labels };
}

const SERVICE = ["name", "replicas", "demand", "require", "antiAffinity", "affinity", "spreadOver", "maxSkew"];

function readService(value: object, path: string, faults: Faults): GivenService {
    const fields = readKnown(value, path, SERVICE, faults);
    const names = (list: unknown, where: string): string[] =>
        readList(list, where, faults).map((name, i) => readText(name, `${where}[${i}]`, faults));
    const require = new Map<string, string[]>();
    for (const [label, values] of readFields(fields.get("require"), `${path}.require`, faults)) {
        const where = at(`${path}.require`, label);
        if (Array.isArray(values) && values.length === 0) {
            faults.add(where, "must name at least one value, got []; leave the label out to accept every host");
        }
        require.set(label, names(values ?? null, where));
    }
    const apart = readKnown(fields.get("antiAffinity"), `${path}.antiAffinity`, ["with", "over"], faults);
    if (apart.size > 0 && readList(apart.get("with"), "", faults).length === 0) {
        faults.add(`${path}.antiAffinity.with`, 'must name at least one service, got none; name it, e.g. ["web"]');
    }
    const over = apart.get("over");
    const spreadOver = fields.get("spreadOver");
    const maxSkew = fields.get("maxSkew");
    if (maxSkew !== undefined && spreadOver === undefined) {
        faults.add(`${path}.maxSkew`, `has no meaning alone, got ${shown(maxSkew)}; give spreadOver, e.g. "zone"`);
    }
    return {
        path,
        name: readText(fields.get("name"), `${path}.name`, faults),
        replicas: readWhole(fields.get("replicas"), `${path}.replicas`, 0, "give how many are to run, e.g. 2", faults),
        demand: readAmounts(fields.get("demand"), `${path}.demand`, faults),
        require,
        apart: names(apart.get("with"), `${path}.antiAffinity.with`),
        apartOver: over === undefined ? HOST : readText(over, `${path}.antiAffinity.over`, faults),
        together: names(fields.get("affinity"), `${path}.affinity`),
        spreadOver: spreadOver === undefined ? undefined : readText(spreadOver, `${path}.spreadOver`, faults),
        maxSkew: maxSkew === undefined ? 1 : readWhole(maxSkew, `${path}.maxSkew`, 1, "the least is 1", faults),
    };
}
