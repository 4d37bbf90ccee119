/** One measured value, as it is printed. */
export interface Figure {
    /** What was measured: `placement.spread`. */
    bench: string;
    value: number;
    unit: string;
    /** The size of the problem, and the single runs behind a median. */
    [detail: string]: number | string | readonly number[];
}

/** What is said of each figure that is too many times what another way takes: its `ratio` is above its `mostRatio`. */
export function beyond(figures: readonly Figure[]): string[] {
    return figures.flatMap(({ bench, ratio, mostRatio }) =>
        typeof ratio === "number" && typeof mostRatio === "number" && !(ratio <= mostRatio)
            ? [`${bench} is ${ratio} times what it is by hand; it may be ${mostRatio} times that`]
            : [],
    );
}

/** A benchmark, run in a process of its own: `peakRss` is then its own too. It may take a file of data. */
export type Benchmark = (file?: string) => readonly Figure[] | Promise<readonly Figure[]>;

/** Runs and times something. @returns what the last run gave, and the milliseconds of each run */
export function timed<T>(runs: number, work: () => T): { result: T; ms: number[] } {
    const ms: number[] = [];
    for (;;) {
        const start = performance.now();
        const result = work();
        ms.push(performance.now() - start);
        if (ms.length >= runs) {
            return { result, ms };
        }
    }
}

export function median(values: readonly number[]): number {
    const sorted = [...values].sort((a, b) => a - b);
    const middle = Math.floor(sorted.length / 2);
    const upper = sorted[middle] ?? Number.NaN;
    return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

export const rounded = (value: number, digits = 0): number => Number(value.toFixed(digits));

/** The most memory that this process has had so far, in MB (10^6 bytes). */
export const peakRss = (): number => rounded((process.resourceUsage().maxRSS * 1024) / 1e6);
