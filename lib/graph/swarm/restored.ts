import type { DomainKind } from "../incidence";
import type { Bounds } from "../types";
import type { Interference } from "./interference";
import type { Tasks } from "./readSwarm";
import { byDomain, largest, sumAt, sumOf } from "./room";
import { type Exposure, mostLost } from "./worstLoss";

/**
 * How many replicas run once Swarm has rescheduled, in the worst case over which `count` domains D are lost, where everything ran
 * and who comes first. Swarm stops trying where no node that is left has room, so r run, or every node left is full for the service.
 *
 * With L(n) the room that node n certainly has for it and M(n) the most that it may have:
 * - never fewer than r - M(D), as what was not lost is never stopped;
 * - were the service alone, min(r, L(all) - L(D)) or that, whichever is more;
 * - others can take at most `taken` of that room in all, and of node n leave at least `leave` (see {@link Interference}): no fewer
 *   than L(all) - max L(D) - taken, and no fewer than leave(all) - max leave(D).
 *
 * All maxima are sums of the largest. `high` is what one state leads to: for the worst D, alone, or beside what surely runs everywhere.
 */
export function restoredOf(
    tasks: Tasks,
    exposure: Exposure,
    kind: DomainKind,
    count: number,
    { taken, leave, beside }: Interference,
): Bounds {
    const { running } = exposure;
    const survivors = running - mostLost(exposure, count);
    if (tasks.fixed) return { low: survivors, high: survivors };
    const sums = (perNode: readonly number[]): number[] => byDomain(perNode, kind.domainOf, kind.names.length);
    const without = (perNode: readonly number[], lost?: readonly number[]): number => {
        const domains = sums(perNode);
        return sumOf(domains) - sumAt(domains, lost ?? largest(domains, count));
    };
    const enough = (replicas: number): number => Math.min(running, Math.max(survivors, replicas));
    const low = enough(Math.max(without(tasks.least) - taken, without(leave)));
    const alone = [tasks.least, tasks.most].map((room) => {
        const lost = largest(sums(room), count);
        const kept = running - Math.min(running, sumAt(sums(tasks.most), lost));
        return Math.min(running, Math.max(kept, without(tasks.least, lost)));
    });
    // Beside the others everything must have run before.
    const runsBeside = sumOf(beside) >= running ? [enough(without(beside))] : [];
    return { low, high: Math.max(low, Math.min(...alone, ...runsBeside)) };
}
