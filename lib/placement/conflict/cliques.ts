import type { Board } from "../board";
import type { Contradiction } from "./contradiction";
import { fewestExceeding, overfull } from "./hall";

/**
 * Services that all keep apart from each other over a topology and so need more domains than there are: one for each, or
 * one for each replica where those keep apart too. Ports keep apart over hosts. Cliques are found greedily, one for each
 * service that is in none yet.
 */
export function cliques(board: Board): Contradiction[] {
    return board.problem.topologies.flatMap((_, topology) => {
        const enemies = enemiesOver(board, topology);
        const need = (s: number): number =>
            enemies[s]?.has(s) === true ? (board.problem.services[s]?.replicas ?? 0) : 1;
        const order = [...enemies.keys()]
            .filter((s) => (enemies[s]?.size ?? 0) > 0)
            .sort((a, b) => need(b) - need(a) || a - b);
        const rank = new Map(order.map((s, i) => [s, i]));
        const covered = new Set<number>();
        return order.flatMap((seed) => {
            if (covered.has(seed)) return [];
            const clique = [seed];
            const near = [...(enemies[seed] ?? [])].filter((s) => s !== seed);
            for (const s of near.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))) {
                if (clique.every((other) => enemies[s]?.has(other))) clique.push(s);
            }
            for (const s of clique) covered.add(s);
            return clique.length > 1 ? crowded(board, topology, clique, need) : [];
        });
    });
}

/** For each service those that share no domain with it; itself, where its replicas share none. */
function enemiesOver({ problem }: Board, topology: number): Set<number>[] {
    const { services } = problem;
    const holders = new Map<number, number[]>();
    const runs = (s: number): boolean => (services[s]?.replicas ?? 0) > 0;
    for (const [s, { ports }] of services.entries()) {
        if (topology > 0 || !runs(s)) continue;
        for (const port of ports) {
            const known = holders.get(port);
            if (known === undefined) holders.set(port, [s]);
            else known.push(s);
        }
    }
    return services.map(({ apart, ports }, s) => {
        if (!runs(s)) return new Set();
        // Hosts are within any domain: what keeps apart over zones does so over hosts.
        const links = apart.filter((link) => topology === 0 || link.topology === topology);
        const others = new Set(links.map(({ service }) => service).filter(runs));
        if (topology === 0) for (const port of ports) for (const other of holders.get(port) ?? []) others.add(other);
        return others;
    });
}

function crowded(
    { problem, suits }: Board,
    topology: number,
    clique: readonly number[],
    need: (s: number) => number,
): Contradiction[] {
    const members = problem.topologies[topology]?.members ?? [];
    const anyInUse = problem.hosts.some(({ portsInUse }) => portsInUse.size > 0);
    // What may use the same domains is one group.
    const wishes = new Map<string, number[]>();
    const tables = [...new Set(clique.map((s) => suits.labelled[s]))];
    const tableOf = new Map(tables.map((table, i) => [table, i]));
    for (const s of clique) {
        const key = `${tableOf.get(suits.labelled[s])} ${anyInUse ? problem.services[s]?.ports.join() : ""}`;
        wishes.set(key, [...(wishes.get(key) ?? []), s]);
    }
    const groups = [...wishes.values()];
    const suited = (s: number, host: number): boolean =>
        suits.labelled[s]?.[host] === 1 &&
        !(anyInUse && problem.services[s]?.ports.some((port) => problem.hosts[host]?.portsInUse.has(port)));
    const domains = new Map<string, number>();
    for (const hosts of members) {
        const key = groups.map(([s]) => (hosts.some((host) => suited(s ?? 0, host)) ? 1 : 0)).join("");
        domains.set(key, (domains.get(key) ?? 0) + 1);
    }
    const kinds = [...domains.keys()];
    const rooms = [...domains.values()];
    const mayUse = (group: number, kind: number): boolean => kinds[kind]?.[group] === "1";
    const needs = groups.map((of) => of.reduce((sum, s) => sum + need(s), 0));
    return overfull(needs, rooms, mayUse).map((set) => {
        const usable = rooms.filter((_, kind) => set.some((group) => mayUse(group, kind)));
        const offered = usable.reduce((sum, count) => sum + count, 0);
        return {
            services: fewestExceeding(
                set.flatMap((group) => groups[group] ?? []),
                need,
                offered,
            ),
            isPart: ({ kind, of }) =>
                kind === "require" ||
                (kind === "ports" && topology === 0) ||
                (kind === "apart" && (topology === 0 || of === topology)),
        };
    });
}
