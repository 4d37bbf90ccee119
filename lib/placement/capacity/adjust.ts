import type { PlacementAnswer } from "../types";
import type { Size } from "./readSizes";

/** Some machines, how many of each size, and where everything runs on them. */
export interface Trial {
    readonly counts: readonly number[];
    readonly placement: PlacementAnswer;
}

/** Where everything runs when so many machines of each size are added. */
export type Judge = (counts: readonly number[]) => PlacementAnswer;

/** How many placements may still be tried. */
export interface Trials {
    left: number;
}

export function costOf(sizes: readonly Size[], counts: readonly number[]): number {
    return sizes.reduce((sum, { cost }, i) => sum + cost * (counts[i] ?? 0), 0);
}

/**
 * Adds machines while something fits nowhere: each time the one that lets the most fit for what it costs; where one alone is
 * of no use, two, or one of each size.
 */
export function complete(sizes: readonly Size[], start: Trial, judge: Judge, trials: Trials): Trial {
    const numbers = [...sizes.keys()];
    const ones = numbers.map((i): Change => [[i, 1]]);
    const pairs = numbers.flatMap((i) =>
        numbers.slice(i).map(
            (j): Change =>
                i === j
                    ? [[i, 2]]
                    : [
                          [i, 1],
                          [j, 1],
                      ],
        ),
    );
    let trial = start;
    while (trial.placement.unplaced.length > 0 && trials.left > 0) {
        const next =
            bestOf(sizes, trial, ones, judge, trials) ??
            bestOf(sizes, trial, pairs, judge, trials) ??
            bestOf(sizes, trial, [ones.flat()], judge, trials);
        if (next === undefined) break;
        trial = next;
    }
    return trial;
}

/** The change that lets the most fit for what it costs; undefined when none lets more fit. */
function bestOf(
    sizes: readonly Size[],
    trial: Trial,
    among: readonly Change[],
    judge: Judge,
    trials: Trials,
): Trial | undefined {
    let best: { readonly trial: Trial; readonly gain: number; readonly cost: number } | undefined;
    for (const change of among) {
        if (!isPossible(sizes, trial.counts, change, 0) || trials.left-- <= 0) continue;
        const next = tried(trial, change, judge);
        const gain = trial.placement.unplaced.length - next.placement.unplaced.length;
        const cost = costOf(sizes, next.counts) - costOf(sizes, trial.counts);
        if (gain <= 0 || (best !== undefined && gain * best.cost <= best.gain * cost)) continue;
        best = { trial: next, gain, cost };
    }
    return best?.trial;
}

export function sumOf(counts: readonly number[]): number {
    return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * Leaves machines out, or takes cheaper ones in their place, the dearest first, as long as no less fits.
 *
 * @param end the cost at which it may end, and how many machines there must be
 */
export function cheaper(
    sizes: readonly Size[],
    start: Trial,
    end: { readonly bound: number; readonly least: number },
    judge: Judge,
    trials: Trials,
): Trial {
    let trial = start;
    const byCost = [...sizes.keys()].sort((a, b) => (sizes[b]?.cost ?? 0) - (sizes[a]?.cost ?? 0) || a - b);
    for (let gained = true; gained; ) {
        gained = false;
        for (const change of byCost.flatMap((dear) => changes(sizes, dear))) {
            if (costOf(sizes, trial.counts) <= end.bound) return trial;
            if (!isPossible(sizes, trial.counts, change, end.least) || trials.left-- <= 0) continue;
            const next = tried(trial, change, judge);
            if (next.placement.unplaced.length > trial.placement.unplaced.length) continue;
            trial = next;
            gained = true;
        }
    }
    return trial;
}

type Change = readonly (readonly [size: number, more: number])[];

/** Ways to do with one machine of a size less: without it, or with a cheaper one. */
function changes(sizes: readonly Size[], dear: number): Change[] {
    const others = [...sizes.keys()].filter((i) => (sizes[i]?.cost ?? 0) < (sizes[dear]?.cost ?? 0));
    others.sort((a, b) => (sizes[a]?.cost ?? 0) - (sizes[b]?.cost ?? 0) || a - b);
    return [
        [[dear, -1]],
        ...others.map(
            (i): Change => [
                [dear, -1],
                [i, 1],
            ],
        ),
    ];
}

function isPossible(sizes: readonly Size[], counts: readonly number[], change: Change, least: number): boolean {
    const more = change.reduce((sum, [, by]) => sum + by, 0);
    const isWithin = ([i, by]: Change[number]): boolean => {
        const count = (counts[i] ?? 0) + by;
        return count >= 0 && count <= (sizes[i]?.most ?? 0);
    };
    return sumOf(counts) + more >= least && change.every(isWithin);
}

function tried({ counts }: Trial, change: Change, judge: Judge): Trial {
    const next = [...counts];
    for (const [i, more] of change) next[i] = (next[i] ?? 0) + more;
    return { counts: next, placement: judge(next) };
}
