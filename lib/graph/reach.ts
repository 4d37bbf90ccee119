import { components, type Edges, strongComponents, undirected } from "./walk";

/** What a vertex reaches, and what reaches it; without itself. */
export interface Reach {
    readonly reaches: Int32Array;
    readonly reachedBy: Int32Array;
    /** The first of those that reach it, ascending. */
    readonly first: readonly (readonly number[])[];
}

const BLOCK = 32;

/** The same of a graph of many parts, each by itself: what is apart costs nothing. */
export function reachOf(edges: Edges, most: number, step: (steps: number) => void): Reach {
    const reaches = new Int32Array(edges.length);
    const reachedBy = new Int32Array(edges.length);
    const first: number[][] = edges.map(() => []);
    const place = new Int32Array(edges.length);
    for (const part of components(undirected(edges))) {
        if (part.length === 1) continue;
        for (const [i, v] of part.entries()) place[v] = i;
        const inside = part.map((v) => (edges[v] ?? []).map((w) => place[w] as number));
        const of = reachWithin(inside, most, step);
        for (const [i, v] of part.entries()) {
            reaches[v] = of.reaches[i] as number;
            reachedBy[v] = of.reachedBy[i] as number;
            first[v] = (of.first[i] ?? []).map((w) => part[w] as number);
        }
    }
    return { reaches, reachedBy, first };
}

/**
 * Counts what can be reached from each vertex, 32 vertices at once: a bit each, handed on along the groups of vertices that
 * reach each other, which `strongComponents` numbers so that edges lead to lower numbers.
 *
 * @param step told what each block costs, and may stop it by throwing
 */
function reachWithin(edges: Edges, most: number, step: (steps: number) => void): Reach {
    const group = strongComponents(edges);
    const groups = group.reduce((count, g) => Math.max(count, g + 1), 0);
    const between: Set<number>[] = Array.from({ length: groups }, () => new Set());
    for (const [v, to] of edges.entries()) for (const w of to) between[group[v] as number]?.add(group[w] as number);
    const links = between.flatMap((to, from) => [...to].filter((g) => g !== from).map((g) => [from, g] as const));
    // From high to low; the other way round for the other direction.
    const from = Int32Array.from(links, ([g]) => g);
    const to = Int32Array.from(links, ([, g]) => g);
    const [below, above] = [new Int32Array(groups), new Int32Array(groups)];
    const firsts: number[][] = Array.from({ length: groups }, () => []);
    for (let start = 0; start < edges.length; start += BLOCK) {
        const end = Math.min(edges.length, start + BLOCK);
        step((groups + links.length) / 4);
        const [down, up] = [new Int32Array(groups), new Int32Array(groups)];
        for (let v = start; v < end; v++) {
            const g = group[v] as number;
            down[g] = (down[g] as number) | (1 << (v - start));
            up[g] = down[g] as number;
        }
        for (let e = links.length - 1; e >= 0; e--)
            up[to[e] as number] = (up[to[e] as number] as number) | (up[from[e] as number] as number);
        for (let e = 0; e < links.length; e++)
            down[from[e] as number] = (down[from[e] as number] as number) | (down[to[e] as number] as number);
        for (let g = 0; g < groups; g++) {
            below[g] = (below[g] as number) + ones(down[g] as number);
            let bits = up[g] as number;
            if (bits === 0) continue;
            above[g] = (above[g] as number) + ones(bits);
            const list = firsts[g] as number[];
            // One more than asked for, as a vertex itself is among them.
            for (; bits !== 0 && list.length <= most; bits &= bits - 1)
                list.push(start + 31 - Math.clz32(bits & -bits));
        }
    }
    return {
        reaches: group.map((g) => (below[g] as number) - 1),
        reachedBy: group.map((g) => (above[g] as number) - 1),
        first: [...group].map((g, v) => (firsts[g] ?? []).filter((w) => w !== v).slice(0, most)),
    };
}

/** How many bits of a number are 1. */
function ones(bits: number): number {
    let n = bits - ((bits >>> 1) & 0x55555555);
    n = (n & 0x33333333) + ((n >>> 2) & 0x33333333);
    return Math.imul((n + (n >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
