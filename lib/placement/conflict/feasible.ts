import { Board, NOWHERE } from "../board";
import type { Problem } from "../canonical";
import { search } from "../exact/search";
import { fill } from "../greedy";
import { link, type Rule, type Stated } from "../link";
import { hostCosts } from "../objective";
import { byChoice } from "../orders";
import type { Budget } from "../repair";
import { isContradictory } from "./presolve";
import { bare, type Requirement } from "./requirements";

/**
 * Whether all of a problem's replicas can be placed when only some of its requirements count, as if nothing ran before.
 *
 * @param kept the requirements that count; services that none of them speaks of can be anywhere
 */
export function feasible(problem: Problem, kept: readonly Requirement[], budget: Budget): boolean | "unknown" {
    const part = partOf(problem, kept);
    const board = new Board(part);
    fill(board, byChoice(board), hostCosts(part));
    budget.left -= 10 * (board.hostOf.length + part.services.length) * (1 + part.dimensions.length);
    budget.left -= (10 + part.services.length) * part.hosts.length;
    if (board.homeless === 0) return true;
    if (isContradictory(board)) return false;
    const nothing = new Int32Array(board.hostOf.length).fill(NOWHERE);
    const limits = { moves: 0, missed: Number.POSITIVE_INFINITY, value: Number.POSITIVE_INFINITY };
    const found = search(part, nothing, () => true, limits, budget);
    return found === "unknown" ? found : found !== "none";
}

/** The problem with some requirements alone, of the services that they speak of. */
function partOf(problem: Problem, kept: readonly Requirement[]): Problem {
    const numbers = [...new Set(kept.flatMap((requirement) => requirement.services))].sort((a, b) => a - b);
    const newNumber = new Map(numbers.map((s, i) => [s, i]));
    const wanted = new Map<number, Stated>();
    for (const s of numbers) {
        const service = problem.services[s];
        if (service !== undefined) wanted.set(s, bare(service));
    }
    for (const { services, addTo } of kept) {
        const [s = 0] = services;
        const service = wanted.get(s);
        if (service !== undefined) wanted.set(s, addTo(service));
    }
    const renumbered = (rules: readonly Rule[]): Rule[] =>
        rules.map((rule) => ({ ...rule, services: rule.services.flatMap((s) => newNumber.get(s) ?? []) }));
    let replicas = 0;
    const stated = [...wanted.values()].map((service) => {
        const first = replicas;
        replicas += service.replicas;
        const { apartRules, togetherRules } = service;
        return { ...service, first, apartRules: renumbered(apartRules), togetherRules: renumbered(togetherRules) };
    });
    const serviceOf = new Int32Array(replicas);
    for (const [s, { first, replicas: count }] of stated.entries()) serviceOf.fill(s, first, first + count);
    const previous = new Int32Array(replicas).fill(NOWHERE);
    // Pins are left out: what conflicts without them conflicts with them.
    const free = { previous, origins: new Map(), pins: previous, pinned: false };
    return { ...problem, ...free, goal: "binpack", services: link(stated), serviceOf };
}
