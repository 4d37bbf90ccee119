import type { DomainKind } from "../incidence";
import type { Bounds } from "../types";
import type { Interference } from "./interference";
import type { Tasks } from "./readSwarm";
import type { Rival } from "./rival";
import { byDomain, largest, sumAt, sumOf } from "./room";
import type { Exposure } from "./worstLoss";

/** Sets of domains that are tried one by one; beyond, the worst of each term is taken by itself, which is no more than the worst set. */
const MOST_SETS = 500;
/** Sets for which a state is sought that attains the bound. */
const SOUGHT = 2;

/**
 * How many replicas run once Swarm has rescheduled, in the worst case over which `count` domains D are lost, where everything ran
 * and who comes first. Swarm stops trying where no node that is left has room: all r run, or every node left is full for the service.
 *
 * With L(n) the room that node n certainly has for it and M(n) the most that it may have, r run or, whichever is more,
 * - r - M(D), as what was not lost is never stopped;
 * - L(all) - L(D) less what others take, which is at most `taken`; alone, exactly L(all) - L(D);
 * - leave(all) - leave(D), what others must leave (see {@link Interference}).
 *
 * `low` is the least of that over all D, `high` the least that the states shown by {@link Rival} lead to.
 */
export function restoredOf(
    number: number,
    { tasks, exposure }: { readonly tasks: Tasks; readonly exposure: Exposure },
    kind: DomainKind,
    count: number,
    { interference: { taken, leave }, rival }: Others,
): Bounds {
    const { running, mayRun } = exposure;
    const sums = (perNode: readonly number[]): number[] => byDomain(perNode, kind.domainOf, kind.names.length);
    const [least, left] = [sums(tasks.least), sums(leave)];
    const [ofLeast, ofLeft] = [sumOf(least), sumOf(left)];
    const kept = (lost: readonly number[]): number => Math.max(0, running - sumAt(mayRun, lost));
    const bound = (lost: readonly number[]): number =>
        Math.max(kept(lost), ofLeast - sumAt(least, lost) - taken, ofLeft - sumAt(left, lost));
    const roomiest = [least, left, mayRun].map((room) => largest(room, count));
    const sets = subsetsOf(kind.names.length, count) ?? roomiest;
    const bounds = sets.map((lost) => ({ lost, low: Math.min(running, bound(lost)) })).sort((a, b) => a.low - b.low);
    const relaxed = roomiest.map(
        (lost, i) => [ofLeast - sumAt(least, lost) - taken, ofLeft - sumAt(left, lost), kept(lost)][i] ?? 0,
    );
    const low = sets === roomiest ? Math.min(running, Math.max(...relaxed)) : (bounds[0]?.low ?? 0);
    let high = running;
    for (const { lost } of bounds.slice(0, SOUGHT)) {
        if (low === high) break;
        const isLost = kind.domainOf.map((domain) => lost.includes(domain));
        const alone = Math.max(kept(lost), ofLeast - sumAt(least, lost));
        high = Math.min(high, alone, rival.leaves(number, isLost, kept(lost)) ?? running);
    }
    return { low, high };
}

/** All sets of `count` of the numbers below `size`; undefined where there are too many. */
function subsetsOf(size: number, count: number): number[][] | undefined {
    let sets = 1;
    for (let i = 0; i < count; i++) {
        sets = (sets * (size - i)) / (i + 1);
        if (sets > MOST_SETS) return undefined;
    }
    let found: number[][] = [[]];
    for (let i = 0; i < count; i++) {
        found = found.flatMap((set) =>
            Array.from({ length: size - 1 - (set.at(-1) ?? -1) }, (_, more) => [...set, (set.at(-1) ?? -1) + 1 + more]),
        );
    }
    return found;
}

/** What other services can do at most, and what they are shown to do. */
export interface Others {
    readonly interference: Interference;
    readonly rival: Rival;
}
