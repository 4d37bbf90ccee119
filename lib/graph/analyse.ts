import { type DomainKind, type Incidence, readIncidence } from "./incidence";
import { concentration, spectrumOf } from "./spectrum";
import { survival } from "./survival";
import type { BipartiteGraph, DomainReport, GraphInput, GraphReport } from "./types";

/**
 * Tells what the loss of hosts, or of other domains they share, would cost, and shows the graph behind it.
 *
 * @param placement where each replica runs, the hosts with their labels, and what the services need
 * @throws FusionInputError with every wrong argument, each with its path
 */
export function analyse(placement: GraphInput): GraphReport {
    const incidence = readIncidence(placement);
    return { graph: incidence.graph, domains: incidence.kinds.map((kind) => reportOn(kind, incidence)) };
}

/**
 * The adjacency matrix of the bipartite graph: a row a host, a column a replica, 1 where it runs. It is the incidence
 * matrix of hosts and edges too, as each replica is the end of one edge.
 */
export function biadjacency({ hosts, hostOf }: BipartiteGraph): number[][] {
    return hosts.map((_, host) => hostOf.map((of) => (of === host ? 1 : 0)));
}

function reportOn(kind: DomainKind, { services }: Incidence): DomainReport {
    const { label, names, domainOf } = kind;
    const matrix = services.map(({ hosts }) => {
        const counts = names.map(() => 0);
        for (const host of hosts) {
            const domain = domainOf[host] ?? -1;
            counts[domain] = (counts[domain] ?? 0) + 1;
        }
        return counts;
    });
    const weights = concentration(matrix);
    return {
        label,
        names,
        services: services.map(({ name, needs }, s) => survival(name, matrix[s] ?? [], needs, names, label)),
        matrix,
        concentration: names
            .map((domain, i) => ({ domain, weight: weights[i] ?? 0 }))
            .sort((a, b) => b.weight - a.weight || (a.domain < b.domain ? -1 : 1)),
        spectral: spectrumOf(matrix),
        cells: countCells(matrix),
    };
}

/**
 * The connected parts of the graph of services and domains; empty domains and services without a replica are no part.
 */
function countCells(matrix: readonly (readonly number[])[]): number {
    const parent = [...(matrix[0]?.keys() ?? [])];
    const root = (domain: number): number => {
        let at = domain;
        while (parent[at] !== undefined && parent[at] !== at) at = parent[at] ?? at;
        return at;
    };
    const used = new Set<number>();
    for (const row of matrix) {
        const domains = [...row.keys()].filter((domain) => (row[domain] ?? 0) > 0);
        for (const domain of domains) {
            used.add(domain);
            parent[root(domain)] = root(domains[0] ?? domain);
        }
    }
    return new Set([...used].map(root)).size;
}
