import { FusionInputError } from "../../inputError";
import { place } from "../place";
import type { PlacementAnswer, PlacementHost, PlacementProblem, PlacementService } from "../types";
import { checkLevels, nameLevel } from "./checkLevels";
import type { LevelsAnswer, LevelsProblem, PlacementVms } from "./types";

/** What machines may strive for when containers find no place on them as they were to be, in the order they are tried. */
const OTHER_GOALS = ["spread", "balance", "fewest-hosts", "binpack"] as const;

/**
 * Decides on which hypervisor each virtual machine runs, and on which machine each container.
 *
 * The machines are placed first, then the containers on them, which see of each machine its hypervisor as the label
 * `hypervisor` and that one's labels: so anti-affinity over `hypervisor` keeps replicas on different physical machines. Where
 * containers find no place, the machines are placed in other ways, further apart or closer together, and the way that leaves
 * the fewest over is taken. What runs already stays as `place` has it.
 *
 * @param problem amounts are whole numbers in units of the caller's choice, the same on both sides of a level
 * @throws FusionInputError with every wrong argument, each with its path
 */
export function placeLevels(problem: LevelsProblem): LevelsAnswer {
    checkLevels(problem);
    const seen = new Set<string>();
    let best: LevelsAnswer | undefined;
    for (const upper of ways(problem)) {
        const vms = nameLevel("vms", () => place(upper));
        const where = JSON.stringify(vms.assignment);
        if (seen.has(where)) continue;
        seen.add(where);
        const answer = { vms, services: placeOn(problem, vms) };
        if (best === undefined || leftOver(answer) < leftOver(best)) best = answer;
        if (leftOver(best) === 0) break;
    }
    if (best === undefined) throw new FusionInputError([]);
    return best;
}

/** The upper level: as asked for, then with the machines of a group further apart, then with other objectives. */
function* ways({ hypervisors, vms, effort, vmObjective, previous, move }: LevelsProblem): Generator<PlacementProblem> {
    const services = vms.map(({ offers: _, labels: __, ...service }): PlacementService => service);
    const base: PlacementProblem = {
        hosts: hypervisors,
        services,
        ...(effort === undefined ? {} : { effort }),
        ...(vmObjective === undefined ? {} : { objective: vmObjective }),
        ...(previous?.vms === undefined ? {} : { previous: previous.vms }),
        ...(move === undefined ? {} : { move }),
    };
    yield base;
    yield {
        ...base,
        services: services.map((service) =>
            service.spreadOver === undefined ? { ...service, spreadOver: "host" } : service,
        ),
    };
    for (const objective of OTHER_GOALS) yield { ...base, objective };
}

/** The lower level, on the machines that have a place. */
function placeOn(problem: LevelsProblem, upper: PlacementAnswer): PlacementAnswer {
    const { hypervisors, vms, services, objective, effort, previous, move } = problem;
    const labelsOf = new Map(hypervisors.map(({ name, labels }) => [name, labels]));
    const hosts = vms.flatMap((group) =>
        machinesOf(group).flatMap((name): PlacementHost[] => {
            const hypervisor = upper.assignment[name];
            if (hypervisor === undefined) return [];
            const { host: _, ...inherited } = labelsOf.get(hypervisor) ?? {};
            return [{ name, labels: { ...inherited, hypervisor, ...group.labels }, capacity: group.offers ?? {} }];
        }),
    );
    if (hosts.length === 0) return nowhere(services, upper);
    return nameLevel("services", () =>
        place({
            hosts,
            services,
            ...(objective === undefined ? {} : { objective }),
            ...(effort === undefined ? {} : { effort }),
            ...(previous?.services === undefined ? {} : { previous: previous.services }),
            ...(move === undefined ? {} : { move }),
        }),
    );
}

/** No machine has a place, and so no container has. */
function nowhere(services: readonly PlacementService[], { unplaced: machines }: PlacementAnswer): PlacementAnswer {
    const reasons = Object.fromEntries(machines.map(({ replica }) => [replica, "is on no hypervisor"]));
    const unplaced = services
        .flatMap(({ name, replicas }) =>
            Array.from({ length: replicas }, (_, i) => ({ replica: `${name}-${i}`, reasons })),
        )
        .sort((a, b) => (a.replica < b.replica ? -1 : 1));
    const objective = { value: 0, lowerBound: 0, gap: 0, proven: false };
    return { assignment: {}, unplaced, objective, moves: 0, moved: [], fewestMoves: 0 };
}

function machinesOf({ name, replicas }: PlacementVms): string[] {
    return Array.from({ length: replicas }, (_, i) => `${name}-${i}`);
}

function leftOver({ vms, services }: LevelsAnswer): number {
    return vms.unplaced.length + services.unplaced.length;
}
