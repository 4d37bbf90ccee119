/** In larger tables of groups and rooms only the sums are compared: the flow would take longer than all else. */
const MOST_EDGES = 40_000;

/**
 * Groups that need more than all the rooms offer that any of them may use: the theorem of Hall (1935), for amounts instead
 * of persons. Found by filling the rooms as far as they go (a maximum flow, by shortest augmenting paths: Edmonds and Karp
 * 1972); what cannot be filled in, with everything that it could take the place of, needs too much.
 *
 * @param needs group to amount
 * @param rooms room to amount
 * @param mayUse whether a group may use a room
 * @returns a set of groups for each group for which something is left over; no two are the same
 */
export function overfull(
    needs: readonly number[],
    rooms: readonly number[],
    mayUse: (group: number, room: number) => boolean,
): number[][] {
    if (needs.length * rooms.length > MOST_EDGES) return sum(needs) > sum(rooms) ? [[...needs.keys()]] : [];
    const usable = needs.map((_, group) => [...rooms.keys()].filter((room) => mayUse(group, room)));
    const flow = new Filling(rooms, usable);
    const found = new Map<string, number[]>();
    needs.forEach((need, group) => {
        if (!flow.fill(group, need)) found.set(flow.reached.join(), flow.reached);
    });
    return [...found.values()];
}

/** What each group takes of each room. */
class Filling {
    /** The groups of which room was sought last. */
    reached: number[] = [];
    private readonly left: number[];
    private readonly taken: Map<number, number>[];

    constructor(
        rooms: readonly number[],
        private readonly usable: readonly (readonly number[])[],
    ) {
        this.left = [...rooms];
        this.taken = rooms.map(() => new Map());
    }

    /** Gives a group all that it needs; false where that is impossible beside those before it. */
    fill(group: number, need: number): boolean {
        for (let rest = need; rest > 0; ) {
            const path = this.path(group);
            if (path === undefined) return false;
            // Each step of the path takes from the next group what it gives to the one before.
            const most = path.reduce(
                (least, { from, room }) => Math.min(least, from < 0 ? (this.left[room] ?? 0) : this.takes(from, room)),
                rest,
            );
            for (const { from, room, to } of path) {
                if (from < 0) this.left[room] = (this.left[room] ?? 0) - most;
                else this.taken[room]?.set(from, this.takes(from, room) - most);
                this.taken[room]?.set(to, this.takes(to, room) + most);
            }
            rest -= most;
        }
        return true;
    }

    /** The fewest exchanges by which a group gets room: `to` takes over what `from` has of a room, or what is left of it. */
    private path(start: number): { from: number; room: number; to: number }[] | undefined {
        const groups = [start];
        const cameBy = new Map<number, { room: number; to: number }>();
        const seen = new Set<number>();
        this.reached = groups;
        // The list grows while it is walked.
        for (const to of groups) {
            for (const room of this.usable[to] ?? []) {
                if (seen.has(room)) continue;
                seen.add(room);
                if ((this.left[room] ?? 0) > 0) return this.traced({ from: -1, room, to }, start, cameBy);
                for (const [from, amount] of this.taken[room] ?? []) {
                    if (amount === 0 || from === start || cameBy.has(from)) continue;
                    cameBy.set(from, { room, to });
                    groups.push(from);
                }
            }
        }
        return undefined;
    }

    private traced(
        last: { from: number; room: number; to: number },
        start: number,
        cameBy: ReadonlyMap<number, { room: number; to: number }>,
    ): { from: number; room: number; to: number }[] {
        const path = [last];
        for (let from = last.to; from !== start; ) {
            const step = cameBy.get(from);
            if (step === undefined) break;
            path.push({ from, ...step });
            from = step.to;
        }
        return path;
    }

    private takes(group: number, room: number): number {
        return this.taken[room]?.get(group) ?? 0;
    }
}

/** The largest needs, as few as exceed what there is. */
export function fewestExceeding(
    services: readonly number[],
    need: (service: number) => number,
    offered: number,
): number[] {
    let left = offered;
    const chosen: number[] = [];
    for (const s of [...services].sort((a, b) => need(b) - need(a) || a - b)) {
        if (left < 0) break;
        left -= need(s);
        chosen.push(s);
    }
    return chosen;
}

function sum(amounts: readonly number[]): number {
    return amounts.reduce((all, amount) => all + amount, 0);
}
