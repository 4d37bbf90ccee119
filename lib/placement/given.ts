import { type GivenService, readService } from "./givenService";
import {
    at,
    type Faults,
    isObject,
    readAmounts,
    readChoice,
    readFields,
    readKnown,
    readList,
    readPorts,
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
    readonly move: MoveBudget;
}

export interface GivenHost {
    readonly path: string;
    readonly name: string;
    readonly capacity: ReadonlyMap<string, number>;
    /** With `host`. */
    readonly labels: ReadonlyMap<string, string>;
    readonly portsInUse: readonly number[];
}

/** How many replicas that could stay may be moved, by purpose; infinite where the caller set no limit. */
export interface MoveBudget {
    readonly restore: number;
    readonly add: number;
    readonly improve: number;
}

const PROBLEM = ["hosts", "services", "objective", "effort", "previous", "move"];
const GOALS = ["spread", "binpack", "balance", "fewest-hosts"] as const;

/** Reads a problem as it came from JSON or from a program; what is wrong goes to `faults`. */
export function readProblem(problem: unknown, faults: Faults): Given {
    const fields = readKnown(problem, "", PROBLEM, faults);
    const hosts = readList(fields.get("hosts"), "hosts", faults);
    const services = readList(fields.get("services"), "services", faults);
    if (hosts.length === 0 && fields.get("hosts") !== null)
        faults.add("hosts", "must name at least one host, got none; add a machine");
    return {
        hosts: readEach(hosts, "hosts", readHost, faults),
        services: readEach(services, "services", readService, faults),
        goal: readChoice(fields.get("objective"), "objective", GOALS, faults),
        effort: readChoice(fields.get("effort"), "effort", ["fast", "good", "prove"], faults),
        previous: readTexts(fields.get("previous"), "previous", faults),
        move: readMove(fields.get("move"), faults),
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
    const portsInUse = readPorts(fields.get("portsInUse"), `${path}.portsInUse`, faults);
    const capacity = readAmounts(fields.get("capacity"), `${path}.capacity`, faults);
    return { path, name, capacity, labels, portsInUse };
}

function readMove(value: unknown, faults: Faults): MoveBudget {
    const fields = readKnown(value, "move", ["restore", "add", "improve"], faults);
    const budget = (key: string, otherwise: number): number => {
        const given = fields.get(key);
        if (given === undefined) return otherwise;
        return readWhole(given, at("move", key), 0, "give how many replicas may be moved, e.g. 2", faults);
    };
    return {
        restore: budget("restore", Number.POSITIVE_INFINITY),
        add: budget("add", 0),
        improve: budget("improve", 0),
    };
}
