import { tidy } from "./tidy";
import type { BipartiteGraph } from "./types";

/** @param hosts sorted names */
export function graphOf(hosts: readonly string[], assignment: ReadonlyMap<string, string>): BipartiteGraph {
    const number = new Map(hosts.map((host, i) => [host, i]));
    const replicas = [...assignment.keys()].sort();
    const hostOf = replicas.map((replica) => number.get(assignment.get(replica) ?? "") ?? -1);
    const degrees = hosts.map(() => 0);
    for (const host of hostOf) degrees[host] = (degrees[host] ?? 0) + 1;
    const spectrum = degrees.map((degree) => tidy(Math.sqrt(degree))).sort((a, b) => b - a);
    return { hosts, replicas, hostOf, degrees, spectrum, eigenvalues: eigenvalues(degrees, replicas.length) };
}

/**
 * The adjacency matrix of the bipartite graph: a row a host, a column a replica, 1 where it runs. It is the incidence
 * matrix of hosts and edges too, as each replica is the end of one edge.
 */
export function biadjacency({ hosts, hostOf }: BipartiteGraph): number[][] {
    return hosts.map((_, host) => hostOf.map((of) => (of === host ? 1 : 0)));
}

/** The adjacency matrix of the whole graph, square and symmetric: the hosts, then the replicas; 1 where one runs. */
export function adjacency(graph: BipartiteGraph): number[][] {
    const block = biadjacency(graph);
    const none = graph.replicas.map(() => 0);
    return [
        ...block.map((row) => [...graph.hosts.map(() => 0), ...row]),
        ...graph.replicas.map((_, replica) => [...block.map((row) => row[replica] ?? 0), ...none]),
    ];
}

/** The incidence matrix: a row a host, then a row a replica; a column an edge, in the order of the replicas; 1 at both ends. */
export function incidence(graph: BipartiteGraph): number[][] {
    return [
        ...biadjacency(graph),
        ...graph.replicas.map((_, replica) => graph.replicas.map((_, edge) => (edge === replica ? 1 : 0))),
    ];
}

/** One eigenvalue of the whole graph, and a vector of length 1 in the order of {@link adjacency}. */
export interface Eigenpair {
    readonly value: number;
    /** The host whose star it is: outside of that, with its replicas, the vector is 0. */
    readonly host: string;
    readonly vector: readonly number[];
}

/**
 * The eigenvectors of the eigenvalues that are not 0, the largest first. Each host with d replicas is a star, and a star
 * has two: the host counts 1/sqrt(2), each replica 1/sqrt(2d), with equal signs for sqrt(d) and different ones for -sqrt(d).
 */
export function eigenvectors({ hosts, hostOf, degrees }: BipartiteGraph): Eigenpair[] {
    const pairs = hosts.flatMap((host, h) => {
        const degree = degrees[h] ?? 0;
        if (degree === 0) return [];
        return [1, -1].map((sign) => ({
            value: tidy(sign * Math.sqrt(degree)),
            host,
            vector: [
                ...hosts.map((_, i) => (i === h ? tidy(Math.SQRT1_2) : 0)),
                ...hostOf.map((of) => (of === h ? tidy(sign / Math.sqrt(2 * degree)) : 0)),
            ],
        }));
    });
    return pairs.sort((a, b) => b.value - a.value);
}

/** In closed form: plus and minus the root of each degree, and 0 for all that is left. */
function eigenvalues(degrees: readonly number[], replicas: number): BipartiteGraph["eigenvalues"] {
    const times = new Map<number, number>();
    for (const degree of degrees) if (degree > 0) times.set(degree, (times.get(degree) ?? 0) + 1);
    const positive = [...times]
        .map(([degree, multiplicity]) => ({ value: tidy(Math.sqrt(degree)), multiplicity }))
        .sort((a, b) => b.value - a.value);
    const zeros = degrees.length + replicas - 2 * degrees.filter((degree) => degree > 0).length;
    return [
        ...positive,
        ...(zeros > 0 ? [{ value: 0, multiplicity: zeros }] : []),
        ...positive.map(({ value, multiplicity }) => ({ value: -value, multiplicity })).reverse(),
    ];
}
