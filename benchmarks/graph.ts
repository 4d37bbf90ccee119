import { analyse } from "../lib/graph";
import { place } from "../lib/placement";
import { cluster, clusterSize } from "./cluster";
import { type Benchmark, median, peakRss, rounded, timed } from "./figure";

/** What the loss of hosts and zones would cost, with the spectrum, for the placement of the other benchmark. */
export const graph: Benchmark = () => {
    const problem = cluster();
    const { assignment } = place(problem);
    const { ms } = timed(3, () => analyse({ assignment, hosts: problem.hosts }));
    const runs = ms.map((time) => rounded(time));
    return [
        { bench: "graph.analyse", value: median(runs), unit: "ms", ...clusterSize, runs },
        { bench: "graph.analyse.peak-rss", value: peakRss(), unit: "MB", ...clusterSize },
    ];
};
