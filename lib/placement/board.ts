import type { Problem, Service } from "./canonical";

/** No host. */
export const NOWHERE = -1;

/** Shares of a capacity are counted in millionths, rounded up. */
export const WHOLE = 1_000_000;

/**
 * A placement in the making: which replica is where, what is left of each host, and how many replicas of a service each
 * domain holds. Placing and taking back cost a few additions; every question about a requirement is answered from these
 * counts.
 */
export class Board {
    /** Replica to host, or NOWHERE. */
    readonly hostOf: Int32Array;
    /** Replicas that stay where they are: they ran there before, and still fit. */
    readonly fixed: Uint8Array;
    /** Hosts that take nothing for now. */
    readonly closed: Uint8Array;
    /** Host to its replicas, in no order that may be relied on. */
    readonly residents: readonly number[][];
    /** How many replicas are nowhere. */
    homeless: number;
    /** What is left, host by host and within it dimension by dimension. */
    private readonly free: Float64Array;
    /** For each topology the replicas of a service in a domain, service by service. */
    private readonly counts: readonly Int32Array[];
    /** For each service the domains that its spread compares. */
    private readonly compared: readonly (readonly number[])[];
    /** Whether a host bears the labels that a service needs, service by service. */
    private readonly labelled: Uint8Array;

    constructor(readonly problem: Problem) {
        const { hosts, services, topologies, serviceOf } = problem;
        this.hostOf = new Int32Array(serviceOf.length).fill(NOWHERE);
        this.fixed = new Uint8Array(serviceOf.length);
        this.closed = new Uint8Array(hosts.length);
        this.residents = hosts.map(() => []);
        this.homeless = serviceOf.length;
        this.free = Float64Array.from(hosts.flatMap(({ capacity }) => capacity));
        this.counts = topologies.map(({ members }) => new Int32Array(services.length * members.length));
        this.labelled = new Uint8Array(services.length * hosts.length);
        services.forEach((service, s) => void this.markLabelled(service, s));
        this.compared = services.map(({ spread }, s) => {
            const members = topologies[spread?.topology ?? -1]?.members ?? [];
            return [...members.keys()].filter((domain) => members[domain]?.some((host) => this.isLabelled(s, host)));
        });
    }

    put(replica: number, host: number): void {
        this.shift(replica, host, 1);
        this.hostOf[replica] = host;
        this.residents[host]?.push(replica);
        this.homeless--;
    }

    take(replica: number): void {
        const host = this.hostOf[replica] ?? NOWHERE;
        this.shift(replica, host, -1);
        this.hostOf[replica] = NOWHERE;
        const residents = this.residents[host] ?? [];
        residents.splice(residents.indexOf(replica), 1);
        this.homeless++;
    }

    /** Brings every replica to where `hostOf` has it. */
    restore(hostOf: Int32Array): void {
        const changed = [...hostOf.keys()].filter((replica) => this.hostOf[replica] !== hostOf[replica]);
        for (const replica of changed) if (this.hostOf[replica] !== NOWHERE) this.take(replica);
        for (const replica of changed) {
            const host = hostOf[replica] ?? NOWHERE;
            if (host !== NOWHERE) this.put(replica, host);
        }
    }

    service(replica: number): number {
        return this.problem.serviceOf[replica] ?? 0;
    }

    left(host: number, dimension: number): number {
        return this.free[host * this.problem.dimensions.length + dimension] ?? 0;
    }

    /** The replicas of a service in a domain of a topology; on a host, when the topology is 0. */
    count(service: number, domain: number, topology = 0): number {
        const domains = this.problem.topologies[topology]?.members.length ?? 0;
        return this.counts[topology]?.[service * domains + domain] ?? 0;
    }

    domain(host: number, topology: number): number {
        return this.problem.topologies[topology]?.domainOf[host] ?? -1;
    }

    /** Whether the service could ever run there as far as labels go: required values, and a value for each domain. */
    isLabelled(service: number, host: number): boolean {
        return this.labelled[service * this.problem.hosts.length + host] === 1;
    }

    /** Whether one more replica of the service keeps every requirement there. */
    fits(service: number, host: number): boolean {
        return this.fitsButSkew(service, host) && this.keepsSkew(service, host);
    }

    /** Every requirement but the spread: once lost by placing more of the same service, it is lost for good. */
    fitsButSkew(service: number, host: number): boolean {
        return (
            this.closed[host] === 0 &&
            this.isLabelled(service, host) &&
            this.hasRoom(service, host) &&
            this.conflict(service, host) === undefined &&
            this.missing(service, host) === undefined
        );
    }

    hasRoom(service: number, host: number): boolean {
        const demand = this.problem.services[service]?.demand ?? [];
        const base = host * demand.length;
        for (let d = 0; d < demand.length; d++) if ((this.free[base + d] ?? 0) < (demand[d] ?? 0)) return false;
        return true;
    }

    /** The first rule of anti-affinity that forbids the host. */
    conflict(service: number, host: number): Service["apart"][number] | undefined {
        const rules = this.problem.services[service]?.apart ?? [];
        return rules.find((rule) => this.count(rule.service, this.domain(host, rule.topology), rule.topology) > 0);
    }

    /** The first service of `affinity` that has no replica on the host. */
    missing(service: number, host: number): number | undefined {
        return this.problem.services[service]?.together.find((other) => this.count(other, host) === 0);
    }

    keepsSkew(service: number, host: number): boolean {
        const spread = this.problem.services[service]?.spread;
        if (spread === undefined) return true;
        const here = this.count(service, this.domain(host, spread.topology), spread.topology);
        return here + 1 - this.least(service) <= spread.maxSkew;
    }

    /** The replicas in the emptiest domain of the service's spread. */
    least(service: number): number {
        const topology = this.problem.services[service]?.spread?.topology ?? 0;
        let least = Number.POSITIVE_INFINITY;
        for (const domain of this.compared[service] ?? []) {
            least = Math.min(least, this.count(service, domain, topology));
        }
        return least;
    }

    /** By how much the skew of all services together is too large. More than 0 only by replicas that ran before. */
    excessSkew(): number {
        let excess = 0;
        this.problem.services.forEach(({ spread }, service) => {
            if (spread === undefined) return;
            let most = 0;
            for (const domain of this.compared[service] ?? []) {
                most = Math.max(most, this.count(service, domain, spread.topology));
            }
            excess += Math.max(0, most - this.least(service) - spread.maxSkew);
        });
        return excess;
    }

    /** The largest share of the host's capacity taken in any dimension, if one more replica of `service` were there. */
    share(host: number, service?: number): number {
        const demand = service === undefined ? undefined : this.problem.services[service]?.demand;
        const capacity = this.problem.hosts[host]?.capacity ?? [];
        let share = 0;
        for (let d = 0; d < capacity.length; d++) {
            const whole = capacity[d] ?? 0;
            const taken = whole - (this.free[host * capacity.length + d] ?? 0) + (demand?.[d] ?? 0);
            if (taken > 0) share = Math.max(share, Math.ceil((taken * WHOLE) / whole));
        }
        return share;
    }

    private shift(replica: number, host: number, sign: number): void {
        const s = this.service(replica);
        const demand = this.problem.services[s]?.demand ?? [];
        const base = host * demand.length;
        for (let d = 0; d < demand.length; d++) {
            this.free[base + d] = (this.free[base + d] ?? 0) - sign * (demand[d] ?? 0);
        }
        this.problem.topologies.forEach(({ domainOf, members }, t) => {
            const counts = this.counts[t];
            const domain = domainOf[host] ?? -1;
            if (counts === undefined || domain < 0) return;
            const place = s * members.length + domain;
            counts[place] = (counts[place] ?? 0) + sign;
        });
    }

    private markLabelled(service: Service, s: number): void {
        const { hosts, topologies } = this.problem;
        const needed = [...service.apart, ...(service.spread ? [service.spread] : [])].map(({ topology }) => topology);
        const require = [...service.require];
        hosts.forEach(({ labels }, host) => {
            const good = require.every(([label, values]) => values.includes(labels.get(label) ?? ""));
            const whole = needed.every((topology) => (topologies[topology]?.domainOf[host] ?? -1) >= 0);
            this.labelled[s * hosts.length + host] = good && whole ? 1 : 0;
        });
    }
}
