import { chainLengths } from "./chains";

/** A service's own statements, by number. */
export interface Stated {
    readonly name: string;
    /** Its replicas are numbered from `first` to `first + replicas - 1`. */
    readonly first: number;
    readonly replicas: number;
    /** The replicas' names. */
    readonly replicaNames: readonly string[];
    /** Amount a dimension. */
    readonly demand: readonly number[];
    /** Label to values, both sorted. */
    readonly require: ReadonlyMap<string, readonly string[]>;
    /** Label to values, both sorted. */
    readonly prefer: ReadonlyMap<string, readonly string[]>;
    /** One of each group: see `portGroups` of the problem. */
    readonly ports: readonly number[];
    /** At most one rule a topology. */
    readonly apartRules: readonly Rule[];
    readonly togetherRules: readonly Rule[];
    readonly spread: { readonly topology: number; readonly maxSkew: number } | undefined;
}

export interface Rule {
    readonly topology: number;
    readonly services: readonly number[];
}

/** A service with what the statements of others mean for it. */
export interface Service extends Stated {
    /** Services that share no domain with this one; each rule is noted at both services. */
    readonly apart: readonly Link[];
    /** Services of which each must have a replica in the same domain. */
    readonly together: readonly Link[];
    /** The services whose `together` names this one. */
    readonly followers: readonly Link[];
    /** The topologies of which a host needs a domain to be used. */
    readonly topologies: readonly number[];
    /** 0 without affinity, else one more than the deepest service it wants to be with: the order to place in. */
    readonly depth: number;
}

export interface Link {
    readonly service: number;
    readonly topology: number;
}

/** Notes each rule at every service that it binds. The cost is that of all rules written out in pairs. */
export function link(stated: readonly Stated[]): Service[] {
    const together = stated.map(({ togetherRules }) => pairs(togetherRules));
    const followers = stated.map((): Link[] => []);
    const apart = stated.map((): Map<string, Link> => new Map());
    for (const [s, { apartRules, replicas }] of stated.entries()) {
        for (const { service, topology } of together[s] ?? []) followers[service]?.push({ service: s, topology });
        // Of a service without replicas nothing is to be kept away from.
        if (replicas === 0) continue;
        for (const { service, topology } of pairs(apartRules)) {
            apart[s]?.set(`${service} ${topology}`, { service, topology });
            apart[service]?.set(`${s} ${topology}`, { service: s, topology });
        }
    }
    const depths = chainLengths(together.map((links) => links.map(({ service }) => service)));
    return stated.map((service, s) => {
        const keptApart = [...(apart[s]?.values() ?? [])];
        const needed = [
            ...service.apartRules,
            ...keptApart,
            ...(together[s] ?? []),
            ...(service.spread ? [service.spread] : []),
        ].map(({ topology }) => topology);
        return {
            ...service,
            apart: keptApart.sort((a, b) => a.topology - b.topology || a.service - b.service),
            together: together[s] ?? [],
            followers: followers[s] ?? [],
            topologies: [...new Set(needed)].sort((a, b) => a - b),
            depth: depths[s] ?? 0,
        };
    });
}

function pairs(rules: readonly Rule[]): Link[] {
    return rules.flatMap(({ topology, services }) => services.map((service) => ({ service, topology })));
}
