import { leadingVector } from "./lanczos";
import { eachEntry, neighbours, operator, principal, rowSums, type Sparse } from "./sparse";
import { normalised } from "./spectrum";
import { components } from "./walk";

/** Steps that order the members of a group; more would only sharpen what is cut at one place anyway. */
const STEPS = 80;

/**
 * Groups of vertices that belong together: spectral co-clustering (Dhillon, KDD 2001) by halves. Each part is put in the order
 * of its second singular vector, scaled by the roots of the degrees, and cut where that gains the most modularity (Newman,
 * PNAS 103, 2006), until no cut gains any. Parts that are not connected fall apart first. No random start: the same
 * matrix gives the same groups.
 *
 * @param weights symmetric, none negative; a vertex's weight with itself may be there
 * @returns the groups, each ascending, in the order of their first vertices
 */
export function coCluster(weights: Sparse): number[][] {
    const total = rowSums(weights).reduce((sum, x) => sum + x, 0);
    const degrees = rowSums(weights);
    const connected = (part: readonly number[]): number[][] =>
        components(neighbours(principal(weights, part, weights.rows))).map((of) => of.map((v) => part[v] ?? -1));
    const open = components(neighbours(weights));
    const groups: number[][] = [];
    for (let part = open.pop(); part !== undefined; part = open.pop()) {
        const halves = part.length < 2 ? undefined : bestCut(part, weights, degrees, total);
        if (halves === undefined) groups.push(part);
        else open.push(...halves.flatMap(connected));
    }
    return groups.sort(([a = 0], [b = 0]) => a - b);
}

/** Newman's modularity: the share of weight within groups, less what chance would give. From -1/2 to 1. */
export function modularity(weights: Sparse, groups: readonly (readonly number[])[]): { within: number; value: number } {
    const degrees = rowSums(weights);
    const total = degrees.reduce((sum, x) => sum + x, 0);
    if (total === 0) return { within: 0, value: 0 };
    const inside = withinGroups(weights, groups).reduce((sum, x) => sum + x, 0);
    const chance = groups.reduce((sum, group) => {
        const volume = group.reduce((of, v) => of + (degrees[v] ?? 0), 0) / total;
        return sum + volume * volume;
    }, 0);
    return { within: inside / total, value: inside / total - chance };
}

/** The weight between the members of each group, in both directions. */
export function withinGroups(weights: Sparse, groups: readonly (readonly number[])[]): number[] {
    const groupOf = new Map(groups.flatMap((group, g) => group.map((v) => [v, g] as const)));
    const inside = groups.map(() => 0);
    eachEntry(weights, (i, j, weight) => {
        const g = groupOf.get(i) ?? -1;
        if (g === groupOf.get(j)) inside[g] = (inside[g] ?? 0) + weight;
    });
    return inside;
}

/** The two sides of the cut that gains the most, or undefined where none gains. */
function bestCut(
    part: readonly number[],
    weights: Sparse,
    degrees: Float64Array,
    total: number,
): [number[], number[]] | undefined {
    const inside = principal(weights, part, weights.rows);
    const order = spectralOrder(inside);
    const volume = part.reduce((sum, v) => sum + (degrees[v] ?? 0), 0);
    const taken = new Uint8Array(part.length);
    let [left, cut, best, size] = [0, 0, 1e-12, 0];
    for (const [i, v] of order.slice(0, -1).entries()) {
        taken[v] = 1;
        left += degrees[part[v] ?? -1] ?? 0;
        for (let e = inside.start[v] as number; e < (inside.start[v + 1] as number); e++) {
            const w = inside.index[e] as number;
            if (w !== v) cut += (inside.value[e] as number) * (taken[w] === 1 ? -1 : 1);
        }
        const gain = (2 * left * (volume - left)) / total / total - (2 * cut) / total;
        if (gain > best + 1e-12) [best, size] = [gain, i + 1];
    }
    if (size === 0) return undefined;
    const side = (places: readonly number[]): number[] => places.map((v) => part[v] ?? -1).sort((a, b) => a - b);
    return [side(order.slice(0, size)), side(order.slice(size))];
}

/** The vertices of a connected matrix along its second singular vector. */
function spectralOrder(inside: Sparse): number[] {
    const degrees = rowSums(inside);
    const total = degrees.reduce((sum, x) => sum + x, 0);
    const first = degrees.map((degree) => Math.sqrt(degree / total));
    // The largest eigenvalue, not the largest in size: a very negative one belongs to two sides that only talk across, and would
    // put those apart who talk.
    const vector = leadingVector(operator(normalised(inside)), {
        without: [first],
        steps: Math.min(STEPS, inside.rows - 1),
    });
    // Rounded, so that equal places stay in the order of the vertices.
    const place = vector.map((x, v) => Math.round((x / Math.sqrt(degrees[v] || 1)) * Math.sqrt(total) * 1e9));
    return [...place.keys()].sort((a, b) => (place[a] ?? 0) - (place[b] ?? 0) || a - b);
}
