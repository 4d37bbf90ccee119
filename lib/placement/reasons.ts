import { type Board, NOWHERE } from "./board";
import { replicaName } from "./canonical";
import { namesOfPorts } from "./ports";

/** Why a host cannot take one more replica of a service: everything that stands in the way, in one line. */
export function reasonAgainst(board: Board, s: number, host: number): string {
    const { dimensions, services, topologies } = board.problem;
    const service = services[s];
    const labels = board.problem.hosts[host]?.labels;
    const reasons = [...labelReasons(service?.require ?? new Map(), labels), ...domainReasons(board, s, host)];
    dimensions.forEach((dimension, d) => {
        const needs = service?.demand[d] ?? 0;
        const left = board.left(host, d);
        if (needs > left) reasons.push(`${dimension}: needs ${needs}, ${left} left`);
    });
    reasons.push(...portReasons(board, s, host));
    for (const rule of service?.apart ?? []) {
        const domain = board.domain(host, rule.topology);
        if (domain < 0 || board.count(rule.service, domain, rule.topology) === 0) continue;
        const topology = topologies[rule.topology];
        reasons.push(
            `antiAffinity: ${services[rule.service]?.name} is on ${topology?.label} ${topology?.values[domain]}`,
        );
    }
    for (const link of service?.together ?? []) {
        const domain = board.domain(host, link.topology);
        if (domain < 0 || board.count(link.service, domain, link.topology) > 0) continue;
        const topology = topologies[link.topology];
        const where = link.topology === 0 ? "there" : `on ${topology?.label} ${topology?.values[domain]}`;
        reasons.push(`affinity: ${services[link.service]?.name} is not ${where}`);
    }
    return [...reasons, ...skewReason(board, s, host)].join("; ");
}

/** Which labels a host lacks of those that are wanted. */
export function labelReasons(
    wanted: ReadonlyMap<string, readonly string[]>,
    labels: ReadonlyMap<string, string> | undefined,
): string[] {
    const reasons: string[] = [];
    for (const [label, values] of wanted) {
        const value = labels?.get(label);
        if (value !== undefined && values.includes(value)) continue;
        reasons.push(`${label}: needs ${values.join(" or ")}, ${value === undefined ? "has none" : `is ${value}`}`);
    }
    return reasons;
}

function domainReasons(board: Board, s: number, host: number): string[] {
    const { services, topologies } = board.problem;
    return (services[s]?.topologies ?? [])
        .filter((topology) => board.domain(host, topology) < 0)
        .map((topology) => `${topologies[topology]?.label ?? ""}: the host has no such label, a rule needs it`);
}

function portReasons(board: Board, s: number, host: number): string[] {
    const { services, hosts, portGroups } = board.problem;
    return (services[s]?.ports ?? []).flatMap((port) => {
        const name = namesOfPorts(portGroups.get(port) ?? [port]);
        if (hosts[host]?.portsInUse.has(port)) return [`port ${name}: in use on the host`];
        const holder = board.holder(port, host);
        if (holder === undefined) return [];
        const replica = board.residents[host]?.find((other) => board.service(other) === holder) ?? NOWHERE;
        return [`port ${name}: taken by ${replicaName(board.problem, replica)}`];
    });
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
