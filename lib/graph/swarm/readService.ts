import {
    at,
    type Faults,
    named,
    readAmounts,
    readFields,
    readKnown,
    readList,
    readText,
    readWhole,
    shown,
} from "../../placement/read";
import type { Labels } from "../incidence";
import type { Amounts } from "./room";

/** A service as it was given, checked. */
export interface GivenService {
    readonly path: string;
    readonly replicas: number | "global";
    readonly demand: Amounts;
    readonly maxPerNode: number;
    /** The nodes that may run it. */
    readonly nodes: ReadonlySet<string>;
    readonly spreadOver: string | undefined;
    readonly needs: number;
    readonly dependsOn: readonly string[];
    readonly placed: ReadonlyMap<string, number> | undefined;
}

const FIELDS = [
    "name",
    "replicas",
    "demand",
    "maxPerNode",
    "nodes",
    "require",
    "spreadOver",
    "needs",
    "dependsOn",
    "placed",
];

/** Far more than Swarm runs, and sums of it stay exact. */
const MOST_REPLICAS = 1_000_000;

/** @param labels of all nodes, by name */
export function readService(
    service: ReadonlyMap<string, unknown>,
    path: string,
    labels: ReadonlyMap<string, Labels>,
    faults: Faults,
): GivenService {
    readKnown(Object.fromEntries(service), path, FIELDS, faults);
    const placed =
        service.get("placed") === undefined ? undefined : readPlaced(service.get("placed"), path, labels, faults);
    const spreadOver = service.get("spreadOver");
    const needs = service.get("needs");
    const maxPerNode = service.get("maxPerNode");
    return {
        path,
        replicas: placed === undefined ? readReplicas(service.get("replicas"), `${path}.replicas`, faults) : 0,
        demand: readAmounts(service.get("demand"), `${path}.demand`, faults),
        maxPerNode:
            maxPerNode === undefined
                ? MOST_REPLICAS
                : readWhole(maxPerNode, `${path}.maxPerNode`, 1, "give 1 to keep replicas apart", faults),
        nodes: eligibleNodes(service, path, labels, faults),
        spreadOver: spreadOver === undefined ? undefined : readText(spreadOver, `${path}.spreadOver`, faults),
        needs: needs === undefined ? 1 : readWhole(needs, `${path}.needs`, 0, "give 1, or a quorum", faults),
        dependsOn: readList(service.get("dependsOn"), `${path}.dependsOn`, faults).map((name, i) =>
            readText(name, `${path}.dependsOn[${i}]`, faults),
        ),
        placed,
    };
}

function readReplicas(value: unknown, path: string, faults: Faults): number | "global" {
    if (value === "global") return value;
    return readCount(value, path, 'give how many, or "global" for one on each node', faults);
}

function readCount(value: unknown, path: string, remedy: string, faults: Faults): number {
    const count = readWhole(value, path, 0, remedy, faults);
    if (count > MOST_REPLICAS) faults.add(path, `must be at most ${MOST_REPLICAS}, got ${count}; ${remedy}`);
    return count;
}

function readPlaced(
    value: unknown,
    path: string,
    labels: ReadonlyMap<string, Labels>,
    faults: Faults,
): Map<string, number> {
    const placed = new Map<string, number>();
    for (const [node, count] of readFields(value, `${path}.placed`, faults)) {
        const where = at(`${path}.placed`, node);
        if (!labels.has(node)) faults.add(where, `there is no node ${shown(node)}; there is ${named(labels.keys())}`);
        placed.set(node, readCount(count, where, "give how many replicas run there", faults));
    }
    return placed;
}

/** The nodes that `nodes` names, of those the ones that have one of the values of each label in `require`. */
function eligibleNodes(
    service: ReadonlyMap<string, unknown>,
    path: string,
    labels: ReadonlyMap<string, Labels>,
    faults: Faults,
): Set<string> {
    const names = service.get("nodes");
    const nodes = new Set(
        names === undefined
            ? labels.keys()
            : readList(names, `${path}.nodes`, faults).map((name, i) => readText(name, `${path}.nodes[${i}]`, faults)),
    );
    for (const node of nodes) {
        if (node === "" || labels.has(node)) continue;
        faults.add(`${path}.nodes`, `there is no node ${shown(node)}; there is ${named(labels.keys())}`);
    }
    for (const [label, values] of readFields(service.get("require"), `${path}.require`, faults)) {
        const where = at(`${path}.require`, label);
        const good = readList(values, where, faults).map((value, i) => readText(value, `${where}[${i}]`, faults));
        for (const node of nodes) {
            const own = label === "host" ? node : labels.get(node)?.get(label);
            if (own === undefined || !good.includes(own)) nodes.delete(node);
        }
    }
    return nodes;
}
