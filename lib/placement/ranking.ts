import type { Board } from "./board";

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
 */
export class Ranking {
    private readonly first: Float64Array;
    private readonly second: Float64Array;
    private readonly third: Float64Array;

    /** @param costs for each host what its use adds to the objective, where the objective counts hosts */
    constructor(
        private readonly board: Board,
        private readonly service: number,
        private readonly costs: readonly number[],
    ) {
        const hosts = board.problem.hosts.length;
        this.first = new Float64Array(hosts);
        this.second = new Float64Array(hosts);
        this.third = new Float64Array(hosts);
    }

    /** Takes note of what the host holds now. */
    update(host: number): void {
        const { board, service } = this;
        const load = board.residents[host]?.length ?? 0;
        const share = board.share(host, service);
        const { goal } = board.problem;
        if (goal === "spread" || goal === "balance") {
            const same = board.count(service, host);
            this.first[host] = goal === "spread" ? same : share;
            this.second[host] = goal === "spread" ? share : same;
            this.third[host] = load;
        } else {
            this.first[host] = load > 0 ? 0 : (this.costs[host] ?? 0);
            this.second[host] = -share;
        }
    }

    /** Whether host `a` suits better than host `b`, as they were noted last. */
    before(a: number, b: number): boolean {
        const difference =
            (this.first[a] ?? 0) - (this.first[b] ?? 0) ||
            (this.second[a] ?? 0) - (this.second[b] ?? 0) ||
            (this.third[a] ?? 0) - (this.third[b] ?? 0);
        return (difference || a - b) < 0;
    }

    /** By how much the first number of `from` exceeds that of `to`. */
    gain(from: number, to: number): number {
        return (this.first[from] ?? 0) - (this.first[to] ?? 0);
    }
}
