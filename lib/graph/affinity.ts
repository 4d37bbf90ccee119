import { coCluster, modularity, withinGroups } from "./coCluster";
import type { Incidence } from "./incidence";
import { rowSums, type Sparse, sparse, transposed } from "./sparse";
import { listed, percent, tidy } from "./tidy";
import type { AffinityGroup, AffinityProposal } from "./types";

/** More pairs of services on the same hosts than this would take seconds, and would show no groups. */
const MOST_PAIRS = 1_000_000;

/**
 * Which services belong together.
 *
 * @param matrix services x hosts, replicas: the basis where there is no traffic
 */
export function affinityOf({ services, traffic }: Incidence, matrix: Sparse): AffinityProposal | undefined {
    const basis = traffic.some(({ weight }) => weight > 0) ? "traffic" : "placement";
    const weights = basis === "traffic" ? trafficWeights(services.length, traffic) : sharingWeights(matrix);
    const degrees = rowSums(weights ?? sparse([], 0));
    const total = degrees.reduce((sum, x) => sum + x, 0);
    if (weights === undefined || total === 0) return undefined;
    const all = coCluster(weights);
    const inside = withinGroups(weights, all);
    const names = services.map(({ name }) => name);
    const groups = all
        .map((group, g) => groupOf(group, names, degrees, (inside[g] ?? 0) / total))
        .filter(({ services: { length } }) => length > 1)
        .sort((a, b) => b.share - a.share || ((a.services[0] ?? "") < (b.services[0] ?? "") ? -1 : 1));
    const { within, value } = modularity(weights, all);
    const figures = { basis, groups, within: tidy(within), modularity: tidy(value) } as const;
    return { ...figures, sentence: sentence(figures) };
}

function groupOf(
    group: readonly number[],
    names: readonly string[],
    degrees: Float64Array,
    share: number,
): AffinityGroup {
    const busiest = group.reduce((best, v) => ((degrees[v] ?? 0) > (degrees[best] ?? 0) ? v : best), group[0] ?? -1);
    return { services: group.map((v) => names[v] ?? ""), busiest: names[busiest] ?? "", share: tidy(share) };
}

/** Both directions count alike: a call and its answer cross the same wire. */
function trafficWeights(size: number, traffic: Incidence["traffic"]): Sparse {
    const rows = Array.from({ length: size }, () => new Map<number, number>());
    for (const { from, to, weight } of traffic) {
        if (weight === 0) continue;
        rows[from]?.set(to, (rows[from]?.get(to) ?? 0) + weight);
        rows[to]?.set(from, (rows[to]?.get(from) ?? 0) + weight);
    }
    return sparse(rows, size);
}

/**
 * B D^-1 B' without its diagonal, where D has the replicas a host: the matrix whose eigenvectors are the left singular vectors
 * of Dhillon's normalised B. Two services share much when they are on the same hosts and few others are.
 */
function sharingWeights(matrix: Sparse): Sparse | undefined {
    const hosts = transposed(matrix);
    const rows = Array.from({ length: matrix.rows }, () => new Map<number, number>());
    const sums = rowSums(hosts);
    let pairs = 0;
    for (let h = 0; h < hosts.rows; h++) pairs += ((hosts.start[h + 1] as number) - (hosts.start[h] as number)) ** 2;
    if (pairs > MOST_PAIRS) return undefined;
    for (let h = 0; h < hosts.rows; h++) {
        const [from, to] = [hosts.start[h] as number, hosts.start[h + 1] as number];
        for (let a = from; a < to; a++) {
            const row = rows[hosts.index[a] as number];
            for (let b = from; b < to; b++) {
                if (a === b) continue;
                const weight = ((hosts.value[a] as number) * (hosts.value[b] as number)) / (sums[h] as number);
                row?.set(hosts.index[b] as number, (row.get(hosts.index[b] as number) ?? 0) + weight);
            }
        }
    }
    return sparse(rows, matrix.rows);
}

function sentence({ basis, groups, within, modularity: gain }: Omit<AffinityProposal, "sentence">): string {
    const [first] = groups;
    const what = basis === "traffic" ? "of the traffic" : "of what shares hosts";
    if (first === undefined || gain <= 0) return "no services belong together more than others do";
    const parts = groups.length === 1 ? "one group" : `${groups.length} groups`;
    const members = listed(first.services, "and");
    return `${percent(within)} ${what} stays within ${parts}; the first is ${members} with ${percent(first.share)}`;
}
