import type { Board } from "../board";
import type { Cover, ItemKind, Packing, Pattern } from "./types";

/** What is still to be placed on a board, seen as a packing of the hosts' kinds with the services' kinds. */
export interface Recast {
    readonly packing: Packing;
    /** Kind of bin to hosts. */
    readonly hosts: readonly (readonly number[])[];
    /** Kind of item to the replicas that it stands for. */
    readonly replicas: readonly (readonly number[])[];
}

/**
 * Hosts are of one kind that have the same left, cost the same and suit the same services; services that demand and may
 * the same are of one kind, unless anti-affinity or ports set them apart. Whatever reaches beyond one host (spread, affinity,
 * anti-affinity over other domains than hosts between hosts) is left out.
 *
 * @param board what is on it stays
 * @param costs for each host what its use adds to the objective
 */
export function recast(board: Board, costs: readonly number[]): Recast {
    const { hosts, services, dimensions } = board.problem;
    const waiting = services.map(({ first, replicas }) => {
        const all = Array.from({ length: replicas }, (_, i) => first + i);
        // One that is pinned has no choice among bins.
        return all.filter((replica) => (board.hostOf[replica] ?? -1) < 0 && (board.problem.pins[replica] ?? -1) < 0);
    });
    const taking = [...services.keys()].filter((s) => (waiting[s]?.length ?? 0) > 0);
    const left = hosts.map((_, host) => dimensions.map((__, d) => board.left(host, d)));
    const cost = hosts.map((_, host) => (board.residents[host]?.length ? 0 : (costs[host] ?? 0)));
    const suits = hosts.map((_, host) => taking.map((s) => (board.fitsAlone(s, host) ? 1 : 0)));
    const bins = grouped([...hosts.keys()], (host) => `${cost[host]} ${left[host]?.join()} ${suits[host]?.join("")}`);
    const kinds = grouped([...taking.keys()], (i) =>
        kindOf(board, taking[i] ?? 0, (b) => suits[bins[b]?.[0] ?? 0]?.[i]),
    );
    const items = kinds.map((members): ItemKind => {
        const s = taking[members[0] ?? 0] ?? 0;
        const demand = members.reduce((sum, i) => sum + (waiting[taking[i] ?? 0]?.length ?? 0), 0);
        return {
            size: services[s]?.demand ?? [],
            demand,
            most: isAlone(board, s) ? 1 : demand,
            allowed: bins.map(([host]) => suits[host ?? 0]?.[members[0] ?? 0] === 1),
        };
    });
    return {
        packing: {
            bins: bins.map((of) => ({
                capacity: left[of[0] ?? 0] ?? [],
                cost: cost[of[0] ?? 0] ?? 0,
                count: of.length,
            })),
            items,
            conflicts: conflictsOf(
                board,
                kinds.map((members) => taking[members[0] ?? 0] ?? 0),
            ),
        },
        hosts: bins,
        replicas: kinds.map((members) => members.flatMap((i) => waiting[taking[i] ?? 0] ?? [])),
    };
}

/** The patterns by which a placement fills the hosts, but for what stays on the recast board. */
export function patternsOf({ hosts, replicas }: Recast, hostOf: Int32Array): Pattern[] {
    const kindOf = new Map(hosts.flatMap((of, bin) => of.map((host) => [host, bin])));
    const counts = new Map<number, Map<number, number>>();
    for (const [item, members] of replicas.entries()) {
        for (const replica of members) {
            const host = hostOf[replica] ?? -1;
            if (host < 0) continue;
            const here = counts.get(host) ?? new Map<number, number>();
            counts.set(host, here.set(item, (here.get(item) ?? 0) + 1));
        }
    }
    return [...counts].map(([host, of]) => ({
        bin: kindOf.get(host) ?? 0,
        items: [...of.keys()],
        counts: [...of.values()],
    }));
}

/** Puts replicas on a board as a cover says, those that fit: a cover knows nothing of what reaches beyond one host. */
export function putCover(board: Board, { hosts, replicas }: Recast, { patterns }: Cover): void {
    const free = hosts.map((of) => [...of].reverse());
    const waiting = replicas.map((of) => [...of].reverse());
    for (const { bin, items, counts } of patterns) {
        const host = free[bin]?.pop();
        if (host === undefined) continue;
        for (const [k, item] of items.entries()) {
            for (let i = counts[k] ?? 0; i > 0; i--) {
                const replica = waiting[item]?.pop();
                if (replica !== undefined && board.fits(board.service(replica), host)) board.put(replica, host);
            }
        }
    }
}

function grouped(members: readonly number[], key: (member: number) => string): number[][] {
    const groups = new Map<string, number[]>();
    for (const member of members) {
        const name = key(member);
        groups.set(name, [...(groups.get(name) ?? []), member]);
    }
    return [...groups.values()];
}

/** Whether a host holds at most one of the service: hosts are within any domain. */
function isAlone({ problem }: Board, s: number): boolean {
    const service = problem.services[s];
    return service !== undefined && (service.ports.length > 0 || service.apart.some((link) => link.service === s));
}

function kindOf({ problem }: Board, s: number, suits: (bin: number) => number | undefined): string {
    const service = problem.services[s];
    if (service === undefined || service.apart.length > 0 || service.ports.length > 0) return `service ${s}`;
    const bins = Array.from({ length: problem.hosts.length }, (_, bin) => suits(bin) ?? "");
    return `${service.demand.join()} ${bins.join("")}`;
}

function conflictsOf({ problem }: Board, services: readonly number[]): number[][] {
    const item = new Map(services.map((s, i) => [s, i]));
    return services.map((s, i) => {
        const service = problem.services[s];
        const apart = (service?.apart ?? []).flatMap((link) => item.get(link.service) ?? []);
        const ports = services.flatMap((other, j) =>
            problem.services[other]?.ports.some((port) => service?.ports.includes(port)) ? [j] : [],
        );
        return [...new Set([...apart, ...ports])].filter((j) => j !== i).sort((a, b) => a - b);
    });
}
