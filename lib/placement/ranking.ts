import type { Board } from "./board";

/** More than any first number without it. */
const MISS = 2 ** 32;

/**
 * How well each host suits one more replica of a service: three whole numbers a host, compared one after the other,
 * less is better; the host's number settles the rest. What the objective counts comes first, what keeps the way open
 * for later replicas comes second.
 *
 * | objective | first | second | third |
 * |---|---|---|---|
 * | spread | replicas of the service there | share of the host that will be taken | replicas there |
 * | balance | share of the host that will be taken | replicas of the service there | replicas there |
 * | binpack, fewest-hosts | cost of a host that is not in use yet | least room left | - |
 *
 * A host that the service does not prefer comes after all that it does: its first number is larger by {@link MISS}.
 */
export class Ranking {
    private readonly first: Float64Array;
    private readonly second: Float64Array;
    private readonly third: Float64Array;
    private preferred: Uint8Array | undefined;

    private service = 0;

    /** @param costs for each host what its use adds to the objective, where the objective counts hosts */
    constructor(
        private readonly board: Board,
        private readonly costs: readonly number[],
    ) {
        const hosts = board.problem.hosts.length;
        this.first = new Float64Array(hosts);
        this.second = new Float64Array(hosts);
        this.third = new Float64Array(hosts);
    }

    /** Begins anew for a service: no host is noted. */
    begin(service: number): void {
        this.service = service;
        this.preferred = this.board.suits.preferred[service];
    }

    /** Takes note of what the host holds now. */
    update(host: number): void {
        const { board, service } = this;
        const load = board.residents[host]?.length ?? 0;
        const share = board.share(host, service);
        const { goal } = board.problem;
        const miss = this.misses(host) * MISS;
        if (goal === "spread" || goal === "balance") {
            const same = board.count(service, host);
            this.first[host] = (goal === "spread" ? same : share) + miss;
            this.second[host] = goal === "spread" ? share : same;
            this.third[host] = load;
        } else {
            this.first[host] = (load > 0 ? 0 : (this.costs[host] ?? 0)) + miss;
            this.second[host] = -share;
        }
    }

    /** 1 for a host that the service does not prefer although it prefers some. */
    misses(host: number): 0 | 1 {
        return this.preferred !== undefined && this.preferred[host] === 0 ? 1 : 0;
    }

    /** Whether host `a` suits better than host `b`, as they were noted last. */
    before(a: number, b: number): boolean {
        const first = (this.first[a] ?? 0) - (this.first[b] ?? 0);
        if (first !== 0) return first < 0;
        const second = (this.second[a] ?? 0) - (this.second[b] ?? 0);
        if (second !== 0) return second < 0;
        const third = (this.third[a] ?? 0) - (this.third[b] ?? 0);
        return third === 0 ? a < b : third < 0;
    }

    /** By how much the first number of `from` exceeds that of `to`. */
    gain(from: number, to: number): number {
        return (this.first[from] ?? 0) - (this.first[to] ?? 0);
    }
}
