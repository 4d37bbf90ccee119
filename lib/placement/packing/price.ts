import { FINE, type Prepared } from "./prepare";
import type { Pattern, Work } from "./types";
import { STEPS, type View, viewOf } from "./view";
import { weigh } from "./weigh";

/** With so many branches a search looks a little around each item instead of everywhere. */
export const AROUND = 20;

const EMPTY = new Int32Array(0);

/** What a search for the worthiest pattern is asked. */
export interface Question {
    readonly bin: number;
    /** Whole numbers, one an item; items worth 0 are left out. */
    readonly worth: Float64Array;
    /** How many of each item the bin may hold. */
    readonly limit: readonly number[];
    /** Only patterns worth more than this are looked for. */
    readonly over: number;
    /** How many branches to look at. */
    readonly branches: number;
}

/** What the search found. */
export interface Priced {
    /** Patterns worth more than was asked for, the worthiest last. */
    readonly patterns: readonly Pattern[];
    /** No pattern of the bin is worth more, if `complete`. Exact, as worths are whole numbers. */
    readonly most: number;
    readonly complete: boolean;
}

/**
 * The worthiest way to fill a bin: a knapsack in several dimensions, with a limit an item and items that exclude each
 * other. Branch and bound, item by item from the one worth most for its size. What the rest can still be worth is bounded
 * by tables of the knapsack with one dimension, seen from several sides: see {@link View}.
 */
export function price(packing: Prepared, question: Question, work: Work): Priced {
    const search = new Search(packing, question, work);
    return question.branches > AROUND ? search.everywhere() : search.around();
}

/** Items are meant by their position in the order in which the search takes them. */
class Search {
    private readonly items: readonly number[];
    private readonly worths: Float64Array;
    private readonly limits: Int32Array;
    private readonly sizes: Float64Array;
    private readonly room: Float64Array;
    private readonly views: readonly View[];
    private readonly enemies: readonly (readonly number[])[];
    private readonly blocked: Int32Array;
    private readonly open: Int32Array[];
    private readonly chosen: number[] = [];
    private readonly found: Pattern[] = [];
    /** What each item takes of the weighted sum of all dimensions, and what is left of that. */
    private readonly heavy: Float64Array;
    private rest: number;
    private best: number;
    private branches: number;

    constructor(
        packing: Prepared,
        private readonly question: Question,
        private readonly work: Work,
    ) {
        const { bin, worth, limit } = question;
        const shapes = packing.shapes[bin] ?? [];
        const capacity = packing.bins[bin]?.capacity ?? [];
        this.best = question.over;
        this.branches = question.branches;
        const items = packing.items.flatMap(({ size, allowed }, i) =>
            (worth[i] ?? 0) > 0 &&
            (limit[i] ?? 0) > 0 &&
            allowed[bin] === true &&
            size.every((amount, d) => amount <= (capacity[d] ?? 0))
                ? [i]
                : [],
        );
        const weights = weigh(question, shapes, items, capacity.length);
        const seen = (i: number, direction: readonly number[]): number =>
            direction.reduce((sum, weight, d) => sum + weight * (shapes[i]?.[d] ?? 0), 0);
        const rates = new Map(items.map((i) => [i, (worth[i] ?? 0) / Math.max(1e-3, seen(i, weights))]));
        this.items = items.sort((a, b) => (rates.get(b) ?? 0) - (rates.get(a) ?? 0) || a - b);
        this.worths = Float64Array.from(items, (i) => worth[i] ?? 0);
        this.heavy = Float64Array.from(items, (i) => seen(i, weights));
        this.rest = weights.reduce((sum, weight) => sum + weight, 0) * FINE;
        this.limits = Int32Array.from(items, (i) => limit[i] ?? 0);
        this.sizes = Float64Array.from(items.flatMap((i) => packing.items[i]?.size ?? []));
        this.room = Float64Array.from(capacity);
        this.open = [Int32Array.from(items.keys())];
        const position = new Map(items.map((item, k) => [item, k]));
        this.enemies = items.map((i) => (packing.conflicts[i] ?? []).flatMap((other) => position.get(other) ?? []));
        this.blocked = new Int32Array(items.length);
        // To look around a little is done before tables would be.
        const axes = capacity.map((_, d) => capacity.map((__, other) => (d === other ? 1 : 0)));
        this.views = (question.branches <= AROUND ? [] : [weights, ...axes]).map((direction) => {
            const whole = direction.reduce((sum, weight) => sum + weight, 0) * FINE;
            const sizes = Int32Array.from(items, (i) => Math.floor((seen(i, direction) * STEPS) / (whole || 1)));
            return viewOf(sizes, this.worths, this.limits);
        });
        work.left -= 2000 + items.length * (STEPS * this.views.length * 2 + capacity.length * 60);
    }

    /** Looks everywhere, until the branches are used up. */
    everywhere(): Priced {
        this.descend(0, this.items.length, 0);
        return { patterns: this.found, most: this.best, complete: this.branches > 0 };
    }

    /** Looks a little around each item, which gives patterns that differ. */
    around(): Priced {
        const { best, branches } = this;
        const patterns: { readonly pattern: Pattern; readonly worth: number }[] = [];
        for (let k = 0; k < this.items.length; k++) {
            this.best = best;
            this.branches = branches;
            this.found.length = 0;
            this.shift(k, 1);
            this.chosen.push(k);
            this.descend(1, this.narrow(this.open[0] ?? EMPTY, 0, this.items.length, 1), this.worths[k] ?? 0);
            this.chosen.pop();
            this.shift(k, -1);
            const last = this.found.at(-1);
            if (last !== undefined) patterns.push({ pattern: last, worth: this.best });
        }
        patterns.sort((a, b) => a.worth - b.worth);
        return { patterns: patterns.map(({ pattern }) => pattern), most: best, complete: false };
    }

    /** Chooses among the first `width` open positions of a depth: they fit, and their enemies are not chosen. */
    private descend(depth: number, width: number, value: number): void {
        if (value > this.best) {
            this.best = value;
            this.found.push(this.pattern());
        }
        this.work.left -= 20;
        const open = this.open[depth] ?? this.open[0];
        if (open === undefined || this.filled(open, width) <= this.best - value) return;
        for (let i = 0; i < width; i++) {
            const k = open[i] ?? 0;
            if (!this.promises(k, this.best - value)) return;
            this.work.left -= this.views.length;
            if (--this.branches <= 0) return;
            this.shift(k, 1);
            this.chosen.push(k);
            this.descend(depth + 1, this.narrow(open, i, width, depth + 1), value + (this.worths[k] ?? 0));
            this.chosen.pop();
            this.shift(k, -1);
        }
    }

    /** Writes down which of the positions are still open at the next depth. @returns how many */
    private narrow(open: Int32Array, from: number, width: number, depth: number): number {
        const next = this.open[depth] ?? new Int32Array(this.items.length);
        this.open[depth] = next;
        const { blocked, limits, sizes, room } = this;
        const dims = room.length;
        let n = 0;
        for (let i = from; i < width; i++) {
            const k = open[i] ?? 0;
            if (blocked[k] !== 0 || limits[k] === 0) continue;
            let d = 0;
            for (let at = k * dims; d < dims; d++, at++) if ((sizes[at] ?? 0) > (room[d] ?? 0)) break;
            if (d === dims) next[n++] = k;
        }
        this.work.left -= (width - from) * (2 + (room.length >> 1));
        return n;
    }

    /** What the open ones can be worth where a part of one may be taken, seen by the first view (Dantzig 1957). */
    private filled(open: Int32Array, width: number): number {
        let room = this.rest;
        let worth = 0;
        for (let i = 0; i < width; i++) {
            const k = open[i] ?? 0;
            const size = this.heavy[k] ?? 0;
            const limit = this.limits[k] ?? 0;
            if (size * limit <= room) {
                room -= size * limit;
                worth += limit * (this.worths[k] ?? 0);
            } else return Math.ceil(worth + ((this.worths[k] ?? 0) * room) / size);
        }
        return worth;
    }

    /** Whether the items from a position on may be worth more than `enough`. */
    private promises(from: number, enough: number): boolean {
        const base = from * (STEPS + 1);
        for (const { table, room } of this.views) if ((table[base + room] ?? 0) <= enough) return false;
        return true;
    }

    private shift(k: number, sign: number): void {
        const dims = this.room.length;
        for (let d = 0; d < dims; d++) this.room[d] = (this.room[d] ?? 0) - sign * (this.sizes[k * dims + d] ?? 0);
        this.limits[k] = (this.limits[k] ?? 0) - sign;
        this.rest -= sign * (this.heavy[k] ?? 0);
        for (const view of this.views) view.room -= sign * (view.sizes[k] ?? 0);
        for (const enemy of this.enemies[k] ?? []) this.blocked[enemy] = (this.blocked[enemy] ?? 0) + sign;
    }

    private pattern(): Pattern {
        const counts = new Map<number, number>();
        for (const k of this.chosen) counts.set(this.items[k] ?? 0, (counts.get(this.items[k] ?? 0) ?? 0) + 1);
        const items = [...counts.keys()].sort((a, b) => a - b);
        return { bin: this.question.bin, items, counts: items.map((item) => counts.get(item) ?? 0) };
    }
}
