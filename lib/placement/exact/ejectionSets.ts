import type { State } from "./state";

/** Services of which one replica each is ejected from a host; a service may occur more than once. */
export type EjectionSet = readonly { readonly service: number; readonly host: number }[];

/**
 * The smallest sets of replicas that must leave so that one more of a service fits on a host: those that anti-affinity
 * or a port forbids, and every choice of others of which each is needed for room. Only what ran before may leave, and
 * none of the service itself, which would gain nothing. A placement with more ejections has one of these in it, so
 * that nothing is lost by trying these alone.
 *
 * @param most the largest number of replicas that may leave
 */
export function ejectionSets(state: State, s: number, host: number, most: number): EjectionSet[] {
    const { board } = state;
    const forced = forcedOut(state, s, host);
    if (forced === undefined || forced.length > most || !board.isLabelled(s, host)) return [];
    const inUse = state.problem.hosts[host]?.portsInUse;
    if (state.problem.services[s]?.ports.some((port) => inUse?.has(port))) return [];
    if (board.missing(s, host) !== undefined) return [];
    const short = (state.problem.services[s]?.demand ?? []).map((amount, d) => amount - board.left(host, d));
    for (const { service, host: from } of forced) if (from === host) release(state, short, service, 1);
    const choices = [...state.problem.services.keys()].filter((t) => t !== s && state.oursOn(t, host) > 0);
    const taken = new Map<number, number>();
    for (const { service, host: from } of forced) {
        if (from === host) taken.set(service, (taken.get(service) ?? 0) + 1);
    }
    const sets: EjectionSet[] = [];
    const chosen: number[] = [];
    const visit = (next: number): void => {
        if (short.every((amount) => amount <= 0)) {
            if (isMinimal(state, short, chosen)) {
                sets.push([...forced, ...chosen.map((service) => ({ service, host }))]);
            }
            return;
        }
        if (forced.length + chosen.length >= most) return;
        for (let i = next; i < choices.length; i++) {
            const t = choices[i] ?? 0;
            const already = (taken.get(t) ?? 0) + chosen.reduce((n, other) => n + (other === t ? 1 : 0), 0);
            if (already >= state.oursOn(t, host)) continue;
            release(state, short, t, 1);
            chosen.push(t);
            visit(i);
            chosen.pop();
            release(state, short, t, -1);
        }
    };
    visit(0);
    return sets.sort((a, b) => a.length - b.length);
}

function release({ problem }: State, short: number[], service: number, sign: 1 | -1): void {
    const demand = problem.services[service]?.demand ?? [];
    for (let d = 0; d < demand.length; d++) short[d] = (short[d] ?? 0) - sign * (demand[d] ?? 0);
}

function isMinimal({ problem }: State, short: readonly number[], chosen: readonly number[]): boolean {
    return chosen.every((t) =>
        problem.services[t]?.demand.some((amount, d) => (short[d] ?? 0) + amount > 0 && amount > 0),
    );
}

/** Those that anti-affinity or a port forbids beside the service; undefined when one of them cannot leave. */
function forcedOut(state: State, s: number, host: number): { service: number; host: number }[] | undefined {
    const { board, problem } = state;
    const service = problem.services[s];
    const out = new Map<string, { service: number; host: number }[]>();
    const demandOut = (other: number, from: number): boolean => {
        const count = board.count(other, from);
        if (count === 0) return true;
        if (other === s || state.oursOn(other, from) < count) return false;
        out.set(`${other} ${from}`, new Array(count).fill({ service: other, host: from }));
        return true;
    };
    for (const { service: other, topology } of service?.apart ?? []) {
        const domain = board.domain(host, topology);
        if (domain < 0) return undefined;
        if (board.count(other, domain, topology) === 0) continue;
        const members = problem.topologies[topology]?.members[domain] ?? [];
        if (!members.every((member) => demandOut(other, member))) return undefined;
    }
    for (const port of service?.ports ?? []) {
        const holder = board.holder(port, host);
        if (holder !== undefined && !demandOut(holder, host)) return undefined;
    }
    return [...out.values()].flat();
}
