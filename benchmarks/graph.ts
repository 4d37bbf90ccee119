import { analyse, checkSurvives, type GraphInput } from "../lib/graph";
import { place } from "../lib/placement";
import { cluster, clusterSize } from "./cluster";
import { type Benchmark, type Figure, median, peakRss, rounded, timed } from "./figure";

/** What the loss of hosts and zones would cost, with spectra, findings and all: 10,000 containers on 1,000 machines. */
export const graph: Benchmark = () => {
    const problem = cluster();
    const placed = { ...problem, ...place(problem) };
    const many = manyServices();
    const size = { replicas: SERVICES * REPLICAS, hosts: HOSTS, services: SERVICES, zones: 10 };
    return [
        figure("graph.analyse", clusterSize, () => analyse(placed)),
        figure("graph.analyse.many-services", size, () => analyse(many)),
        figure("graph.check-survives", size, () => checkSurvives(many, "s999", { vms: 1, zones: 1 })),
        { bench: "graph.analyse.peak-rss", value: peakRss(), unit: "MB", ...size },
    ];
};

function figure(bench: string, size: Record<string, number>, work: () => void): Figure {
    const runs = timed(5, work).ms.map((time) => rounded(time));
    return { bench, value: median(runs), unit: "ms", ...size, runs };
}

const HOSTS = 1000;
const SERVICES = 1000;
const REPLICAS = 10;

/**
 * Services and hosts both above what is decomposed as a whole, each service with a quorum and two that it depends on, and as
 * much traffic as dependencies.
 */
function manyServices(): GraphInput {
    const services = Array.from({ length: SERVICES }, (_, s) => ({
        name: `s${s}`,
        needs: REPLICAS - 1,
        dependsOn: s === 0 ? [] : [`s${Math.floor(s / 2)}`, `s${Math.floor(s / 3)}`],
    }));
    const assignment = Object.fromEntries(
        services.flatMap(({ name }, s) =>
            Array.from({ length: REPLICAS }, (_, r) => [`${name}-${r}`, `vm${(s * 7 + r * (101 + (s % 13))) % HOSTS}`]),
        ),
    );
    return {
        services,
        assignment,
        hosts: Array.from({ length: HOSTS }, (_, i) => ({ name: `vm${i}`, labels: { zone: `z${i % 10}` } })),
        traffic: services.flatMap(({ name, dependsOn }, s) =>
            dependsOn.map((to) => ({ from: name, to, weight: 1 + (s % 5) })),
        ),
    };
}
