import { type PlacementHost, type PlacementProblem, type PlacementService, place } from "../../../lib/placement";

/** What a problem of {@link afterLoss} is like. */
export interface Loss {
    readonly seed: number;
    readonly hosts: number;
    readonly replicas: number;
    /** How much of the hosts that are left is demanded, in percent. */
    readonly load: number;
}

/**
 * Replicas that run on some hosts, one of which is lost; what is left is as full as asked for. Services have one to
 * five replicas and two dimensions.
 */
export function afterLoss({ seed, hosts, replicas, load }: Loss): PlacementProblem {
    let state = seed;
    const random = (most: number): number => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return Math.floor((state / 2 ** 32) * most);
    };
    const services: PlacementService[] = [];
    for (let left = replicas; left > 0; ) {
        const count = Math.min(left, 1 + random(5));
        left -= count;
        const name = `s${services.length}`;
        const apart = count > 1 && count < hosts - 1 && random(3) === 0 ? { antiAffinity: { with: [name] } } : {};
        services.push({ name, replicas: count, demand: { cpu: 5 + random(60), memory: 5 + random(60) }, ...apart });
    }
    const sum = (dimension: string): number =>
        services.reduce((total, one) => total + one.replicas * (one.demand?.[dimension] ?? 0), 0);
    const capacity = (dimension: string): number => Math.ceil((sum(dimension) * 100) / load / (hosts - 1));
    const all: PlacementHost[] = Array.from({ length: hosts }, (_, i) => ({
        name: `vm${i}`,
        capacity: { cpu: capacity("cpu"), memory: capacity("memory") },
    }));
    const { assignment } = place({ hosts: all, services, objective: "balance", effort: "fast" });
    const lost = random(hosts);
    return { hosts: all.filter((_, i) => i !== lost), services, previous: assignment, objective: "balance" };
}
