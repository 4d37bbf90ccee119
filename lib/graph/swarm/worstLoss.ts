import type { DomainKind } from "../incidence";
import type { Tasks } from "./readSwarm";
import { byDomain, largest, sumAt, sumOf } from "./room";

/** What a service may lose of one kind of domain. */
export interface Exposure {
    /** The most replicas that each domain may run. */
    readonly mayRun: readonly number[];
    /** Replicas that run: all, or as many as there is room for. */
    readonly running: number;
    /** Losing so many replicas stops it; 0 or less: it does not serve. */
    readonly fatal: number;
    /** The fewest domains that may hold `fatal` replicas, those with the most room; undefined where all hold fewer. */
    readonly weakest: readonly number[] | undefined;
}

/**
 * The worst case over all placements of a service that runs whole. A placement puts x_n replicas on node n, 0 <= x_n <= m_n, and the
 * x_n sum up to r: nothing else binds Swarm. So a set K of domains may hold min(r, sum of m_n in K): fill K first, and the rest,
 * where K has room for fewer than r, fits outside, since the m_n sum up to r or more. The sum grows with each domain by what that
 * domain has, so the k roomiest domains are a worst K. Other services change nothing: whichever Swarm schedules first gets the room,
 * so each of these placements occurs, the others being where they still fit or waiting.
 */
export function exposureOf({ wanted, needs, most }: Tasks, { names, domainOf }: DomainKind): Exposure {
    const mayRun = byDomain(most, domainOf, names.length);
    const running = Math.min(wanted, sumOf(mayRun));
    const fatal = running - needs + 1;
    return { mayRun, running, fatal, weakest: weakestOf(mayRun, running, fatal) };
}

function weakestOf(mayRun: readonly number[], running: number, fatal: number): number[] | undefined {
    if (fatal <= 0) return [];
    // Of a service that needs none, no loss takes one more than it runs.
    if (fatal > running) return undefined;
    const roomiest = largest(mayRun, mayRun.length);
    let held = 0;
    const count = roomiest.findIndex((domain) => {
        held += mayRun[domain] as number;
        return held >= fatal;
    });
    return roomiest.slice(0, count + 1);
}

/** The most replicas that the loss of any `count` domains takes. */
export function mostLost({ mayRun, running }: Exposure, count: number): number {
    return Math.min(running, sumAt(mayRun, largest(mayRun, count)));
}

/** A placement in which some domains hold as many replicas as they can: replicas by node. */
export function worstPlacement(
    { most }: Tasks,
    { domainOf }: DomainKind,
    running: number,
    lost: readonly number[],
): number[] {
    const placed = most.map(() => 0);
    let left = running;
    const fill = (inLost: boolean): void => {
        for (const [node, room] of most.entries()) {
            if (lost.includes(domainOf[node] as number) !== inLost) continue;
            placed[node] = Math.min(room, left);
            left -= placed[node] as number;
        }
    };
    fill(true);
    fill(false);
    return placed;
}
