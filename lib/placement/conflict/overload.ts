import type { Board } from "../board";
import type { Contradiction } from "./contradiction";
import { fewestExceeding, overfull } from "./hall";

/** With more amounts than this in a dimension, only those are steps that make a difference to the largest hosts. */
const MOST_STEPS = 64;

/** Of so many sizes of hosts, and for up to so many large replicas a host. */
const MOST_SIZES = 8;
const MOST_LARGE = 4;

/**
 * Services whose demands exceed what the hosts offer that may take them, a dimension at a time: in sum, and counted in
 * steps, rounded down on both sides, which tells that large replicas never share a host (a dual feasible function: Fekete and
 * Schepers 2001). Of each dimension the fewest services.
 */
export function overloads(board: Board): Contradiction[] {
    const { dimensions } = board.problem;
    return dimensions.flatMap((_, d) => {
        const groups = groupsOf(board, d);
        let best: readonly number[] | undefined;
        for (const step of [1, ...stepsOf(board, d)]) {
            for (const services of exceeding(board, d, groups, step)) {
                if (best === undefined || services.length < best.length) best = services;
            }
        }
        if (best === undefined) return [];
        return [{ services: best, isPart: ({ kind, of }) => kind === "require" || (kind === "demand" && of === d) }];
    });
}

/** Services that may use the same hosts, and hosts that may be used by the same services. */
interface Groups {
    readonly services: readonly (readonly number[])[];
    readonly hosts: readonly (readonly number[])[];
    readonly mayUse: (services: number, hosts: number) => boolean;
}

function groupsOf({ problem, suits }: Board, d: number): Groups {
    const { hosts, services } = problem;
    const sizes = [...new Set(hosts.map(({ capacity }) => capacity[d] ?? 0))].sort((a, b) => a - b);
    const levelOf = new Map(sizes.map((size, level) => [size, level]));
    const taking = [...services.keys()].filter(
        (s) => (services[s]?.demand[d] ?? 0) > 0 && (services[s]?.replicas ?? 0) > 0,
    );
    // Services with the same wishes share one table: see Suitability.
    const tables = [...new Set(taking.map((s) => suits.labelled[s]))];
    const tableOf = new Map(tables.map((table, i) => [table, i]));
    const smallest = new Map<number, number>();
    const level = (amount: number): number => {
        const known = smallest.get(amount) ?? sizes.filter((size) => size < amount).length;
        smallest.set(amount, known);
        return known;
    };
    const wishes = grouped(taking, (s) => `${tableOf.get(suits.labelled[s])} ${level(services[s]?.demand[d] ?? 0)}`);
    const offers = grouped([...hosts.keys()], (host) => {
        const bits = tables.map((table) => table?.[host] ?? 0).join("");
        return `${bits} ${levelOf.get(hosts[host]?.capacity[d] ?? 0)}`;
    });
    return {
        services: wishes,
        hosts: offers,
        mayUse: (group, offer) => {
            const s = wishes[group]?.[0] ?? 0;
            const host = offers[offer]?.[0] ?? 0;
            return suits.labelled[s]?.[host] === 1 && (services[s]?.demand[d] ?? 0) <= (hosts[host]?.capacity[d] ?? 0);
        },
    };
}

function exceeding({ problem }: Board, d: number, groups: Groups, step: number): number[][] {
    const need = (s: number): number => {
        const { demand = [], replicas = 0 } = problem.services[s] ?? {};
        return replicas * Math.floor((demand[d] ?? 0) / step);
    };
    const sum = (amounts: readonly number[]): number => amounts.reduce((all, amount) => all + amount, 0);
    const needs = groups.services.map((of) => sum(of.map(need)));
    const rooms = groups.hosts.map((of) => sum(of.map((h) => Math.floor((problem.hosts[h]?.capacity[d] ?? 0) / step))));
    return overfull(needs, rooms, groups.mayUse).map((set) => {
        const offered = rooms.filter((_, offer) => set.some((group) => groups.mayUse(group, offer)));
        const services = set.flatMap((group) => groups.services[group] ?? []);
        return fewestExceeding(services, need, sum(offered));
    });
}

/** Amounts that are worth counting in. */
function stepsOf({ problem }: Board, d: number): number[] {
    const ascending = (amounts: readonly number[]): number[] => [...new Set(amounts)].sort((a, b) => a - b);
    const amounts = ascending(problem.services.map(({ demand }) => demand[d] ?? 0)).filter((amount) => amount > 1);
    if (amounts.length <= MOST_STEPS) return amounts;
    const sizes = ascending(problem.hosts.map(({ capacity }) => capacity[d] ?? 0)).slice(-MOST_SIZES);
    const steps = sizes.flatMap((size) =>
        Array.from({ length: MOST_LARGE }, (_, n) => amounts.find((amount) => amount > size / (n + 2)) ?? 1),
    );
    return ascending(steps).filter((step) => step > 1);
}

function grouped(members: readonly number[], key: (member: number) => string): number[][] {
    const groups = new Map<string, number[]>();
    for (const member of members) {
        const name = key(member);
        const group = groups.get(name);
        if (group === undefined) groups.set(name, [member]);
        else group.push(member);
    }
    return [...groups.values()];
}
