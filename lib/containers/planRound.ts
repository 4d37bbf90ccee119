import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { FusionInputError } from "../inputError";
import { type PlacementHost, type PlacementMove, type PlacementUnplaced, place } from "../placement";
import { assignSlots, type HeldPorts, keepsSlots, slotOf, type WantedPorts } from "./assignPorts";
import { checkSurvival } from "./checkSurvival";
import type { ContainerSetSpec } from "./containerSetSpec";
import { pinToData } from "./pinToData";
import { type Ask, orderOfGoals, placeSets, replicasOf } from "./placeSets";

/** Where a set's replicas run: replica to host and slots. */
export type SetPlan = ReadonlyMap<string, { vm: string; slots: readonly number[] }>;

/** What earlier rounds of a program have decided. Each round adds to it. */
export interface Settled {
    readonly sets: ContainerSetSpec[];
    readonly plans: Map<string, SetPlan>;
}

/** What a round decides on. */
export interface RoundProblem {
    readonly sets: readonly ContainerSetSpec[];
    /** Replica to what the last deployment gave it, of these sets. */
    readonly held: ReadonlyMap<string, HeldPorts>;
    /** Where the data of replicas is, as far as it is known beside `held`. */
    readonly homes?: Readonly<Record<string, string>>;
}

/** What a round decides before ports are given. */
export interface RoundPlacement {
    /** Replicas that run elsewhere from now on. */
    readonly moved: readonly PlacementMove[];
    /** All replicas that the round knows of, those of earlier rounds included: replica to host. */
    readonly assignment: Readonly<Record<string, string>>;
    /** The hosts as they are offered to all of them. */
    readonly hosts: readonly PlacementHost[];
    /** All sets that the round knows of, its own first. */
    readonly sets: readonly ContainerSetSpec[];
    /** Where replicas ran; those of earlier rounds, where they run. */
    readonly previous: Readonly<Record<string, string>>;
    /** Hosts on which a replica is to have ports that it has not got. */
    readonly growing: ReadonlySet<string>;
}

/** What a round decides. */
export interface RoundPlan extends RoundPlacement {
    /** By the names of the round's sets. */
    readonly plans: ReadonlyMap<string, SetPlan>;
}

/** More of anything than a container can ask for: the capacity of a host that names none. */
const UNLIMITED = 2 ** 40;

/**
 * Places the replicas of all sets that a program declares together, so that they share their hosts' capacity truthfully
 * whatever their order; sets of earlier rounds stay where they are. What is wrong goes to `faults`.
 *
 * @param settled what earlier rounds have decided
 */
export function placeRound(
    { sets, held, homes = {} }: RoundProblem,
    settled: Settled,
    faults: Faults,
): RoundPlacement | undefined {
    const all = [...sets, ...settled.sets];
    const hosts = uniqueHosts(all, faults);
    const previous = Object.fromEntries([...held].map(([replica, { vm }]) => [replica, vm]));
    const bound = sets.map((set) => pinToData(set, { ...homes, ...previous }, faults));
    const goals = orderOfGoals(bound);
    if (goals === undefined) {
        for (const { name, objective } of sets) {
            const what = "and sets of different objectives want to be with each other";
            faults.add(`${name}.placement.objective`, `is "${objective}", ${what}; give those the same`);
        }
    }
    if (goals === undefined || faults.size > 0) return undefined;
    const offers = hosts.map(offer);
    const where = whereOf(settled);
    const problem = { hosts: offers, sets: bound, settled: settled.sets, where, previous };
    const placed = placeSets(problem, goals, asking(faults));
    if (placed === undefined) return undefined;
    const { assignment, unplaced, moved } = placed;
    for (const one of unplaced) tellUnplaced(bound, one, faults);
    if (unplaced.length === 0) checkSurvival(sets, all, assignment, faults);
    return {
        moved,
        assignment,
        hosts: offers,
        sets: [...bound, ...all.slice(sets.length)],
        previous: { ...where, ...previous },
        growing: growing(wantedPorts(sets, assignment), held),
    };
}

/**
 * Gives the replicas that a round has placed their ports. What is wrong goes to `faults`.
 *
 * @param taken slots of any set and of others, which are not given away
 * @param settled what earlier rounds have decided; the round is added to it
 */
export function giveRoundPorts(
    placement: RoundPlacement,
    { sets, held }: RoundProblem,
    taken: readonly Pick<HeldPorts, "vm" | "slots">[],
    settled: Settled,
    faults: Faults,
): RoundPlan {
    const others = [...taken, ...slotsOf(settled), ...placement.sets.flatMap(fixedSlots)];
    const plans = setPlans(sets, placement.assignment, held, others, faults);
    settled.sets.push(...sets);
    for (const [name, plan] of plans) settled.plans.set(name, plan);
    return { ...placement, plans };
}

/** Asks `place`; what it finds wrong is told with the paths that a user wrote. */
const asking =
    (faults: Faults): Ask =>
    (problem, sets) => {
        try {
            return place(problem);
        } catch (error) {
            if (!(error instanceof FusionInputError)) {
                throw error;
            }
            for (const { propertyPath, reason } of error.errors) faults.add(pathIn(sets, propertyPath), reason);
            return undefined;
        }
    };

/** The argument that a user wrote for what the placement calls `services[0].demand.cpu`. */
function pathIn(sets: readonly ContainerSetSpec[], path: string): string {
    const [, index = "", rest = ""] = /^services\[(\d+)\]\.?(.*)$/s.exec(path) ?? [];
    const set = index === "" ? undefined : sets[Number(index)];
    if (set === undefined) return `placement.${path}`;
    if (rest === "" || rest === "name") return set.name;
    if (/^names\b/.test(rest)) return `${set.name}.hosts`;
    if (/^(replicas|ports)\b/.test(rest)) return `${set.name}.${rest}`;
    if (rest.startsWith("demand")) {
        const own = rest.replace(".cpu", ".cpus").replace(".memory", ".memoryMiB");
        return `${set.name}.${own.replace("demand", "resources")}`;
    }
    return `${set.name}.placement.${rest}`;
}

/** A replica that fits nowhere, with the reason of each host that it may run on. */
function tellUnplaced(
    sets: readonly ContainerSetSpec[],
    { replica, reasons }: PlacementUnplaced,
    faults: Faults,
): void {
    const set = sets.find((one) => replicasOf(one).includes(replica));
    if (set === undefined) return;
    const pin = set.service.pin?.[replica];
    if (pin === undefined) {
        const why = Object.keys(reasons)
            .sort()
            .map((host) => `${host}: ${reasons[host]}`);
        if (set.isJob) {
            faults.add(`${set.name}.hosts`, `none has room for it (${why.join("; ")}); add a host, or lower resources`);
            return;
        }
        const what = `${replica} fits on no host (${why.join("; ")})`;
        faults.add(`${set.name}.replicas`, `${what}; add a host, or lower replicas or resources`);
        return;
    }
    const everyHost = set.service.names !== undefined;
    const [why, remedy] = everyHost
        ? ["", `lower resources, or leave ${show(pin)} out of hosts`]
        : set.stays
          ? [", where its data is", "make room there, or lower resources"]
          : [", which it is pinned to", "make room there, or pin it to another host"];
    const path = everyHost || set.stays ? `${set.name}.replicas` : `${set.name}.placement.pin["${replica}"]`;
    faults.add(path, `${replica} does not fit on ${show(pin)}${why} (${reasons[pin]}); ${remedy}`);
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

/** The host as the placement sees it. */
function offer({ name, labels, capacity }: DockerHostSpec): PlacementHost {
    return { name, labels, capacity: { cpu: capacity.cpu ?? UNLIMITED, memory: capacity.memory ?? UNLIMITED } };
}

function whereOf({ plans }: Settled): Record<string, string> {
    return Object.fromEntries([...plans.values()].flatMap((plan) => [...plan].map(([name, { vm }]) => [name, vm])));
}

const slotsOf = ({ plans }: Settled) => [...plans.values()].flatMap((plan) => [...plan.values()]);

/** The slots in which a set's fixed ports are, on all of its hosts. */
function fixedSlots({ ports, hosts }: ContainerSetSpec): Pick<HeldPorts, "vm" | "slots">[] {
    const slots = ports
        .map(({ host }) => (host === undefined ? undefined : slotOf(host)))
        .filter((slot) => slot !== undefined);
    return slots.length === 0 ? [] : hosts.map(({ name }) => ({ vm: name, slots }));
}

/** How many ports of a set's replicas are chosen. */
const chosenPorts = ({ ports }: ContainerSetSpec): number => ports.filter(({ host }) => host === undefined).length;

/** What the replicas of sets that have a host are to have there. */
function wantedPorts(
    sets: readonly ContainerSetSpec[],
    assignment: Readonly<Record<string, string>>,
): Map<string, WantedPorts> {
    const all = sets.flatMap((set) =>
        replicasOf(set).flatMap((replica) => {
            const vm = assignment[replica];
            return vm === undefined ? [] : [[replica, { vm, ports: chosenPorts(set) }] as const];
        }),
    );
    return new Map(all);
}

function growing(wanted: ReadonlyMap<string, WantedPorts>, held: ReadonlyMap<string, HeldPorts>): ReadonlySet<string> {
    const fresh = [...wanted].filter(([replica, want]) => want.ports > 0 && !keepsSlots(want, held.get(replica)));
    return new Set(fresh.map(([, { vm }]) => vm));
}

function setPlans(
    sets: readonly ContainerSetSpec[],
    assignment: Readonly<Record<string, string>>,
    held: ReadonlyMap<string, HeldPorts>,
    taken: readonly Pick<HeldPorts, "vm" | "slots">[],
    faults: Faults,
): ReadonlyMap<string, SetPlan> {
    const wanted = wantedPorts(sets, assignment);
    const slots = assignSlots(wanted, held, taken);
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
