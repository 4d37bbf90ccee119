import type { State } from "./state";

/** Hosts that nothing tells apart: what has been tried on one need not be tried on the other. */
export class Twins {
    /** Host to the first host that is as it is when empty; a host on which something ran has no other. */
    private readonly kind: Int32Array;

    constructor(private readonly state: State) {
        const { problem, board } = state;
        const known = new Map<string, number>();
        this.kind = Int32Array.from(problem.hosts, (host, h) => {
            const ran = problem.services.some((_, s) => (state.ran[s * problem.hosts.length + h] ?? 0) > 0);
            const fits = problem.services.map((_, s) => [board.suits.labelled[s]?.[h], board.suits.preferred[s]?.[h]]);
            const domains = problem.topologies.slice(1).map(({ domainOf }) => domainOf[h]);
            const key = JSON.stringify([ran ? h : -1, host.capacity, [...host.portsInUse].sort(), domains, fits]);
            const first = known.get(key) ?? h;
            known.set(key, first);
            return first;
        });
    }

    /** Whether one of the hosts is just as this one is now. */
    among(hosts: readonly number[], host: number): boolean {
        return hosts.some((other) => this.kind[other] === this.kind[host] && this.holdSame(other, host));
    }

    private holdSame(a: number, b: number): boolean {
        const { board, load, problem } = this.state;
        if (load[a] !== load[b]) return false;
        for (let s = 0; s < problem.services.length; s++) if (board.count(s, a) !== board.count(s, b)) return false;
        return true;
    }
}
