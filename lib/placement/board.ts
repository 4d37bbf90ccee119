import type { Problem } from "./canonical";
import type { Link } from "./link";
import { Suitability } from "./suitability";

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
    readonly suits: Suitability;
    private readonly dimensions: number;
    /** What is left, host by host and within it dimension by dimension. */
    private readonly free: Float64Array;
    private readonly capacity: Float64Array;
    /** Amounts service by service, within it dimension by dimension. */
    private readonly demand: Float64Array;
    /** For each topology the replicas of a service in a domain, service by service. */
    private readonly counts: readonly Int32Array[];
    /** For each host the ports that services have there, and which service has each. */
    private readonly ports: readonly Map<number, number>[];

    constructor(readonly problem: Problem) {
        const { hosts, services, topologies, serviceOf, dimensions } = problem;
        this.dimensions = dimensions.length;
        this.hostOf = new Int32Array(serviceOf.length).fill(NOWHERE);
        this.fixed = new Uint8Array(serviceOf.length);
        this.closed = new Uint8Array(hosts.length);
        this.residents = hosts.map(() => []);
        this.homeless = serviceOf.length;
        this.capacity = Float64Array.from(hosts.flatMap(({ capacity }) => capacity));
        this.free = this.capacity.slice();
        this.demand = Float64Array.from(services.flatMap(({ demand }) => demand));
        this.counts = topologies.map(({ members }) => new Int32Array(services.length * members.length));
        this.ports = hosts.map(() => new Map());
        this.suits = new Suitability(problem);
    }

    put(replica: number, host: number): void {
        this.shift(this.service(replica), host, 1);
        this.hostOf[replica] = host;
        this.residents[host]?.push(replica);
        this.homeless--;
    }

    take(replica: number): void {
        const host = this.hostOf[replica] ?? NOWHERE;
        this.shift(this.service(replica), host, -1);
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

    /** Notes one replica of a service more on a host, or one less, whichever it is. */
    shift(service: number, host: number, sign: 1 | -1): void {
        const { dimensions, free, demand } = this;
        const base = host * dimensions;
        const from = service * dimensions;
        for (let d = 0; d < dimensions; d++) {
            free[base + d] = (free[base + d] ?? 0) - sign * (demand[from + d] ?? 0);
        }
        const { topologies, services } = this.problem;
        for (let t = 0; t < topologies.length; t++) {
            const domain = topologies[t]?.domainOf[host] ?? -1;
            const counts = this.counts[t];
            if (counts === undefined || domain < 0) continue;
            const place = service * (topologies[t]?.members.length ?? 0) + domain;
            counts[place] = (counts[place] ?? 0) + sign;
        }
        for (const port of services[service]?.ports ?? []) {
            if (sign === 1) this.ports[host]?.set(port, service);
            else this.ports[host]?.delete(port);
        }
    }

    service(replica: number): number {
        return this.problem.serviceOf[replica] ?? 0;
    }

    left(host: number, dimension: number): number {
        return this.free[host * this.dimensions + dimension] ?? 0;
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
        return this.suits.labelled[service]?.[host] === 1;
    }

    /** Whether one more replica of the service keeps every requirement there. */
    fits(service: number, host: number): boolean {
        return this.fitsButSkew(service, host) && this.keepsSkew(service, host);
    }

    /** Every requirement but the spread: once lost by placing more of the same service, it is lost for good. */
    fitsButSkew(service: number, host: number): boolean {
        return this.fitsAlone(service, host) && this.missing(service, host) === undefined;
    }

    /** Every requirement but the spread and affinity: what only more replicas on the board can take away. */
    fitsAlone(service: number, host: number): boolean {
        return (
            this.closed[host] === 0 &&
            this.isLabelled(service, host) &&
            this.hasRoom(service, host) &&
            this.conflict(service, host) === undefined &&
            this.takenPort(service, host) === undefined
        );
    }

    hasRoom(service: number, host: number): boolean {
        const { dimensions, free, demand } = this;
        const base = host * dimensions;
        const from = service * dimensions;
        for (let d = 0; d < dimensions; d++) if ((free[base + d] ?? 0) < (demand[from + d] ?? 0)) return false;
        return true;
    }

    /** The first rule of anti-affinity that forbids the host. */
    conflict(service: number, host: number): Link | undefined {
        const rules = this.problem.services[service]?.apart;
        if (rules === undefined || rules.length === 0) return undefined;
        for (const rule of rules) {
            if (this.count(rule.service, this.domain(host, rule.topology), rule.topology) > 0) return rule;
        }
        return undefined;
    }

    /** The first of the service's ports that is taken on the host. */
    takenPort(service: number, host: number): number | undefined {
        const ports = this.problem.services[service]?.ports;
        if (ports === undefined || ports.length === 0) return undefined;
        const inUse = this.problem.hosts[host]?.portsInUse;
        return ports.find((port) => this.ports[host]?.has(port) || inUse?.has(port));
    }

    /** The service that has a port on a host. */
    holder(port: number, host: number): number | undefined {
        return this.ports[host]?.get(port);
    }

    /** The first service of `affinity` that has no replica in the host's domain. */
    missing(service: number, host: number): Link | undefined {
        const links = this.problem.services[service]?.together;
        if (links === undefined || links.length === 0) return undefined;
        return links.find((link) => this.count(link.service, this.domain(host, link.topology), link.topology) === 0);
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
        for (const domain of this.suits.compared[service] ?? []) {
            least = Math.min(least, this.count(service, domain, topology));
        }
        return least;
    }

    /** The share of the host's capacity, in millionths, that would be taken in the fullest dimension. */
    share(host: number, service?: number): number {
        const { dimensions, free, demand, capacity } = this;
        const base = host * dimensions;
        const from = service === undefined ? -1 : service * dimensions;
        let share = 0;
        for (let d = 0; d < dimensions; d++) {
            const whole = capacity[base + d] ?? 0;
            const taken = whole - (free[base + d] ?? 0) + (from < 0 ? 0 : (demand[from + d] ?? 0));
            if (taken > 0) share = Math.max(share, Math.ceil((taken * WHOLE) / whole));
        }
        return share;
    }
}
