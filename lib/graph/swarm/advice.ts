import type { DomainKind } from "../incidence";
import { counted } from "../tidy";
import type { Tasks } from "./readSwarm";
import { byDomain, largest, sumAt, sumOf } from "./room";
import { exposureOf, mostLost } from "./worstLoss";

/**
 * What to change so that a service survives the loss of any `losses` domains wherever Swarm puts it: the largest `maxPerNode` that
 * does, else the fewest replicas with one, else what is missing. Other services are left out, as always.
 */
export function swarmAdvice(tasks: Tasks, kind: DomainKind, losses: number): string {
    const { name, wanted, fixed, needs } = tasks;
    const domains = kind.names.length;
    const is = domains === 1 ? "is only one" : "are only";
    const count = domains === 1 ? kind.label : counted(domains, kind.label);
    if (domains <= losses) return `there ${is} ${count}: add nodes in ${moreOf(kind, losses + 1 - domains)}`;
    const exposure = exposureOf(tasks, kind);
    const used = exposure.mayRun.filter((replicas) => replicas > 0).length;
    if (used <= losses)
        return `only ${counted(used, kind.label)} may run ${name}: let it run ${kind.label === "host" ? "on" : "in"} ${moreOf(kind, losses + 1 - used)}`;
    if (fixed) {
        const over =
            needs === 1 ? "" : ` it needs ${needs}, and ${exposure.running - mostLost(exposure, losses)} may be left:`;
        return `each replica of ${name} belongs to its node:${over} let it run on more nodes`;
    }
    const limits = limitsOf(tasks, kind, losses);
    const limit = limits.filter(({ most, sure }) => sure >= wanted && wanted - most >= needs).at(-1);
    if (limit !== undefined) return `give ${name} maxPerNode: ${limit.maxPerNode}`;
    const fewest = limits.find(({ most, sure }) => sure >= needs + most);
    if (fewest !== undefined)
        return `give ${name} ${counted(needs + fewest.most, "replica")} and maxPerNode: ${fewest.maxPerNode}`;
    return `add nodes that may run ${name}, then give it maxPerNode: 1`;
}

const moreOf = ({ label }: DomainKind, count: number): string =>
    count === 1 ? `another ${label}` : counted(count, `more ${label}`);

/** For each possible limit a node, what the worst loss takes and how many replicas surely have room. */
function limitsOf({ most, least }: Tasks, kind: DomainKind, losses: number) {
    const highest = most.reduce((max, room) => Math.max(max, room), 0);
    // Beyond a thousand a limit says nothing that a smaller one does not.
    return Array.from({ length: Math.min(highest, 1000) }, (_, i) => {
        const limited = (room: readonly number[]): number[] => room.map((replicas) => Math.min(replicas, i + 1));
        const sums = byDomain(limited(most), kind.domainOf, kind.names.length);
        return { maxPerNode: i + 1, most: sumAt(sums, largest(sums, losses)), sure: sumOf(limited(least)) };
    });
}

/** That a preference is none to rely on, where the service has one for this kind of domain. */
export function aboutSpread({ spreadOver }: Tasks, { label }: DomainKind): string {
    if (spreadOver !== label) return "";
    return `; spreadOver ${label} alone does not ensure it: Swarm keeps to it while it places, and moves nothing back after a failure`;
}
