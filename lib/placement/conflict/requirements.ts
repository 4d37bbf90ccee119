import type { Problem } from "../canonical";
import type { Stated } from "../link";
import { namesOfPorts } from "../ports";
import { at } from "../read";

/** One requirement of a problem. */
export interface Requirement {
    readonly path: string;
    readonly says: string;
    /** The services without which it says nothing: its own first, then those that it names. */
    readonly services: readonly number[];
    readonly kind: "demand" | "require" | "ports" | "apart" | "together" | "spread";
    /** The number of the dimension, or of the topology, that it is about. */
    readonly of?: number;
    /** Adds the requirement to a service that lacks it. */
    readonly addTo: (service: Stated) => Stated;
}

/** Every requirement of a problem, in the order of the services' names; services without replicas require nothing. */
export function requirementsOf(problem: Problem): Requirement[] {
    return problem.services.flatMap((service, s) =>
        service.replicas === 0
            ? []
            : [...demands(problem, service, s), ...labels(service, s), ...rules(problem, service, s)],
    );
}

function pathOf({ name }: Stated): string {
    return at("services", name);
}

function demands({ dimensions }: Problem, service: Stated, s: number): Requirement[] {
    return dimensions.flatMap((dimension, d) => {
        const amount = service.demand[d] ?? 0;
        if (amount === 0) return [];
        return {
            path: at(`${pathOf(service)}.demand`, dimension),
            says: `${service.replicas} x ${service.name} with ${amount} ${dimension} each`,
            services: [s],
            kind: "demand",
            of: d,
            addTo: (to: Stated) => ({ ...to, demand: to.demand.map((of, i) => (i === d ? amount : of)) }),
        };
    });
}

function labels(service: Stated, s: number): Requirement[] {
    return [...service.require].map(([label, values]) => ({
        path: at(`${pathOf(service)}.require`, label),
        says: `${service.name} only where ${label} is ${values.join(" or ")}`,
        services: [s],
        kind: "require",
        addTo: (to: Stated) => ({ ...to, require: new Map([...to.require, [label, values]]) }),
    }));
}

function rules({ topologies, services: all, portGroups }: Problem, service: Stated, s: number): Requirement[] {
    const { name, apartRules, togetherRules, spread, ports, replicas } = service;
    const label = (topology: number): string => topologies[topology]?.label ?? "";
    const names = (services: readonly number[]): string => services.map((other) => all[other]?.name ?? "").join(", ");
    // Rules over the same label are one; where there are several, the label tells them apart.
    const path = (field: string, topology: number, of: readonly unknown[]): string =>
        of.length > 1 ? at(`${pathOf(service)}.${field}`, label(topology)) : `${pathOf(service)}.${field}`;
    const found: Requirement[] = [];
    if (ports.length > 0) {
        const every = ports.flatMap((port) => portGroups.get(port) ?? []).sort((a, b) => a - b);
        const says = `${replicas} x ${name} with port ${namesOfPorts(every)} of the host`;
        found.push({
            path: `${pathOf(service)}.ports`,
            says,
            services: [s],
            kind: "ports",
            addTo: (to) => ({ ...to, ports }),
        });
    }
    for (const { topology, services } of apartRules) {
        const own = services.includes(s) ? [`each replica of ${name} on a ${label(topology)} of its own`] : [];
        const others = services.filter((other) => other !== s);
        const rest = others.length > 0 ? [`${name} on no ${label(topology)} with ${names(others)}`] : [];
        found.push({
            path: path("antiAffinity", topology, apartRules),
            says: [...own, ...rest].join(", "),
            services: [s, ...others],
            kind: "apart",
            of: topology,
            addTo: (to) => ({ ...to, apartRules: [...to.apartRules, { topology, services }] }),
        });
    }
    for (const { topology, services } of togetherRules) {
        found.push({
            path: path("affinity", topology, togetherRules),
            says: `${name} on the same ${label(topology)} as ${names(services)}`,
            services: [s, ...services],
            kind: "together",
            of: topology,
            addTo: (to) => ({ ...to, togetherRules: [...to.togetherRules, { topology, services }] }),
        });
    }
    if (spread !== undefined) {
        const says = `${name} spread over ${label(spread.topology)} with a skew of at most ${spread.maxSkew}`;
        found.push({
            path: `${pathOf(service)}.spreadOver`,
            says,
            services: [s],
            kind: "spread",
            of: spread.topology,
            addTo: (to) => ({ ...to, spread }),
        });
    }
    return found;
}

/** The service with nothing but its name and its replicas. */
export function bare(service: Stated): Stated {
    return {
        ...service,
        demand: service.demand.map(() => 0),
        require: new Map(),
        prefer: new Map(),
        ports: [],
        apartRules: [],
        togetherRules: [],
        spread: undefined,
    };
}
