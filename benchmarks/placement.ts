import { place } from "../lib/placement";
import { cluster, clusterSize, manyServices } from "./cluster";
import { type Benchmark, type Figure, median, peakRss, rounded, timed } from "./figure";
import { vectorPacking } from "./vectorPacking";

/** The decision where replicas run, as a rate in memory and not that of a scheduler with its cluster; then packing. */
export const placement: Benchmark = async (file) => [
    rate("placement.spread", clusterSize),
    { bench: "placement.spread.peak-rss", value: peakRss(), unit: "MB", ...clusterSize },
    rate("placement.spread.many-services", manyServices),
    ...(await vectorPacking(file)),
];

function rate(bench: string, size: typeof clusterSize): Figure {
    const { result, ms } = timed(5, () => place(cluster(size.services)));
    const placed = Object.keys(result.assignment).length;
    if (placed !== size.replicas) {
        throw new Error(`only ${placed} of ${size.replicas} replicas were placed`);
    }
    const runs = ms.map((time) => rounded((placed / time) * 1000));
    return { bench, value: median(runs), unit: "placements/s", ...size, runs };
}
