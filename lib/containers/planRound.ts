import type { DockerHostSpec } from "../dockerHost";
import type { Faults } from "../faults";
import { FusionInputError } from "../inputError";
import { type PlacementHost, type PlacementProblem, place } from "../placement";
import { assignSlots, type HeldPorts } from "./assignPorts";
import { checkSurvival } from "./checkSurvival";
import type { ContainerSetSpec } from "./containerSetSpec";

/** Where a set's replicas run: replica to host and slots. */
export type SetPlan = ReadonlyMap<string, { vm: string; slots: readonly number[] }>;

/** What earlier rounds have taken of hosts. */
export type Used = WeakMap<DockerHostSpec, { readonly amounts: Record<string, number>; readonly ports: number[] }>;

/** More of anything than a container can ask for: the capacity of a host that names none. */
const UNLIMITED = 2 ** 40;

/**
 * Places the replicas of all sets that a program declares together, so that they share their hosts' capacity truthfully
 * whatever their order. What is wrong goes to `faults`.
 *
 * @param held set by set, what the last deployment gave its replicas
 */
export function planRound(
    sets: readonly ContainerSetSpec[],
    held: ReadonlyMap<string, HeldPorts>,
    used: Used,
    faults: Faults,
): ReadonlyMap<string, SetPlan> {
    const hosts = uniqueHosts(sets, faults);
    const objectives = [...new Set(sets.map((set) => set.objective))];
    if (objectives.length > 1) {
        for (const set of sets) {
            faults.add(
                `${set.name}.placement.objective`,
                `is "${set.objective}", but sets are placed together and another has another; give all the same`,
            );
        }
        return new Map();
    }
    const problem: PlacementProblem = {
        hosts: hosts.map((host) => offer(host, used)),
        services: sets.map((set) => set.service),
        ...(objectives[0] !== undefined && { objective: objectives[0] }),
        previous: Object.fromEntries([...held].map(([replica, { vm }]) => [replica, vm])),
    };
    try {
        const answer = place(problem);
        for (const { replica, reasons } of answer.unplaced) {
            const why = Object.keys(reasons)
                .sort()
                .map((host) => `${host}: ${reasons[host]}`);
            const set = replica.slice(0, replica.lastIndexOf("-"));
            faults.add(
                `${set}.replicas`,
                `${replica} fits on no host (${why.join("; ")}); add a host, or lower replicas or resources`,
            );
        }
        if (answer.unplaced.length === 0) {
            checkSurvival(sets, answer.assignment, faults);
        }
        return setPlans(sets, hosts, answer.assignment, held, used, faults);
    } catch (error) {
        if (!(error instanceof FusionInputError)) {
            throw error;
        }
        for (const { propertyPath, reason } of error.errors) faults.add(pathIn(sets, propertyPath), reason);
        return new Map();
    }
}

/** The argument that a user wrote for what the placement calls `services[0].demand.cpu`. */
function pathIn(sets: readonly ContainerSetSpec[], path: string): string {
    const [, index = "", rest = ""] = /^services\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
    const set = index === "" ? undefined : sets[Number(index)];
    if (set === undefined) return `placement.${path}`;
    if (rest === "" || rest === "name") return set.name;
    if (/^(replicas|ports)\b/.test(rest)) return `${set.name}.${rest}`;
    if (rest.startsWith("demand")) {
        const own = rest.replace(".cpu", ".cpus").replace(".memory", ".memoryMiB");
        return `${set.name}.${own.replace("demand", "resources")}`;
    }
    return `${set.name}.placement.${rest}`;
}

function uniqueHosts(sets: readonly ContainerSetSpec[], faults: Faults): DockerHostSpec[] {
    const byName = new Map<string, DockerHostSpec>();
    for (const set of sets) {
        for (const [index, host] of set.hosts.entries()) {
            const known = byName.get(host.name);
            if (known !== undefined && known.address !== host.address) {
                faults.add(
                    `${set.name}.hosts[${index}].name`,
                    `"${host.name}" is another host's name already (${known.address} and ${host.address}); give each its own`,
                );
            }
            byName.set(host.name, known ?? host);
        }
    }
    return [...byName.values()];
}

/** The host as the placement sees it: without what earlier rounds have taken. */
function offer(host: DockerHostSpec, used: Used): PlacementHost {
    const taken = used.get(host);
    const left = (whole: number | undefined, dimension: string): number =>
        Math.max(0, (whole ?? UNLIMITED) - (taken?.amounts[dimension] ?? 0));
    return {
        name: host.name,
        labels: host.labels,
        capacity: { cpu: left(host.capacity.cpu, "cpu"), memory: left(host.capacity.memory, "memory") },
        portsInUse: taken?.ports ?? [],
    };
}

function setPlans(
    sets: readonly ContainerSetSpec[],
    hosts: readonly DockerHostSpec[],
    assignment: Readonly<Record<string, string>>,
    held: ReadonlyMap<string, HeldPorts>,
    used: Used,
    faults: Faults,
): ReadonlyMap<string, SetPlan> {
    const wanted = new Map<string, { vm: string; ports: number }>();
    for (const set of sets) {
        for (const replica of replicasOf(set)) {
            const vm = assignment[replica];
            const host = hosts.find(({ name }) => name === vm);
            if (vm === undefined || host === undefined) {
                continue;
            }
            const taken = used.get(host) ?? { amounts: {}, ports: [] };
            for (const [dimension, amount] of Object.entries(set.service.demand ?? {})) {
                taken.amounts[dimension] = (taken.amounts[dimension] ?? 0) + amount;
            }
            taken.ports.push(...(set.service.ports ?? []));
            used.set(host, taken);
            wanted.set(replica, { vm, ports: set.ports.filter(({ host: fixed }) => fixed === undefined).length });
        }
    }
    const slots = assignSlots(wanted, held);
    return new Map(
        sets.map((set) => {
            const plan = new Map<string, { vm: string; slots: readonly number[] }>();
            for (const replica of replicasOf(set)) {
                const want = wanted.get(replica);
                const own = slots.get(replica);
                if (want !== undefined && own === undefined) {
                    faults.add(`${set.name}.ports`, `${want.vm} has no free port left for ${replica}; add a host`);
                } else if (want !== undefined && own !== undefined) {
                    plan.set(replica, { vm: want.vm, slots: own });
                }
            }
            return [set.name, plan];
        }),
    );
}

/** The names of a set's replicas, in order. */
export const replicasOf = (set: ContainerSetSpec): string[] =>
    Array.from({ length: set.service.replicas }, (_, index) => `${set.name}-${index}`);
