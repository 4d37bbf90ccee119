import type { Board } from "./board";
import type { Link } from "./link";

/**
 * Whom to eject so that one more replica of a service fits on a host: those that anti-affinity forbids, then cheap ones
 * until there is room, then those who wanted to be with the ejected. Undefined when that is not possible without moving
 * a fixed replica, or a replica of the same service, which would gain nothing.
 *
 * @param price what ejecting each replica costs
 */
export function ejection(board: Board, s: number, host: number, price: Float64Array): number[] | undefined {
    if (board.closed[host] || !board.isLabelled(s, host) || !board.keepsSkew(s, host)) return undefined;
    const inUse = board.problem.hosts[host]?.portsInUse;
    if (board.problem.services[s]?.ports.some((port) => inUse?.has(port))) return undefined;
    if (board.missing(s, host) !== undefined) return undefined;
    const movable = (other: number): boolean => board.fixed[other] === 0 && board.service(other) !== s;
    const out = new Set(enemies(board, s, host));
    if (![...out].every(movable)) return undefined;
    if (!makeRoom(board, s, host, price, out)) return undefined;
    addFollowers(board, out);
    if (![...out].every(movable)) return undefined;
    const together = board.problem.services[s]?.together ?? [];
    const near = together.every(({ service, topology }) => remaining(board, service, host, topology, out) > 0);
    return near ? [...out] : undefined;
}

/** The replicas that anti-affinity keeps from sharing a domain with the service, and those that have its ports. */
function enemies(board: Board, s: number, host: number): number[] {
    const service = board.problem.services[s];
    const holders = (service?.ports ?? []).flatMap((port) => board.holder(port, host) ?? []);
    return [
        ...holders.flatMap((holder) => residentsOf(board, holder, host)),
        ...(service?.apart ?? []).flatMap((rule) => inDomain(board, rule, host)),
    ];
}

/** The replicas of a service in the domain of a host. */
function inDomain(board: Board, { service, topology }: Link, host: number): number[] {
    const domain = board.domain(host, topology);
    if (board.count(service, domain, topology) === 0) return [];
    const members = board.problem.topologies[topology]?.members[domain] ?? [];
    return members.flatMap((member) => residentsOf(board, service, member));
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
        for (const follower of board.problem.services[service]?.followers ?? []) {
            if (remaining(board, service, host, follower.topology, out) > 0) continue;
            for (const other of inDomain(board, follower, host)) out.add(other);
        }
    }
}

/** The replicas of a service in a host's domain without those in `out`. */
function remaining(board: Board, service: number, host: number, topology: number, out: ReadonlySet<number>): number {
    const domain = board.domain(host, topology);
    let count = board.count(service, domain, topology);
    for (const replica of out) {
        if (board.service(replica) !== service) continue;
        if (board.domain(board.hostOf[replica] ?? -1, topology) === domain) count--;
    }
    return count;
}
