/** Neighbours a vertex. */
export type Edges = readonly (readonly number[])[];

/** Finds what can be reached, many times on one graph, in time that depends on what is reached alone. */
export class Walk {
    private readonly seen: Int32Array;
    private round = 0;

    /** @param step told what each walk costs, and may stop it by throwing */
    constructor(
        private readonly edges: Edges,
        private readonly step: (steps: number) => void = () => {},
    ) {
        this.seen = new Int32Array(edges.length);
    }

    /** All vertices that can be reached from one, itself the first. */
    from(start: number): readonly number[] {
        this.round++;
        this.seen[start] = this.round;
        const found = [start];
        for (let i = 0; i < found.length; i++) {
            const to = this.edges[found[i] as number] ?? [];
            this.step(1 + to.length);
            for (const next of to) {
                if (this.seen[next] === this.round) continue;
                this.seen[next] = this.round;
                found.push(next);
            }
        }
        return found;
    }
}

/** Each edge the other way round, ascending. */
export function reversed(edges: Edges): number[][] {
    const other: number[][] = edges.map(() => []);
    for (const [from, to] of edges.entries()) for (const v of to) other[v]?.push(from);
    return other;
}

/** Without directions, loops and doubles; ascending. */
export function undirected(edges: Edges): number[][] {
    const other = reversed(edges);
    return edges.map((to, v) =>
        [...new Set([...to, ...(other[v] ?? [])])].filter((w) => w !== v).sort((a, b) => a - b),
    );
}

/** The connected parts of a graph without directions, each ascending, in the order of their first vertices. */
export function components(edges: Edges): number[][] {
    const walk = new Walk(edges);
    const done = new Set<number>();
    const parts: number[][] = [];
    for (const v of edges.keys()) {
        if (done.has(v)) continue;
        const part = [...walk.from(v)].sort((a, b) => a - b);
        for (const member of part) done.add(member);
        parts.push(part);
    }
    return parts;
}

interface Visit {
    /** @returns whether the vertex is new; the parent of a root is -1 */
    enter(v: number, parent: number): boolean;
    /** An edge leads to a vertex that is not new. */
    again(v: number, to: number): void;
    leave(v: number, parent: number): void;
}

/** A depth-first walk without recursion, as chains may be longer than the stack. */
function depthFirst(edges: Edges, root: number, visit: Visit): void {
    if (!visit.enter(root, -1)) return;
    const path = [{ v: root, next: 0 }];
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
        const to = edges[top.v]?.[top.next++];
        if (to === undefined) {
            path.pop();
            visit.leave(top.v, path.at(-1)?.v ?? -1);
        } else if (visit.enter(to, top.v)) {
            path.push({ v: to, next: 0 });
        } else {
            visit.again(top.v, to);
        }
    }
}

/**
 * Groups of vertices that reach each other (Tarjan, SIAM Journal on Computing 1, 1972).
 *
 * @returns the number of its group a vertex
 */
export function strongComponents(edges: Edges): Int32Array {
    const group = new Int32Array(edges.length).fill(-1);
    const low = new Int32Array(edges.length);
    const order = new Int32Array(edges.length);
    const open: number[] = [];
    let [count, groups] = [0, 0];
    const visit: Visit = {
        enter: (v) => {
            if (order[v] !== 0) return false;
            count++;
            order[v] = count;
            low[v] = count;
            open.push(v);
            return true;
        },
        again: (v, to) => {
            if (group[to] === -1) low[v] = Math.min(low[v] as number, order[to] as number);
        },
        leave: (v, parent) => {
            if (low[v] === order[v]) {
                for (let w = open.pop(); w !== undefined; w = w === v ? undefined : open.pop()) group[w] = groups;
                groups++;
            }
            if (parent >= 0) low[parent] = Math.min(low[parent] as number, low[v] as number);
        },
    };
    for (const root of edges.keys()) depthFirst(edges, root, visit);
    return group;
}

/** The vertices without which a graph without directions falls into more parts (Hopcroft and Tarjan 1973); ascending. */
export function articulationPoints(edges: Edges): number[] {
    const low = new Int32Array(edges.length);
    const order = new Int32Array(edges.length);
    const points = new Set<number>();
    let count = 0;
    for (const root of edges.keys()) {
        let branches = 0;
        depthFirst(edges, root, {
            enter: (v, parent) => {
                if (order[v] !== 0) return false;
                count++;
                order[v] = count;
                low[v] = count;
                if (parent === root) branches++;
                return true;
            },
            again: (v, to) => {
                low[v] = Math.min(low[v] as number, order[to] as number);
            },
            leave: (v, parent) => {
                if (parent < 0) return;
                low[parent] = Math.min(low[parent] as number, low[v] as number);
                if (parent !== root && (low[v] as number) >= (order[parent] as number)) points.add(parent);
            },
        });
        if (branches > 1) points.add(root);
    }
    return [...points].sort((a, b) => a - b);
}
