import { isRecord } from "../isRecord";
import type {
    PlacementAnswer,
    PlacementGoal,
    PlacementHost,
    PlacementMove,
    PlacementProblem,
    PlacementService,
} from "../placement";
import { replicaNames } from "../placement/pins";
import type { ContainerSetSpec } from "./containerSetSpec";

/** Those that crowd replicas come first: what spreads then goes around them. */
const ORDER: readonly PlacementGoal[] = ["fewest-hosts", "binpack", "balance", "spread"];

type Table = Readonly<Record<string, string>>;

/** What is to be placed. */
export interface SetsProblem {
    readonly hosts: readonly PlacementHost[];
    readonly sets: readonly ContainerSetSpec[];
    /** Sets that have been placed in earlier rounds: all of their replicas are in `where`. */
    readonly settled: readonly ContainerSetSpec[];
    readonly where: Table;
    /** Replica to host, as they ran. */
    readonly previous: Table;
}

/** Where the replicas of all sets run, those that were settled included. */
export type SetsPlaced = Pick<PlacementAnswer, "assignment" | "unplaced" | "moved">;

/** An error of `place`: `sets[i]` is what its path calls `services[i]`. */
export type Ask = (problem: PlacementProblem, sets: readonly ContainerSetSpec[]) => PlacementAnswer | undefined;

/**
 * Places the sets of one round: those with the same objective jointly, one objective after the other. Each sees what the ones
 * before have taken, and what runs of those after. What a set asks to `move` is done last, set by set: only its own
 * replicas give way.
 *
 * @param ask calls `place`, or gives up where the problem is wrong
 * @returns undefined where it gave up
 */
export function placeSets(problem: SetsProblem, goals: readonly PlacementGoal[], ask: Ask): SetsPlaced | undefined {
    const state: State = { problem, assignment: { ...problem.where }, unplaced: new Map(), moved: new Map(), done: [] };
    for (const goal of goals) {
        const group = problem.sets.filter(({ objective }) => objective === goal);
        const later = problem.sets.filter((set) => !group.includes(set) && !state.done.includes(set));
        const restore = group.flatMap(({ move }) => move.restore ?? []);
        const answer = ask(
            {
                hosts: problem.hosts,
                services: [
                    ...group.map(({ service }) => service),
                    ...later.map(({ service }) => running(service, problem.previous)),
                    ...[...state.done, ...problem.settled].map(({ service }) => standing(service, state.assignment)),
                ],
                objective: goal,
                previous: { ...problem.previous, ...state.assignment },
                ...(restore.length > 0 && { move: { restore: Math.min(...restore) } }),
            },
            [...group, ...later, ...state.done, ...problem.settled],
        );
        if (answer === undefined) return undefined;
        take(state, group, answer);
        state.done.push(...group);
    }
    for (const set of [...problem.sets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (!moveOwn(state, set, ask)) return undefined;
    }
    const byName = (a: PlacementMove, b: PlacementMove): number => (a.replica < b.replica ? -1 : 1);
    const { assignment, unplaced, moved } = state;
    return { assignment, unplaced: [...unplaced.values()], moved: [...moved.values()].sort(byName) };
}

/**
 * In which order the objectives of some sets are placed. A set comes after those that it wants to be with.
 *
 * @returns undefined where sets of different objectives want to be with each other
 */
export function orderOfGoals(sets: readonly ContainerSetSpec[]): PlacementGoal[] | undefined {
    const left = new Set(ORDER.filter((goal) => sets.some(({ objective }) => objective === goal)));
    const order: PlacementGoal[] = [];
    while (left.size > 0) {
        const waits = (goal: PlacementGoal): boolean =>
            sets.some(
                ({ objective, service }) =>
                    objective === goal &&
                    friendsOf(service).some((friend) =>
                        sets.some(
                            (other) => other.name === friend && other.objective !== goal && left.has(other.objective),
                        ),
                    ),
            );
        const next = [...left].find((goal) => !waits(goal));
        if (next === undefined) return undefined;
        left.delete(next);
        order.push(next);
    }
    return order;
}

interface State {
    readonly problem: SetsProblem;
    readonly assignment: Record<string, string>;
    readonly unplaced: Map<string, PlacementAnswer["unplaced"][number]>;
    readonly moved: Map<string, PlacementMove>;
    readonly done: ContainerSetSpec[];
}

/** Notes what an answer says of some sets. */
function take(
    { assignment, unplaced, moved }: State,
    sets: readonly ContainerSetSpec[],
    answer: PlacementAnswer,
): void {
    const own = new Set(sets.flatMap(replicasOf));
    for (const replica of own) {
        unplaced.delete(replica);
        const host = answer.assignment[replica];
        if (host !== undefined) assignment[replica] = host;
    }
    for (const one of answer.unplaced) if (own.has(one.replica)) unplaced.set(one.replica, one);
    for (const move of answer.moved) {
        const first = moved.get(move.replica);
        if (own.has(move.replica))
            moved.set(move.replica, { ...move, ...(first && { from: first.from, why: first.why }) });
    }
}

/** Moves what a set has asked for. */
function moveOwn(state: State, set: ContainerSetSpec, ask: Ask): boolean {
    const { problem, assignment, unplaced, done } = state;
    const { add = 0, improve = 0 } = set.move;
    if (improve === 0 && (add === 0 || unplaced.size === 0)) return true;
    const others = [...done, ...problem.settled].filter((other) => other !== set);
    const ran = Object.keys(problem.previous).flatMap((replica) => {
        const host = assignment[replica];
        return host === undefined ? [] : [[replica, host] as const];
    });
    const answer = ask(
        {
            hosts: problem.hosts,
            services: [set.service, ...others.map(({ service }) => standing(service, assignment))],
            objective: set.objective,
            previous: { ...problem.where, ...Object.fromEntries(ran) },
            move: { restore: 0, add, improve },
        },
        [set, ...others],
    );
    if (answer !== undefined) take(state, problem.sets, answer);
    return answer !== undefined;
}

const named = ({ name, replicas, names }: PlacementService) => ({ name, replicas, names });

/** The service with all that has a place pinned to it. */
function standing(service: PlacementService, where: Table): PlacementService {
    const own = replicaNames(named(service)).flatMap((replica) => {
        const host = where[replica];
        return host === undefined ? [] : [[replica, host] as const];
    });
    return { ...service, pin: { ...service.pin, ...Object.fromEntries(own) } };
}

/** The service as far as it runs. */
function running(service: PlacementService, previous: Table): PlacementService {
    const ran = replicaNames(named(service)).filter((replica) => previous[replica] !== undefined);
    const pins = Object.entries(service.pin ?? {}).filter(([replica]) => ran.includes(replica));
    return {
        ...service,
        replicas: ran.length,
        names: ran.map((replica) => replica.slice(service.name.length + 1)),
        pin: Object.fromEntries(pins),
    };
}

/** The names of a set's replicas, in order. */
export const replicasOf = ({ service }: Pick<ContainerSetSpec, "service">): string[] => replicaNames(named(service));

/** The services that one wants to be with. */
function friendsOf({ affinity }: PlacementService): string[] {
    const rules: readonly unknown[] = Array.isArray(affinity) ? affinity : [affinity];
    return rules
        .flatMap((rule): unknown => (isRecord(rule) ? rule.with : rule))
        .filter((name): name is string => typeof name === "string");
}
