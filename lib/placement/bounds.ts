import type { Board } from "./board";
import type { Service } from "./link";
import { hostCosts, shareOf } from "./objective";

/**
 * A number that no placement of the replicas that are placed now can go below, wherever they are put. Sums and
 * pigeonholes, exact in whole numbers; each is a relaxation that drops some of the requirements.
 */
export function lowerBound(board: Board): number {
    switch (board.problem.goal) {
        case "spread":
            return board.problem.services.reduce((sum, service, s) => sum + fewestPairs(board, s, service), 0);
        case "balance":
            return leastShare(board);
        default:
            return leastCost(board, hostCosts(board.problem));
    }
}

/** A number that no placement of these replicas misses fewer preferences than. */
export function missedBound(board: Board): number {
    let missed = 0;
    for (const [s, service] of board.problem.services.entries()) {
        const preferred = board.suits.preferred[s];
        if (preferred === undefined) continue;
        const room = roomsFor(board, s, service).reduce((sum, of, host) => sum + (preferred[host] === 1 ? of : 0), 0);
        missed += Math.max(0, placedOf(board, service) - room);
    }
    return missed;
}

function placedOf(board: Board, { first, replicas }: Service): number {
    let placed = 0;
    for (let i = first; i < first + replicas; i++) if ((board.hostOf[i] ?? -1) >= 0) placed++;
    return placed;
}

/** How many of the service each host could run if nothing else did. */
function roomsFor(board: Board, s: number, service: Service): number[] {
    const apart = service.ports.length > 0 || service.apart.some((rule) => rule.service === s);
    return board.problem.hosts.map(({ capacity }, host) => {
        let room = board.isLabelled(s, host) ? (apart ? 1 : service.replicas) : 0;
        for (const [d, amount] of service.demand.entries()) {
            if (amount > 0) room = Math.min(room, Math.floor((capacity[d] ?? 0) / amount));
        }
        return room;
    });
}

/** Pigeonhole on one service alone: the replica that becomes the n-th on its host makes n - 1 pairs. */
function fewestPairs(board: Board, s: number, service: Service): number {
    let rest = placedOf(board, service);
    if (rest <= 1 || service.apart.some((rule) => rule.service === s)) return 0;
    const rooms = roomsFor(board, s, service);
    let pairs = 0;
    for (let before = 0; rest > 0; before++) {
        const here = Math.min(rest, rooms.filter((room) => room > before).length);
        if (here === 0) break;
        pairs += here * before;
        rest -= here;
    }
    return pairs;
}

/**
 * The amounts of the replicas that are placed, the largest first. Their sums are exact: the problem was checked for it.
 */
function demands(board: Board, dimension: number): number[] {
    const amounts: number[] = [];
    for (const service of board.problem.services) {
        const amount = service.demand[dimension] ?? 0;
        if (amount > 0) for (let i = placedOf(board, service); i > 0; i--) amounts.push(amount);
    }
    return amounts.sort((a, b) => b - a);
}

/**
 * The fullest host holds at least the average; and of the k x hosts + 1 largest replicas some host holds k + 1, which
 * weigh no less than the k + 1 smallest of those (bounds of multiprocessor scheduling, Coffman, Garey and Johnson
 * 1978).
 */
function leastShare(board: Board): number {
    let least = 0;
    for (const d of board.problem.dimensions.keys()) {
        const capacities = board.problem.hosts.map(({ capacity }) => capacity[d] ?? 0).filter((amount) => amount > 0);
        const sums = [0];
        for (const amount of demands(board, d)) sums.push((sums.at(-1) ?? 0) + amount);
        const all = sums.length - 1;
        if (all === 0) continue;
        least = Math.max(least, shareOf(BigInt(sums[all] ?? 0), BigInt(sumOf(capacities))));
        const most = capacities.reduce((a, b) => Math.max(a, b), 0);
        for (let k = 0; k * capacities.length < all; k++) {
            const last = k * capacities.length + 1;
            const crowd = (sums[last] ?? 0) - (sums[last - k - 1] ?? 0);
            least = Math.max(least, shareOf(BigInt(crowd), BigInt(most)));
        }
    }
    return least;
}

/** The cheapest hosts that could do: by the sum of each dimension, by its bulky replicas, and by each service alone. */
function leastCost(board: Board, costs: readonly number[]): number {
    const dearest = costs.reduce((a, b) => Math.max(a, b), 0);
    let least = 0;
    for (const d of board.problem.dimensions.keys()) {
        const capacities = board.problem.hosts.map(({ capacity }) => capacity[d] ?? 0);
        const amounts = demands(board, d);
        const most = capacities.reduce((a, b) => Math.max(a, b), 0);
        // Two replicas that each take more than half of the largest host never share one.
        const bulky = amounts.filter((amount) => amount > most - amount).length;
        least = Math.max(least, cheapestCover(costs, capacities, sumOf(amounts)), cheapest(costs, bulky));
    }
    for (const [s, service] of board.problem.services.entries()) {
        const rooms = roomsFor(board, s, service);
        const hosts = fewestHosts(rooms, placedOf(board, service));
        // Most services alone need few hosts: no need to look which.
        if (hosts * dearest <= least) continue;
        const usable = costs.filter((_, host) => (rooms[host] ?? 0) > 0);
        least = Math.max(least, cheapest(usable, hosts));
    }
    return least;
}

/** How many hosts it takes at least for `placed` replicas. */
function fewestHosts(rooms: readonly number[], placed: number): number {
    let rest = placed;
    let hosts = 0;
    for (const room of [...rooms].sort((a, b) => b - a)) {
        if (rest <= 0) break;
        rest -= room;
        hosts++;
    }
    return hosts;
}

function sumOf(amounts: readonly number[]): number {
    return amounts.reduce((sum, amount) => sum + amount, 0);
}

/** The cost of the `count` cheapest. */
function cheapest(costs: readonly number[], count: number): number {
    return sumOf([...costs].sort((a, b) => a - b).slice(0, count));
}

/**
 * The least cost of hosts whose capacities reach `amount`, when a part of a host may be taken (Dantzig 1957), rounded
 * up. In BigInt, since a bound that is too high by a rounding error would be wrong.
 */
function cheapestCover(costs: readonly number[], capacities: readonly number[], amount: number): number {
    const offers = costs
        .map((cost, host) => ({ cost: BigInt(cost), capacity: BigInt(capacities[host] ?? 0) }))
        .filter(({ capacity }) => capacity > 0n)
        .sort((a, b) => Number(a.cost * b.capacity - b.cost * a.capacity));
    let total = 0n;
    let rest = BigInt(amount);
    for (const { cost, capacity } of offers) {
        if (rest <= capacity) return Number(total + (cost * rest + capacity - 1n) / capacity);
        total += cost;
        rest -= capacity;
    }
    return Number(total);
}
