import {
    at,
    type Faults,
    isObject,
    readAmounts,
    readFields,
    readKnown,
    readList,
    readPorts,
    readText,
    readTexts,
    readWhole,
    shown,
} from "./read";

/** A service as the caller gave it, the several ways of writing a rule brought into one. */
export interface GivenService {
    readonly path: string;
    readonly name: string;
    readonly replicas: number;
    /** Endings of the replicas' names, where they are not numbers. */
    readonly names: readonly string[] | undefined;
    /** Replica to host. */
    readonly pin: ReadonlyMap<string, string>;
    readonly demand: ReadonlyMap<string, number>;
    readonly require: ReadonlyMap<string, readonly string[]>;
    readonly prefer: ReadonlyMap<string, readonly string[]>;
    readonly ports: readonly number[];
    readonly apart: readonly GivenRule[];
    readonly together: readonly GivenRule[];
    readonly spreadOver: string | undefined;
    readonly maxSkew: number;
    readonly dependsOn: readonly string[];
}

/** One rule of affinity or anti-affinity. */
export interface GivenRule {
    readonly path: string;
    /** Where the names stand: below `path` in a rule, `path` itself in a mere list of names. */
    readonly namesPath: string;
    readonly names: readonly string[];
    readonly over: string;
}

const SERVICE = [
    "name",
    "replicas",
    "names",
    "pin",
    "demand",
    "require",
    "prefer",
    "ports",
    "antiAffinity",
    "affinity",
    "spreadOver",
    "maxSkew",
    "needs",
    "dependsOn",
];

/** Reads one service; what is wrong goes to `faults`. */
export function readService(value: object, path: string, faults: Faults): GivenService {
    const fields = readKnown(value, path, SERVICE, faults);
    const spreadOver = fields.get("spreadOver");
    const maxSkew = fields.get("maxSkew");
    const needs = fields.get("needs");
    if (maxSkew !== undefined && spreadOver === undefined) {
        faults.add(`${path}.maxSkew`, `has no meaning alone, got ${shown(maxSkew)}; give spreadOver, e.g. "zone"`);
    }
    if (needs !== undefined)
        readWhole(needs, `${path}.needs`, 0, "give how many replicas must be left, e.g. 1", faults);
    return {
        path,
        name: readText(fields.get("name"), `${path}.name`, faults),
        replicas: readWhole(fields.get("replicas"), `${path}.replicas`, 0, "give how many are to run, e.g. 2", faults),
        names: fields.get("names") !== undefined ? readNames(fields.get("names"), `${path}.names`, faults) : undefined,
        pin: readTexts(fields.get("pin"), `${path}.pin`, faults),
        demand: readAmounts(fields.get("demand"), `${path}.demand`, faults),
        require: readChoices(fields.get("require"), `${path}.require`, faults),
        prefer: readChoices(fields.get("prefer"), `${path}.prefer`, faults),
        ports: readServicePorts(fields.get("ports"), `${path}.ports`, faults),
        apart: readRules(fields.get("antiAffinity"), `${path}.antiAffinity`, faults),
        together: readAffinity(fields.get("affinity"), `${path}.affinity`, faults),
        spreadOver: spreadOver === undefined ? undefined : readText(spreadOver, `${path}.spreadOver`, faults),
        maxSkew: maxSkew === undefined ? 1 : readWhole(maxSkew, `${path}.maxSkew`, 1, "the least is 1", faults),
        dependsOn: readNames(fields.get("dependsOn"), `${path}.dependsOn`, faults),
    };
}

function readNames(value: unknown, path: string, faults: Faults): string[] {
    return readList(value, path, faults).map((name, i) => readText(name, `${path}[${i}]`, faults));
}

/** For each label the values that will do. */
function readChoices(value: unknown, path: string, faults: Faults): Map<string, string[]> {
    const choices = new Map<string, string[]>();
    for (const [label, values] of readFields(value, path, faults)) {
        const where = at(path, label);
        if (Array.isArray(values) && values.length === 0) {
            faults.add(where, "must name at least one value, got []; leave the label out to accept every host");
        }
        choices.set(label, readNames(values ?? null, where, faults));
    }
    return choices;
}

function readServicePorts(value: unknown, path: string, faults: Faults): number[] {
    const ports = readPorts(value, path, faults);
    const seen = new Set<number>();
    ports.forEach((port, i) => {
        if (seen.has(port)) faults.add(`${path}[${i}]`, `is named twice, got ${port}; each port is there once a host`);
        seen.add(port);
    });
    return [...seen];
}

/** One rule, or a list of them. */
function readRules(value: unknown, path: string, faults: Faults): GivenRule[] {
    if (!Array.isArray(value)) return value === undefined ? [] : readRule(value, path, faults);
    return value.flatMap((rule, i) => readRule(rule, `${path}[${i}]`, faults));
}

/** A list of names is one rule: all of them on the same host. Otherwise as {@link readRules}. */
function readAffinity(value: unknown, path: string, faults: Faults): GivenRule[] {
    if (!Array.isArray(value) || value.some(isObject)) return readRules(value, path, faults);
    if (value.length === 0) return [];
    return [{ path, namesPath: path, names: readNames(value, path, faults), over: "host" }];
}

function readRule(value: unknown, path: string, faults: Faults): GivenRule[] {
    if (!isObject(value)) {
        faults.add(path, `must be a rule, got ${shown(value)}; give e.g. {"with": ["web"], "over": "host"}`);
        return [];
    }
    const fields = readKnown(value, path, ["with", "over"], faults);
    const over = fields.get("over");
    const namesPath = `${path}.with`;
    const names = readNames(fields.get("with"), namesPath, faults);
    const given = fields.get("with");
    if (names.length === 0 && (given === undefined || Array.isArray(given))) {
        faults.add(namesPath, 'must name at least one service, got none; name it, e.g. ["web"]');
    }
    return [{ path, namesPath, names, over: over === undefined ? "host" : readText(over, `${path}.over`, faults) }];
}
