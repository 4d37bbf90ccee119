import { affinityOf } from "./affinity";
import { dependenciesOf } from "./dependencies";
import { Effort } from "./effort";
import { findingsOf } from "./findings";
import { type DomainKind, type Incidence, readIncidence } from "./incidence";
import { lossesOf } from "./losses";
import { neighbours, type Sparse, sparse, transposed } from "./sparse";
import { concentration, spectrumOf } from "./spectrum";
import { type Own, ownOf, survivals } from "./survival";
import type { DomainReport, GraphInput, GraphReport } from "./types";
import { components } from "./walk";

/**
 * Tells what the loss of hosts, or of other domains they share, would cost, and shows the graph behind it. The losses are exact;
 * of the spectral figures the report says whether they are. See docs/graph.md for what each means.
 *
 * @param placement where each replica runs, the hosts with their labels, and what the services need; an answer of `place` with
 * its problem will do: `analyse({ ...problem, ...place(problem) })`
 * @throws FusionInputError with every wrong argument, each with its path; at `services` where they depend on so many others, directly or
 * not, that the answer would take longer than seconds
 */
export function analyse(placement: GraphInput): GraphReport {
    const incidence = readIncidence(placement);
    const effort = new Effort(incidence.services.length);
    const dependencies = dependenciesOf(incidence.services, effort);
    const domains = incidence.kinds.map((kind) => reportOn(kind, incidence, effort));
    const affinity = affinityOf(incidence, matrixByHost(incidence));
    return {
        graph: incidence.graph,
        domains,
        dependencies,
        affinity,
        findings: findingsOf(domains, dependencies, affinity),
    };
}

/** The matrix B of services and domains: a row a service, a column a domain, how many replicas of the one are in the other. */
export function serviceMatrix({ names, services }: DomainReport): number[][] {
    const number = new Map(names.map((name, i) => [name, i]));
    return services.map(({ replicasIn }) => {
        const row = names.map(() => 0);
        for (const { domain, replicas } of replicasIn) row[number.get(domain) ?? -1] = replicas;
        return row;
    });
}

function reportOn(kind: DomainKind, { services }: Incidence, effort: Effort): DomainReport {
    const { label, names } = kind;
    const owns = services.map((service) => ownOf(service, kind));
    const survive = survivals(services, owns, kind, effort);
    const matrix = matrixOf(owns, names.length);
    const weights = concentration(matrix);
    const cells = countCells(matrix);
    return {
        label,
        names,
        services: survive,
        losses: lossesOf(kind, services, owns, survive),
        concentration: names
            .map((domain, i) => ({ domain, weight: weights[i] ?? 0 }))
            .sort((a, b) => b.weight - a.weight || (a.domain < b.domain ? -1 : 1)),
        spectral: spectrumOf(matrix, cells, label),
        cells,
    };
}

function matrixOf(owns: readonly Own[], columns: number): Sparse {
    const rows = owns.map(({ domains, counts }) => new Map(domains.map((domain, i) => [domain, counts[i] ?? 0])));
    return sparse(rows, columns);
}

function matrixByHost({ graph, services }: Incidence): Sparse {
    const kind = { label: "host", names: graph.hosts, domainOf: [...graph.hosts.keys()] };
    return matrixOf(
        services.map((service) => ownOf(service, kind)),
        graph.hosts.length,
    );
}

/** The connected parts of the graph of services and domains; empty domains and services without a replica are no part. */
function countCells(matrix: Sparse): number {
    const services = neighbours(matrix).map((domains) => domains.map((domain) => matrix.rows + domain));
    const edges = [...services, ...neighbours(transposed(matrix))];
    return components(edges).filter(({ length }) => length > 1).length;
}
