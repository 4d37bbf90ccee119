import { FusionInputError } from "../../inputError";
import { Faults, named, readAmounts, readKnown, readList, readTexts, readWhole, shown } from "../../placement/read";
import { checkLabels, type DomainKind, kindOf, type Labels, readNamed, sharedLabels } from "../incidence";
import { type GivenService, readService } from "./readService";
import { type Amounts, roomOn, sumOf } from "./room";

/** A swarm in numbers: nodes and services by number, sorted by name. */
export interface Swarm {
    readonly nodes: readonly string[];
    readonly labels: ReadonlyMap<string, Labels>;
    readonly capacity: readonly Amounts[];
    readonly services: readonly Tasks[];
    readonly kinds: readonly DomainKind[];
    /** Up to how many domains are lost at once. */
    readonly losses: number;
}

/** One service, and what Swarm may do with it were it alone. */
export interface Tasks {
    readonly name: string;
    /** Replicas that it is to have. */
    readonly wanted: number;
    readonly needs: number;
    /** Numbers of services, ascending. */
    readonly dependsOn: readonly number[];
    readonly demand: Amounts;
    readonly maxPerNode: number;
    readonly spreadOver: string | undefined;
    /** Whether each replica belongs to its node, so that none comes back elsewhere: a global service, or one that is placed. */
    readonly fixed: boolean;
    /** Whether a node may run it, room or not. */
    readonly eligible: readonly boolean[];
    /** The most that each node may run, and the most that it is certain to have room for; both at most `wanted`. */
    readonly most: readonly number[];
    readonly least: readonly number[];
}

const FIELDS = ["nodes", "services", "domains", "losses"];
const NODE_FIELDS = ["name", "labels", "capacity", "capacityAtMost"];

interface GivenNode {
    readonly labels: Labels;
    readonly capacity: Amounts;
    readonly atMost: Amounts;
}

/**
 * @param labels which kinds of domains are asked for; `undefined` for the problem's own choice
 * @throws FusionInputError with every wrong argument
 */
export function readSwarm(problem: unknown, labels?: readonly { path: string; label: string }[]): Swarm {
    const faults = new Faults();
    const fields = readKnown(problem ?? null, "", FIELDS, faults);
    const nodes = readNamed(fields.get("nodes") ?? null, "nodes", faults, (node, path) => readNode(node, path, faults));
    if (Array.isArray(fields.get("nodes")) && nodes.size === 0) faults.add("nodes", "is empty; give at least one node");
    const labelsOf = new Map([...nodes].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, of]) => [name, of.labels]));
    const services = readNamed(fields.get("services") ?? null, "services", faults, (service, path) =>
        readService(service, path, labelsOf, faults),
    );
    const own = readList(fields.get("domains"), "domains", faults).map((label, i) => {
        if (typeof label !== "string") faults.add(`domains[${i}]`, `must be a label, got ${shown(label)}; e.g. "zone"`);
        return { path: `domains[${i}]`, label: String(label) };
    });
    checkLabels([...own, ...(labels ?? [])], labelsOf, faults);
    checkDependencies(services, faults);
    const losses = readLosses(fields.get("losses"), faults);
    if (faults.list.length > 0) throw new FusionInputError(faults.list);

    const names = [...labelsOf.keys()];
    const given = names.flatMap((name) => nodes.get(name) ?? []);
    const asked = labels ?? (fields.get("domains") === undefined ? undefined : own);
    const kinds = asked?.map(({ label }) => label) ?? sharedLabels(labelsOf);
    const number = new Map([...services.keys()].sort().map((name, i) => [name, i]));
    return {
        nodes: names,
        labels: labelsOf,
        capacity: given.map(({ capacity }) => capacity),
        services: [...number.keys()].flatMap((name) => {
            const service = services.get(name);
            return service === undefined ? [] : tasksOf(name, service, names, given, number);
        }),
        kinds: [...new Set(kinds)].map((label) => kindOf(label, names, labelsOf)),
        losses,
    };
}

function readNode(node: ReadonlyMap<string, unknown>, path: string, faults: Faults): GivenNode {
    readKnown(Object.fromEntries(node), path, NODE_FIELDS, faults);
    const capacity = readAmounts(node.get("capacity"), `${path}.capacity`, faults);
    const atMost =
        node.get("capacityAtMost") === undefined
            ? capacity
            : readAmounts(node.get("capacityAtMost"), `${path}.capacityAtMost`, faults);
    for (const [dimension, most] of atMost) {
        const least = capacity.get(dimension) ?? Number.POSITIVE_INFINITY;
        if (most >= least) continue;
        const than = Number.isFinite(least) ? `capacity, which is ${least}` : "capacity, which is not limited there";
        faults.add(
            `${path}.capacityAtMost.${dimension}`,
            `is ${most}, less than ${than}; give the larger of both here`,
        );
    }
    return { labels: readTexts(node.get("labels"), `${path}.labels`, faults), capacity, atMost };
}

function readLosses(value: unknown, faults: Faults): number {
    if (value === undefined) return 2;
    const losses = readWhole(value, "losses", 1, "give how many are lost at once, e.g. 2", faults);
    if (losses > 10) faults.add("losses", `must be at most 10, got ${losses}; give how many are lost at once, e.g. 2`);
    return losses;
}

function checkDependencies(services: ReadonlyMap<string, GivenService>, faults: Faults): void {
    const there = named(services.keys());
    for (const { path, dependsOn } of services.values()) {
        for (const [i, name] of dependsOn.entries()) {
            if (name === "" || services.has(name)) continue;
            faults.add(`${path}.dependsOn[${i}]`, `there is no service ${shown(name)}; there is ${there}`);
        }
    }
}

function tasksOf(
    name: string,
    { replicas, placed, needs, dependsOn, demand, maxPerNode, spreadOver, nodes }: GivenService,
    names: readonly string[],
    given: readonly GivenNode[],
    number: ReadonlyMap<string, number>,
): Tasks {
    const eligible = names.map((node) => nodes.has(node));
    const isGlobal = replicas === "global";
    const wanted = placed !== undefined ? sumOf([...placed.values()]) : isGlobal ? nodes.size : replicas;
    const onNode = isGlobal ? 1 : Math.min(maxPerNode, wanted);
    const room = (capacity: "capacity" | "atMost"): number[] =>
        placed !== undefined
            ? names.map((node) => placed.get(node) ?? 0)
            : given.map((node, n) => (eligible[n] === true ? roomOn(node[capacity], demand, onNode) : 0));
    return {
        name,
        wanted,
        needs,
        dependsOn: [...new Set(dependsOn.map((other) => number.get(other) ?? -1))].sort((a, b) => a - b),
        // What runs on plain Docker, Swarm does not count.
        demand: placed === undefined ? demand : new Map(),
        maxPerNode,
        spreadOver,
        fixed: isGlobal || placed !== undefined,
        eligible,
        most: room("atMost"),
        least: room("capacity"),
    };
}
