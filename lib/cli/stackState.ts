import { isRecord } from "../isRecord";
import { askState } from "./askPulumi";
import { type CliIo, UsageError } from "./io";
import { type JsonFile, readJsonFile } from "./jsonFile";
import type { PlacementFacts } from "./placementFacts";
import { amounts, texts } from "./recordFields";
import { swarmsIn } from "./swarmState";

const RECORD = "fusion:index:PlacementRecord";
const JOB = `fusion:index:FusionJob$${RECORD}`;
/** Marks a secret in Pulumi's state. */
const SECRET = "4dabf18193072939515e22adb298388d";

/** Whether a value is what `pulumi stack export` writes. */
export function isState(value: unknown): boolean {
    return isRecord(value) && resourcesOf(value) !== undefined;
}

/** Reads a stack's state from a file. */
export async function readState(file: string, io: CliIo): Promise<PlacementFacts> {
    return factsOfState(await readJsonFile(file, io));
}

/** Asks Pulumi for what the state of a stack says about its container sets. */
export async function exportState(stack: string): Promise<PlacementFacts> {
    return factsOfState(await askState(stack));
}

/**
 * What the records of a stack's container sets say: where the replicas run, and what the hosts and sets are.
 *
 * @throws UsageError where the state has no container set
 */
export function factsOfState({ name, value }: Pick<JsonFile, "name" | "value">): PlacementFacts {
    const resources = isRecord(value) ? resourcesOf(value) : undefined;
    if (resources === undefined) {
        throw new UsageError(`${name}: is no state of a stack; give what "pulumi stack export" writes`);
    }
    const records = resources.filter(
        ({ type, urn, delete: gone }) =>
            // A job comes to an end, so that nothing rests on where it runs.
            type === RECORD && typeof urn === "string" && !urn.includes(JOB) && gone !== true,
    );
    const swarms = swarmsIn(name, resources);
    if (records.length === 0 && swarms.length === 0) {
        throw new UsageError(
            `${name}: the stack has no FusionContainerSet among its ${resources.length} resources; choose another with --stack`,
        );
    }
    const hosts = new Map<string, PlacementFacts["hosts"][number]>();
    const services: PlacementFacts["services"][number][] = [];
    const assignment: Record<string, string> = {};
    for (const record of records) {
        const set = String(record.urn).split("::").at(-1) ?? "";
        const outputs = isRecord(record.outputs) ? record.outputs : {};
        const held = Object.entries(fieldsOf(outputs.held, `${name}: ${set}.held`));
        for (const [replica, where] of held) {
            if (!isRecord(where) || typeof where.vm !== "string") continue;
            assignment[replica] = where.vm;
            if (!hosts.has(where.vm)) hosts.set(where.vm, { name: where.vm });
        }
        for (const [host, told] of Object.entries(fieldsOf(outputs.hosts, `${name}: ${set}.hosts`))) {
            hosts.set(host, { name: host, labels: texts(told, "labels"), capacity: amounts(told, "capacity") });
        }
        services.push(serviceOf(set, held.length, outputs));
    }
    return { source: name, hosts: [...hosts.values()], services, assignment, ...(swarms.length > 0 && { swarms }) };
}

function serviceOf(
    name: string,
    replicas: number,
    outputs: Record<string, unknown>,
): PlacementFacts["services"][number] {
    const { needs, dependsOn } = outputs;
    return {
        name,
        replicas,
        demand: amounts(outputs, "demand"),
        ...(typeof needs === "number" && { needs }),
        ...(Array.isArray(dependsOn) && { dependsOn: dependsOn.map(String) }),
    };
}

/** The resources in a state; undefined where it is none. */
export function resourcesOf(state: Record<string, unknown>): Record<string, unknown>[] | undefined {
    const { deployment, checkpoint } = state;
    const latest = isRecord(checkpoint) ? checkpoint.latest : deployment;
    if (!isRecord(latest)) return undefined;
    return Array.isArray(latest.resources) ? latest.resources.filter(isRecord) : [];
}

function fieldsOf(value: unknown, path: string): Record<string, unknown> {
    if (!isRecord(value)) return {};
    if (SECRET in value) throw new UsageError(`${path}: is secret; export the state with --show-secrets`);
    return value;
}
