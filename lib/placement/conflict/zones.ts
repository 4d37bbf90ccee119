import type { Board } from "../board";
import type { Contradiction } from "./contradiction";
import { fewestExceeding } from "./hall";

/**
 * Services that together put more into a domain than it offers: those that can be nowhere else, and those that a spread puts
 * there at least. Of each topology and dimension the fewest services.
 */
export function zones(board: Board): Contradiction[] {
    const { services, topologies, hosts, dimensions } = board.problem;
    const spreads = new Set(services.flatMap(({ spread }) => (spread === undefined ? [] : [spread.topology])));
    return [...spreads].flatMap((topology) => {
        const least = leastIn(board, topology);
        const members = topologies[topology]?.members ?? [];
        return dimensions.flatMap((_, d) => {
            let best: readonly number[] | undefined;
            for (const [domain, there] of least.entries()) {
                const need = (s: number): number => (there.get(s) ?? 0) * (services[s]?.demand[d] ?? 0);
                const offered = (members[domain] ?? []).reduce((sum, h) => sum + (hosts[h]?.capacity[d] ?? 0), 0);
                let all = 0;
                for (const s of there.keys()) all += need(s);
                if (all <= offered) continue;
                const found = fewestExceeding([...there.keys()], need, offered);
                if (best === undefined || found.length < best.length) best = found;
            }
            if (best === undefined) return [];
            const isPart: Contradiction["isPart"] = ({ kind, of }) =>
                kind === "demand" ? of === d : kind === "require" || kind === "spread";
            return [{ services: best, isPart }];
        });
    });
}

/** For each domain the replicas of each service that it holds in every placement, if any. */
function leastIn({ problem, suits }: Board, topology: number): Map<number, number>[] {
    const { services, topologies } = problem;
    const domainOf = topologies[topology]?.domainOf ?? new Int32Array();
    const least = (topologies[topology]?.members ?? []).map(() => new Map<number, number>());
    const only = new Map<Uint8Array | undefined, number>();
    for (const [s, { replicas, spread }] of services.entries()) {
        if (replicas === 0) continue;
        if (spread?.topology === topology) {
            const domains = suits.compared[s] ?? [];
            // As few as can be here means that each of the others has up to the skew more.
            const rest = replicas - (domains.length - 1) * spread.maxSkew;
            const count = Math.ceil(rest / Math.max(1, domains.length));
            if (count > 0) for (const domain of domains) least[domain]?.set(s, count);
            continue;
        }
        const table = suits.labelled[s];
        const domain = only.get(table) ?? onlyDomain(table, domainOf);
        only.set(table, domain);
        least[domain]?.set(s, replicas);
    }
    return least;
}

/** The domain that all hosts are in that a service may use; -1 where they are in several, or in none. */
function onlyDomain(table: Uint8Array | undefined, domainOf: Int32Array): number {
    let found: number | undefined;
    for (const [host, domain] of domainOf.entries()) {
        if (table?.[host] !== 1) continue;
        if (found !== undefined && found !== domain) return -1;
        found = domain;
    }
    return found ?? -1;
}
