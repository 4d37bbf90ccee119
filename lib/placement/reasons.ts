import type { Board } from "./board";

/** Why a host cannot take one more replica of a service: everything that stands in the way, in one line. */
export function reasonAgainst(board: Board, s: number, host: number): string {
    const { dimensions, services, topologies, hosts } = board.problem;
    const service = services[s];
    const labels = hosts[host]?.labels;
    const reasons: string[] = [];
    for (const [label, values] of service?.require ?? []) {
        const value = labels?.get(label);
        if (value !== undefined && values.includes(value)) continue;
        reasons.push(
            `${label}: needs ${[...values].sort().join(" or ")}, ${value === undefined ? "has none" : `is ${value}`}`,
        );
    }
    const used = new Set(service?.apart.map(({ topology }) => topology));
    if (service?.spread) used.add(service.spread.topology);
    for (const topology of used) {
        const label = topologies[topology]?.label ?? "";
        if (board.domain(host, topology) < 0) reasons.push(`${label}: the host has no such label, a rule needs it`);
    }
    dimensions.forEach((dimension, d) => {
        const needs = service?.demand[d] ?? 0;
        const left = board.left(host, d);
        if (needs > left) reasons.push(`${dimension}: needs ${needs}, ${left} left`);
    });
    for (const rule of service?.apart ?? []) {
        const domain = board.domain(host, rule.topology);
        if (domain < 0 || board.count(rule.service, domain, rule.topology) === 0) continue;
        const topology = topologies[rule.topology];
        reasons.push(
            `antiAffinity: ${services[rule.service]?.name} is on ${topology?.label} ${topology?.values[domain]}`,
        );
    }
    for (const other of service?.together ?? []) {
        if (board.count(other, host) === 0) reasons.push(`affinity: ${services[other]?.name} is not there`);
    }
    return [...reasons, ...skewReason(board, s, host)].join("; ");
}

function skewReason(board: Board, s: number, host: number): string[] {
    const spread = board.problem.services[s]?.spread;
    if (spread === undefined || board.domain(host, spread.topology) < 0 || board.keepsSkew(s, host)) return [];
    const topology = board.problem.topologies[spread.topology];
    const domain = board.domain(host, spread.topology);
    const here = board.count(s, domain, spread.topology);
    return [
        `spreadOver: ${topology?.label} ${topology?.values[domain]} has ${here}, another only ${board.least(s)}, ` +
            `maxSkew is ${spread.maxSkew}`,
    ];
}
