import type { Board } from "./board";

/**
 * Whom to eject so that one more replica of a service fits on a host: those that anti-affinity forbids, then cheap ones
 * until there is room, then those who wanted to be with the ejected. Undefined when that is not possible without moving
 * a fixed replica, or a replica of the same service, which would gain nothing.
 *
 * @param price what ejecting each replica costs
 */
export function ejection(board: Board, s: number, host: number, price: Float64Array): number[] | undefined {
    if (board.closed[host] || !board.isLabelled(s, host) || !board.keepsSkew(s, host)) return undefined;
    if (board.missing(s, host) !== undefined) return undefined;
    const movable = (other: number): boolean => board.fixed[other] === 0 && board.service(other) !== s;
    const out = new Set(enemies(board, s, host));
    if (![...out].every(movable)) return undefined;
    if (!makeRoom(board, s, host, price, out)) return undefined;
    addFollowers(board, out);
    if (![...out].every(movable)) return undefined;
    const together = board.problem.services[s]?.together ?? [];
    return together.every((friend) => remaining(board, friend, host, out) > 0) ? [...out] : undefined;
}

/** The replicas that anti-affinity keeps from sharing a domain with the service. */
function enemies(board: Board, s: number, host: number): number[] {
    const { services, topologies } = board.problem;
    return (services[s]?.apart ?? []).flatMap((rule) => {
        const domain = board.domain(host, rule.topology);
        if (board.count(rule.service, domain, rule.topology) === 0) return [];
        const members = topologies[rule.topology]?.members[domain] ?? [];
        return members.flatMap((member) => residentsOf(board, rule.service, member));
    });
}

function residentsOf(board: Board, service: number, host: number): number[] {
    return (board.residents[host] ?? []).filter((replica) => board.service(replica) === service);
}

/** Adds replicas to `out` until one more of the service has room; false when there is no room even so. */
function makeRoom(board: Board, s: number, host: number, price: Float64Array, out: Set<number>): boolean {
    const demandOf = (service: number): readonly number[] => board.problem.services[service]?.demand ?? [];
    const short = demandOf(s).map((amount, d) => amount - board.left(host, d));
    const release = (replica: number, sign: number): void => {
        for (const [d, amount] of demandOf(board.service(replica)).entries())
            short[d] = (short[d] ?? 0) - sign * amount;
    };
    const roomy = (): boolean => short.every((amount) => amount <= 0);
    for (const replica of out) if (board.hostOf[replica] === host) release(replica, 1);
    if (roomy()) return true;
    const cheap = (board.residents[host] ?? [])
        .filter((replica) => board.fixed[replica] === 0 && board.service(replica) !== s && !out.has(replica))
        .sort((a, b) => (price[a] ?? 0) - (price[b] ?? 0) || a - b);
    const added: number[] = [];
    for (const replica of cheap) {
        if (roomy()) break;
        const demand = demandOf(board.service(replica));
        if (!demand.some((amount, d) => amount > 0 && (short[d] ?? 0) > 0)) continue;
        release(replica, 1);
        added.push(replica);
    }
    if (!roomy()) return false;
    // A large one that came late can make the small ones before it needless; the dear ones are spared first.
    for (const replica of added.reverse()) {
        release(replica, -1);
        if (roomy()) continue;
        release(replica, 1);
        out.add(replica);
    }
    return true;
}

/** Adds those whose affinity would be broken: the last replica of a service they want to be with leaves their host. */
function addFollowers(board: Board, out: Set<number>): void {
    // The set grows while it is walked, so that followers of followers are reached.
    for (const replica of out) {
        const service = board.service(replica);
        const host = board.hostOf[replica] ?? -1;
        if (remaining(board, service, host, out) > 0) continue;
        for (const follower of board.problem.services[service]?.followers ?? []) {
            for (const other of residentsOf(board, follower, host)) out.add(other);
        }
    }
}

/** The replicas of a service on a host without those in `out`. */
function remaining(board: Board, service: number, host: number, out: ReadonlySet<number>): number {
    let count = board.count(service, host);
    for (const replica of out) if (board.hostOf[replica] === host && board.service(replica) === service) count--;
    return count;
}
