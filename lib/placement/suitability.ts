import type { Problem } from "./canonical";
import type { Service } from "./link";

/**
 * Which hosts suit a service by their labels alone. Most services want the same, so that those with equal wishes share
 * one table.
 */
export class Suitability {
    /** For each service 1 for each host that bears what it needs: required values, and a value for each domain. */
    readonly labelled: readonly Uint8Array[];
    /** For each service 1 for each host that it prefers; undefined for a service that prefers none. */
    readonly preferred: readonly (Uint8Array | undefined)[];
    /** For each service the domains that its spread compares. */
    readonly compared: readonly (readonly number[])[];

    constructor(problem: Problem) {
        const { services, topologies } = problem;
        const tables = new Map<string, Uint8Array>();
        const table = (need: Service["require"], domains: readonly number[]): Uint8Array => {
            const key = JSON.stringify([[...need], domains]);
            const known = tables.get(key) ?? tableOf(problem, need, domains);
            tables.set(key, known);
            return known;
        };
        this.labelled = services.map((service) => table(service.require, service.topologies));
        this.preferred = services.map(({ prefer }) => (prefer.size === 0 ? undefined : table(prefer, [])));
        const known = new Map<string, readonly number[]>();
        this.compared = services.map(({ spread, require, topologies: needed }, s) => {
            if (spread === undefined) return [];
            const key = JSON.stringify([[...require], needed, spread.topology]);
            const members = topologies[spread.topology]?.members ?? [];
            const usable = this.labelled[s];
            const domains =
                known.get(key) ??
                [...members.keys()].filter((domain) => members[domain]?.some((host) => usable?.[host] === 1));
            known.set(key, domains);
            return domains;
        });
    }
}

function tableOf({ hosts, topologies }: Problem, need: Service["require"], domains: readonly number[]): Uint8Array {
    const wanted = [...need].map(([label, values]) => [label, new Set(values)] as const);
    return Uint8Array.from(hosts, ({ labels }, host) => {
        const good = wanted.every(([label, values]) => values.has(labels.get(label) ?? "") && labels.has(label));
        const whole = domains.every((topology) => (topologies[topology]?.domainOf[host] ?? -1) >= 0);
        return good && whole ? 1 : 0;
    });
}
