/**
 * For each node of a graph the length of the longest path that leaves it, or -1 where a path leads into a circle. Takes
 * away the nodes without an edge again and again (Kahn 1962), so that the cost is the number of nodes and edges.
 *
 * @param edges node to the nodes that its edges lead to
 */
export function chainLengths(edges: readonly (readonly number[])[]): number[] {
    const lengths = edges.map(() => -1);
    const open = edges.map((targets) => targets.length);
    const sources = edges.map((): number[] => []);
    edges.forEach((targets, from) => {
        for (const to of targets) sources[to]?.push(from);
    });
    const ready = [...edges.keys()].filter((node) => open[node] === 0);
    for (const node of ready) lengths[node] = 0;
    // The list grows while it is walked.
    for (const node of ready) {
        for (const from of sources[node] ?? []) {
            lengths[from] = Math.max(lengths[from] ?? 0, 1 + (lengths[node] ?? 0));
            open[from] = (open[from] ?? 0) - 1;
            if (open[from] === 0) ready.push(from);
        }
    }
    return lengths.map((length, node) => (open[node] === 0 ? length : -1));
}

/** Circles of the graph, no node in two of them: at least one where there is one. Each begins with its least node. */
export function circles(edges: readonly (readonly number[])[]): number[][] {
    const lengths = chainLengths(edges);
    const found: number[][] = [];
    const seen = new Set<number>();
    for (const [start, length] of lengths.entries()) {
        if (length >= 0) continue;
        const trail: number[] = [];
        const placeOf = new Map<number, number>();
        // Every node that leads into a circle has an edge to another such node: the walk ends only on a known one.
        for (let node: number | undefined = start; node !== undefined && !seen.has(node); ) {
            seen.add(node);
            placeOf.set(node, trail.length);
            trail.push(node);
            const next: number | undefined = edges[node]?.find((to) => lengths[to] === -1);
            const place: number | undefined = next === undefined ? undefined : placeOf.get(next);
            if (place !== undefined) found.push(fromLeast(trail.slice(place)));
            node = next;
        }
    }
    return found;
}

function fromLeast(circle: readonly number[]): number[] {
    const least = circle.reduce((best, node, i) => (node < (circle[best] ?? 0) ? i : best), 0);
    return [...circle.slice(least), ...circle.slice(0, least)];
}
