import { FusionInputError } from "../inputError";
import { isRecord } from "../isRecord";
import { type PlacementAnswer, type PlacementProblem, place } from "../placement";
import { at, Faults, isObject, readAmounts, readFields, readList, readText, readTexts, shown } from "../placement/read";
import { UsageError } from "./io";
import { faultLines, type JsonFile, strictly } from "./jsonFile";
import type { PlacementFacts } from "./placementFacts";
import { factsOfState, isState } from "./stackState";

/** What a problem's file may hold beside the problem: what `analyse` and `planCapacity` read and `place` does not know. */
const FOR_OTHERS = ["traffic", "domains", "sizes"];

/** What is in a file: a problem, which is placed; or an assignment with its hosts; or a stack's state. */
export function readFacts(read: JsonFile): PlacementFacts {
    // A state may hold numbers of other resources that nobody asks about.
    return isState(read.value) ? factsOfState(read) : factsOf(read.name, strictly(read));
}

/** As {@link readFacts}, of a file that is no state. */
export function factsOf(name: string, value: unknown): PlacementFacts {
    if (!isRecord(value)) {
        throw new UsageError(`${name}: must be an object, got ${shown(value)}; give hosts and services`);
    }
    if (value.hosts === undefined) {
        const answer = value.assignment !== undefined;
        throw new UsageError(
            answer
                ? `${name}: hosts: is missing; an answer of place alone is not enough, give { hosts, services, assignment }`
                : `${name}: hosts: is missing; give a problem, { hosts, services, assignment }, a swarm, { nodes, services }, or a stack's state`,
        );
    }
    if (value.assignment !== undefined) return checkedFacts(name, value);
    const { assignment, unplaced } = placed(name, problemOf(name, value));
    return { ...checkedFacts(name, { ...value, assignment }), unplaced };
}

/** The problem in a file. */
export function problemOf(name: string, value: unknown): PlacementProblem {
    const problem = inputOf(name, value, FOR_OTHERS);
    if (!mayBeProblem(problem)) throw new UsageError(`${name}: is no placement problem; give hosts and services`);
    return problem;
}

/** The fields of a file without those that others read. */
export function inputOf(name: string, value: unknown, others: readonly string[]): unknown {
    if (!isRecord(value)) {
        throw new UsageError(`${name}: must be an object, got ${shown(value)}; give hosts and services`);
    }
    return Object.fromEntries(Object.entries(value).filter(([key]) => !others.includes(key)));
}

/** Asks `place`. @throws UsageError that names the file with every wrong argument */
export function placed(name: string, problem: PlacementProblem): PlacementAnswer {
    return toldWith(name, () => place(problem));
}

/** Faults of the input are those of the file that it came from. */
export function toldWith<T>(name: string, ask: () => T): T {
    try {
        return ask();
    } catch (error) {
        throw error instanceof FusionInputError ? new UsageError(faultLines(name, error.errors)) : error;
    }
}

/** Whether `place` can be asked: it checks everything in the object itself, and tells all that is wrong. */
const mayBeProblem = (value: unknown): value is PlacementProblem => isRecord(value);

/** Whether `analyse` can be asked about what the pictures do not read, which it checks itself. */
const mayBeFacts = (value: unknown): value is PlacementFacts => isRecord(value);

/** Checks what the pictures read; `analyse` checks what it reads itself. */
function checkedFacts(name: string, value: Record<string, unknown>): PlacementFacts {
    const faults = new Faults();
    const assignment = Object.fromEntries(readTexts(value.assignment, "assignment", faults));
    const hosts = objects(value.hosts, "hosts", faults).map(({ fields, path }) => ({
        name: readText(fields.get("name"), `${path}.name`, faults),
        labels: Object.fromEntries(readTexts(fields.get("labels"), `${path}.labels`, faults)),
        capacity: Object.fromEntries(readAmounts(fields.get("capacity"), `${path}.capacity`, faults)),
    }));
    const services = objects(value.services, "services", faults).map(({ fields, path }) => ({
        ...Object.fromEntries(fields),
        name: readText(fields.get("name"), `${path}.name`, faults),
        demand: Object.fromEntries(readAmounts(fields.get("demand"), `${path}.demand`, faults)),
    }));
    const known = new Set(hosts.map((host) => host.name));
    for (const [replica, host] of Object.entries(assignment)) {
        if (known.has(host)) continue;
        faults.add(at("assignment", replica), `is on ${shown(host)}, which is none of the hosts; add it to them`);
    }
    if (faults.list.length > 0) throw new UsageError(faultLines(name, faults.list));
    const facts: unknown = {
        source: name,
        assignment,
        hosts,
        services,
        traffic: value.traffic,
        domains: value.domains,
    };
    if (!mayBeFacts(facts)) throw new UsageError(`${name}: is no placement`);
    return facts;
}

function objects(value: unknown, path: string, faults: Faults) {
    return readList(value, path, faults).flatMap((item, i) => {
        const where = `${path}[${i}]`;
        if (isObject(item)) return [{ fields: readFields(item, where, faults), path: where }];
        faults.add(where, `must be an object, got ${shown(item)}; give at least a name`);
        return [];
    });
}
