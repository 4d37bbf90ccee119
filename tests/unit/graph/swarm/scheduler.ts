import { numbers } from "../inputs";

/** What swarmkit's scheduler is told of a service that is just created; the nodes it may run on have room without end. */
export interface Created {
    readonly replicas: number;
    /** For each node the value of the spread label; all the same without a preference. */
    readonly values: readonly string[];
    readonly eligible: readonly boolean[];
}

/**
 * A run of the scheduler as manager/scheduler of moby/swarmkit describes it: the replicas come in batches, each is dealt out over the
 * values of the spread label, and below one over its nodes, those with the fewest replicas first. What swarmkit leaves to the order of
 * Go's maps, and the loads of the nodes by which it breaks ties, is left to `random`.
 */
export class Scheduler {
    readonly counts: number[];

    constructor(
        private readonly created: Created,
        private readonly random: () => number,
    ) {
        this.counts = created.values.map(() => 0);
        for (let left = created.replicas; left > 0; ) {
            const batch = 1 + Math.floor(random() * left);
            this.deal(batch);
            left -= batch;
        }
    }

    private deal(batch: number): void {
        const { values, eligible } = this.created;
        const branches = this.shuffled([...new Set(values)]).map((value) => ({
            nodes: [...values.keys()].filter((n) => values[n] === value && eligible[n]),
            // Of all nodes, and as it was before the batch.
            tasks: [...values.keys()]
                .filter((n) => values[n] === value)
                .reduce((sum, n) => sum + (this.counts[n] ?? 0), 0),
        }));
        if (branches.length === 1) {
            this.fill(branches[0]?.nodes ?? [], batch);
            return;
        }
        const full = new Set<(typeof branches)[number]>();
        let usable = branches.reduce((sum, { tasks }) => sum + tasks, 0);
        for (let scheduled = 0; scheduled < batch && full.size < branches.length; ) {
            const open = usable + batch - scheduled;
            const desired = Math.floor(open / (branches.length - full.size));
            let remainder = open % (branches.length - full.size);
            for (const branch of this.shuffled(branches)) {
                if (full.has(branch) || branch.tasks > desired || (branch.tasks === desired && remainder === 0))
                    continue;
                const asked = desired - branch.tasks + (remainder > 0 ? 1 : 0);
                const done = this.fill(branch.nodes, Math.min(asked, batch - scheduled));
                if (done < asked) {
                    full.add(branch);
                    usable -= branch.tasks;
                } else if (remainder > 0) remainder--;
                scheduled += done;
            }
        }
    }

    private fill(nodes: readonly number[], replicas: number): number {
        const loads = new Map(nodes.map((n) => [n, this.random()]));
        const count = (n: number): number => this.counts[n] ?? 0;
        const isLess = (a: number, b: number): boolean =>
            count(a) < count(b) || (count(a) === count(b) && (loads.get(a) ?? 0) < (loads.get(b) ?? 0));
        const sorted = [...nodes].sort((a, b) => (isLess(a, b) ? -1 : 1));
        if (sorted.length === 0) return 0;
        let at = 0;
        for (const _ of numbers(replicas)) {
            const node = sorted[at % sorted.length] as number;
            this.counts[node] = count(node) + 1;
            const next = sorted[at + 1];
            // It goes on once the next node is better off, and after the first round in any case.
            if (next === undefined || isLess(next, node)) at++;
        }
        return replicas;
    }

    private shuffled<T>(items: readonly T[]): T[] {
        return items
            .map((item) => ({ item, key: this.random() }))
            .sort((a, b) => a.key - b.key)
            .map(({ item }) => item);
    }
}
