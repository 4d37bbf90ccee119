import { generate } from "./generate";
import { Master } from "./Master";
import type { Prepared } from "./prepare";
import type { Cover, Pattern, Rest, Work } from "./types";

/** A share so near to a whole number is taken for it. */
const NEAR = 1e-3;

/** The linear program's value is taken for a bound although it is not proven, up to this part of a unit. */
const TRUSTED = 0.02;

/** Where nothing else is tried, the first of so many bins are filled at once. */
const HASTE = 6;

const MOST_DEPARTURES = 12;

/** So many patterns an item go down with a dive: those near to use. */
const MOST_KNOWN = 4;

/**
 * Looks for a cover in whole patterns that costs less than `below`: solves the linear program, takes the pattern whose share
 * is the largest, and goes on with what is left. Where this leads nowhere the next best patterns are tried in its place,
 * few departures from the first choice before many (limited discrepancy search: Harvey and Ginsberg 1995; in column
 * generation: Sadykov et al. 2019).
 *
 * @param known patterns to start with
 * @param enough a cost that is good enough to end with
 */
export function dive(
    packing: Prepared,
    known: readonly Pattern[],
    below: number,
    enough: number,
    work: Work,
): Cover | undefined {
    return new Dive(packing, known, below, enough, work).run();
}

/** A part of a cover and what it leaves. */
interface Part extends Cover {
    readonly rest: Rest;
}

/** A pattern and how often to use it. */
interface Use {
    readonly pattern: Pattern;
    readonly times: number;
}

class Dive {
    private best: Cover | undefined;
    constructor(
        private readonly packing: Prepared,
        private readonly known: readonly Pattern[],
        private below: number,
        private readonly enough: number,
        private readonly work: Work,
    ) {}

    run(): Cover | undefined {
        const { packing } = this;
        const rest = { items: packing.items.map(({ demand }) => demand), bins: packing.bins.map(({ count }) => count) };
        for (let departures = 0; departures <= MOST_DEPARTURES && !this.ended; departures++) {
            this.visit({ rest, cost: 0, patterns: [] }, this.known, departures);
        }
        return this.best;
    }

    private get ended(): boolean {
        return this.work.left <= 0 || this.below <= this.enough;
    }

    private visit(part: Part, known: readonly Pattern[], departures: number): void {
        const { rest, cost, patterns } = part;
        if (rest.items.every((amount) => amount === 0)) {
            if (cost < this.below) this.best = { cost, patterns };
            this.below = Math.min(this.below, cost);
            return;
        }
        if (this.ended || cost >= this.below) return;
        const master = new Master(this.packing, rest);
        for (const pattern of known) master.add(pattern);
        const bound = generate(this.packing, master, rest, this.below - cost, false, this.work);
        const { unit } = this.packing;
        const seeming = Math.ceil(master.value / unit - TRUSTED) * unit;
        if (cost + Math.max(bound, seeming) >= this.below) return;
        const used = master.used();
        const next = master.promising(MOST_KNOWN * rest.items.length);
        const whole = used.filter(({ times }) => times >= 1 - NEAR);
        if (whole.length > 0) {
            this.follow(part, whole, next, departures);
            return;
        }
        if (departures === 0) {
            const bins = used.reduce((sum, { times }) => sum + times, 0);
            const several = used.slice(0, Math.ceil(bins / HASTE)).map((first) => ({ ...first, times: 1 }));
            this.follow(part, several, next, departures);
            return;
        }
        for (const [i, first] of used.slice(0, departures + 1).entries()) {
            if (this.ended) return;
            this.follow(part, [{ ...first, times: 1 }], next, departures - i);
        }
    }

    /** Goes on with what some patterns leave, if they are of use at all. */
    private follow(part: Part, wanted: readonly Use[], known: readonly Pattern[], departures: number): void {
        const next = this.take(part, wanted);
        if (next.patterns.length > part.patterns.length) this.visit(next, known, departures);
    }

    /** Takes patterns as often as they are of use; one that those before it leave too little for waits. */
    private take(part: Part, wanted: readonly Use[]): Part {
        const items = [...part.rest.items];
        const bins = [...part.rest.bins];
        const patterns = [...part.patterns];
        let { cost } = part;
        for (const { pattern, times } of wanted) {
            const { bin } = pattern;
            for (let i = 0; i < Math.floor(times + NEAR); i++) {
                const counts = pattern.items.map((item, k) => Math.min(pattern.counts[k] ?? 0, items[item] ?? 0));
                const whole = pattern.items.map((item, k) =>
                    Math.min(pattern.counts[k] ?? 0, part.rest.items[item] ?? 0),
                );
                if ((bins[bin] ?? 0) <= 0 || counts.some((count, k) => count < (whole[k] ?? 0))) break;
                for (const [k, item] of pattern.items.entries()) items[item] = (items[item] ?? 0) - (counts[k] ?? 0);
                bins[bin] = (bins[bin] ?? 0) - 1;
                patterns.push({ bin, items: pattern.items, counts });
                cost += this.packing.bins[bin]?.cost ?? 0;
            }
        }
        return { rest: { items, bins }, cost, patterns };
    }
}
