import { isRecord } from "../isRecord";
import { SYSTEM_MEMORY_MIB } from "../vm/systemMemory";
import type { Change, Changes } from "./changes";
import type { ShownState } from "./readPreview";

export const SET = "fusion:index:FusionContainerSet";
export const VM = "fusion:index:FusionVm";
const RECORD = "fusion:index:PlacementRecord";
const CONTAINER = "docker:index/container:Container";
export const SERVICE = "docker:index/service:Service";
const SERVICE_RECORD = "fusion:index:ServiceRecord";

/** The containers of a set, and where its replicas are. */
export interface SetFacts {
    readonly change: Change;
    readonly name: string;
    readonly containers: readonly Change[];
    /** What it is on a swarm, which alone decides where its tasks run. */
    readonly service: Change | undefined;
    /** The nodes that could run that service before; undefined where none is shown. */
    readonly nodes: readonly string[] | undefined;
    /** Replica to host. */
    readonly before: ReadonlyMap<string, string>;
    readonly after: ReadonlyMap<string, string>;
    /** Whether all its replicas are known. */
    readonly complete: boolean;
}

/** Hosts and what of them is taken, on one side of the change. */
export interface Side {
    readonly hosts: { name: string; labels: Record<string, string>; capacity: Record<string, number> }[];
    readonly services: {
        name: string;
        replicas: number;
        demand: Record<string, number>;
        needs?: number;
        dependsOn?: string[];
    }[];
    readonly assignment: Record<string, string>;
}

/** The sets of a preview; one that is not shown itself is there by its containers. */
export function setsOf(changes: Changes): SetFacts[] {
    return changes
        .components(SET)
        .map((change) => setFacts(changes, change))
        .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function setFacts(changes: Changes, change: Change): SetFacts {
    const { urn, name, old } = change;
    const containers = changes.childrenOf(urn).filter(({ type }) => type === CONTAINER);
    const service = changes.childrenOf(urn).find(({ type }) => type === SERVICE);
    const record = changes.childrenOf(urn).find(({ type }) => type === SERVICE_RECORD);
    const nodes = record?.old?.outputs.nodes;
    const before = new Map(Object.entries(texts(old?.outputs.placement)));
    const after = new Map(changes.showsSames ? [] : before);
    for (const container of containers) {
        if (container.old !== undefined) before.set(container.name, hostOf(container.old));
        if (container.new !== undefined) after.set(container.name, hostOf(container.new));
        else after.delete(container.name);
    }
    const complete = changes.showsSames || old?.outputs.placement !== undefined || change.operation === "create";
    return {
        ...{ change, name, containers, service, before, after, complete },
        nodes: Array.isArray(nodes) ? nodes.map(String) : undefined,
    };
}

/** Whether a container is replaced since its replica goes to another host. */
export const isMoved = ({ old, new: fresh }: Change): boolean =>
    old !== undefined && fresh !== undefined && hostOf(old) !== hostOf(fresh);

/** The host that a container is labelled with; where its labels are secret, that of its provider, which is called like it. */
export function hostOf({ inputs, provider }: ShownState): string {
    const host = labelOf(inputs, "fusion.host");
    return typeof host === "string" ? host : provider.replace(/^fusion-/, "") || "?";
}

/** The value of a label. */
export function labelOf({ labels }: Readonly<Record<string, unknown>>, name: string): unknown {
    const all: unknown[] = Array.isArray(labels) ? labels : [];
    return all.filter(isRecord).find(({ label }) => label === name)?.value;
}

/** What the hosts are and what runs there, before or after. */
export function sideOf(changes: Changes, sets: readonly SetFacts[], side: "old" | "new"): Side {
    const hosts = new Map<string, Side["hosts"][number]>();
    const add = (name: string, labels: Record<string, string>, capacity: Record<string, number>) => {
        const known = hosts.get(name);
        hosts.set(name, {
            name,
            labels: { ...known?.labels, ...labels },
            capacity: { ...known?.capacity, ...capacity },
        });
    };
    const vms = changes.ofType(VM);
    const gone = new Set(vms.filter((vm) => vm[side] === undefined).map(({ name }) => name));
    for (const { change } of sets) {
        // What a deployment remembers is shown as it was before it; what is new of it is told by the arguments.
        const record = changes.childrenOf(change.urn).find(({ type }) => type === RECORD);
        const told = record?.old?.outputs.hosts ?? {};
        for (const [name, facts] of Object.entries(isRecord(told) ? told : {})) {
            const stays =
                side === "old" || !Array.isArray(change.new?.inputs.hosts) || change.new.inputs.hosts.includes(name);
            if (isRecord(facts) && stays && !gone.has(name)) add(name, texts(facts.labels), numbers(facts.capacity));
        }
    }
    for (const { name, [side]: state } of vms) {
        if (state !== undefined) add(name, texts(state.inputs.labels), capacityOf(state.inputs));
    }
    const placed: [string, string][] = [];
    const services = sets.flatMap((set) => {
        const places = side === "old" ? set.before : set.after;
        for (const [replica, host] of places) {
            placed.push([replica, host]);
            add(host, {}, {});
        }
        const state = set.change[side];
        if (set.service?.[side] !== undefined) return [];
        return places.size === 0 && state === undefined ? [] : [serviceOf(set.name, places.size, state?.inputs ?? {})];
    });
    return {
        hosts: [...hosts.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
        services,
        assignment: Object.fromEntries(placed.sort(([a], [b]) => (a < b ? -1 : 1))),
    };
}

/** As the library counts it: see `vmSpec`. */
function capacityOf({ vcpus = 1, memoryMiB = 2048 }: Readonly<Record<string, unknown>>): Record<string, number> {
    return typeof vcpus === "number" && typeof memoryMiB === "number"
        ? { cpu: vcpus * 1000, memory: Math.max(0, memoryMiB - SYSTEM_MEMORY_MIB) }
        : {};
}

function serviceOf(
    name: string,
    replicas: number,
    inputs: Readonly<Record<string, unknown>>,
): Side["services"][number] {
    const { cpus, memoryMiB } = isRecord(inputs.resources) ? inputs.resources : {};
    const { needs, dependsOn } = isRecord(inputs.placement) ? inputs.placement : {};
    return {
        name,
        replicas,
        demand: {
            ...(typeof cpus === "number" && { cpu: Math.round(cpus * 1000) }),
            ...(typeof memoryMiB === "number" && { memory: memoryMiB }),
        },
        ...(typeof needs === "number" && { needs }),
        ...(Array.isArray(dependsOn) && { dependsOn: dependsOn.filter((one) => typeof one === "string") }),
    };
}

function texts(value: unknown): Record<string, string> {
    const all = Object.entries(isRecord(value) ? value : {});
    return Object.fromEntries(all.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}

function numbers(value: unknown): Record<string, number> {
    const all = Object.entries(isRecord(value) ? value : {});
    return Object.fromEntries(all.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
