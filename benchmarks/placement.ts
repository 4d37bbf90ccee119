import { place } from "../lib/placement";
import { cluster, clusterSize } from "./cluster";
import { type Benchmark, median, peakRss, rounded, timed } from "./figure";

/** The decision where replicas run: a rate in memory, not that of a scheduler with its cluster. */
export const placement: Benchmark = () => {
    const { result, ms } = timed(3, () => place(cluster()));
    const placed = Object.keys(result.assignment).length;
    if (placed !== clusterSize.replicas) {
        throw new Error(`only ${placed} of ${clusterSize.replicas} replicas were placed`);
    }
    const rates = ms.map((time) => rounded((placed / time) * 1000));
    return [
        { bench: "placement.spread", value: median(rates), unit: "placements/s", ...clusterSize, runs: rates },
        { bench: "placement.spread.peak-rss", value: peakRss(), unit: "MB", ...clusterSize },
    ];
};
