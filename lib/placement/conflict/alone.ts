import type { Board } from "../board";
import type { Contradiction } from "./contradiction";

/** Services that have too little room even if nothing else ran. */
export function alone(board: Board): Contradiction[] {
    return board.problem.services.flatMap(({ replicas }, s) =>
        replicas > mostAlone(board, s) ? [{ services: [s], isPart: () => true }] : [],
    );
}

/** A number of replicas that certainly no placement of the service exceeds. */
export function mostAlone(board: Board, s: number): number {
    const { services, topologies } = board.problem;
    const service = services[s];
    if (service === undefined || service.replicas === 0) return 0;
    const rooms = roomsOf(board, s);
    const own = service.apart.filter((link) => link.service === s);
    let most = sum(rooms);
    for (const { topology } of own) {
        const members = topologies[topology]?.members ?? [];
        most = Math.min(most, members.filter((hosts) => hosts.some((host) => (rooms[host] ?? 0) > 0)).length);
    }
    const { spread } = service;
    if (spread === undefined) return most;
    const cap = own.some(({ topology }) => topology === spread.topology) ? 1 : service.replicas;
    const domains = (board.suits.compared[s] ?? []).map((domain) => {
        const hosts = topologies[spread.topology]?.members[domain] ?? [];
        return Math.min(cap, sum(hosts.map((host) => rooms[host] ?? 0)));
    });
    // The emptiest domain holds no more than the smallest has room for; the others up to the skew more.
    const least = domains.reduce((a, b) => Math.min(a, b), service.replicas);
    return Math.min(most, sum(domains.map((room) => Math.min(room, least + spread.maxSkew))));
}

/** How many of the service each empty host has room for. */
function roomsOf({ problem, suits }: Board, s: number): number[] {
    const { demand = [], ports = [], apart = [], replicas = 0 } = problem.services[s] ?? {};
    const single = ports.length > 0 || apart.some((link) => link.service === s);
    return problem.hosts.map(({ capacity, portsInUse }, host) => {
        if (suits.labelled[s]?.[host] !== 1) return 0;
        if (portsInUse.size > 0 && ports.some((port) => portsInUse.has(port))) return 0;
        let room = single ? 1 : replicas;
        for (let d = 0; d < demand.length; d++) {
            const amount = demand[d] ?? 0;
            if (amount > 0) room = Math.min(room, Math.floor((capacity[d] ?? 0) / amount));
        }
        return room;
    });
}

function sum(amounts: readonly number[]): number {
    return amounts.reduce((all, amount) => all + amount, 0);
}
