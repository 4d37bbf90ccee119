import type { ContainerSetSpec } from "./containerSetSpec";

/** What `fusion graph` must know of a set beside where its replicas run, in the units of the placement. */
export interface SetFacts {
    /** Every host that the set may use, also those without a replica. What a host does not name is left out. */
    hosts: Record<string, { labels?: Record<string, string>; capacity?: Record<string, number> }>;
    /** What one replica takes. */
    demand: Record<string, number>;
    needs?: number;
    dependsOn?: readonly string[];
}

/** As plain values and sorted: they are shown in previews, and an unchanged program must not change them. */
export function setFacts({ hosts, service }: Pick<ContainerSetSpec, "hosts" | "service">): SetFacts {
    const named = hosts.map(({ name, labels, capacity }) => {
        const known = {
            ...(Object.keys(labels).length > 0 && { labels: sorted(labels) }),
            ...(Object.keys(capacity).length > 0 && { capacity: sorted({ ...capacity }) }),
        };
        return [name, known] as const;
    });
    return {
        hosts: sorted(Object.fromEntries(named)),
        demand: sorted({ ...service.demand }),
        ...(service.needs !== undefined && { needs: service.needs }),
        ...(service.dependsOn !== undefined && { dependsOn: [...service.dependsOn].sort() }),
    };
}

function sorted<T>(table: Readonly<Record<string, T>>): Record<string, T> {
    return Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
}
