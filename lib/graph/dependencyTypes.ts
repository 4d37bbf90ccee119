import type { Bounds } from "./types";

/** The graph of services and what each depends on. Directed where it is about stopping, else without directions. */
export interface DependencyReport {
    /** All services, sorted by name. */
    readonly services: readonly ServiceDependency[];
    /** Services that depend on each other, directly or not: none serves without all others. Sorted. */
    readonly circles: readonly (readonly string[])[];
    /**
     * Services without which the graph, read without directions, falls into more parts: what is on one side reaches the
     * other only through them. Sorted.
     */
    readonly articulationPoints: readonly string[];
    /** The connected parts of at least two services, the largest first. */
    readonly components: readonly DependencyComponent[];
}

export interface ServiceDependency {
    readonly service: string;
    /** Directly, without itself, sorted. */
    readonly dependsOn: readonly string[];
    /** How many services it needs, directly or not, without itself. */
    readonly needed: number;
    /** Its blast radius: how many other services stop when it stops. */
    readonly stopped: number;
    /** The first 100 of those, by name. */
    readonly stops: readonly string[];
    /** `when db stops, api and web stop`. */
    readonly sentence: string;
}

/** How tightly a connected part of the dependency graph, read without directions, hangs together. */
export interface DependencyComponent {
    /** Sorted. */
    readonly services: readonly string[];
    /** Pairs of services of which one depends on the other. */
    readonly links: number;
    /**
     * Second smallest eigenvalue of the Laplacian (Fiedler 1973): near 0 when few links hold two large parts together,
     * up to the number of services when all are linked. Exact up to 300 services.
     */
    readonly fiedler: Bounds;
    /**
     * Sum of the effective resistances of all pairs, each link 1 ohm (Kirchhoff index; Ellens et al. 2011): small when
     * there are many short ways between all services. Exact up to 300 services.
     */
    readonly effectiveResistance: Bounds;
    /**
     * ln of the mean of e^eigenvalue of the adjacency matrix (Wu et al. 2010): grows with the number of closed walks, so with
     * ways around a failed link. Exact up to 300 services.
     */
    readonly naturalConnectivity: Bounds;
    readonly sentence: string;
}
