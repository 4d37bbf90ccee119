import type { DomainKind } from "../incidence";
import { counted, listed } from "../tidy";
import type { DependencyReport, Finding } from "../types";
import { aboutSpread, swarmAdvice } from "./advice";
import type { Swarm, Tasks } from "./readSwarm";
import { byDomain, largest, sumAt, sumOf } from "./room";
import type { SwarmDomainReport, SwarmSurvival } from "./types";

const ORDER: readonly Finding["severity"][] = ["bad", "warning", "good"];

/** What matters of a report, the bad first; a cause once, with what follows from it. */
export function swarmFindings(
    swarm: Swarm,
    domains: readonly SwarmDomainReport[],
    { services: blast, circles }: DependencyReport,
): Finding[] {
    const reach = (service: string): string => {
        const { stopped, stops } = blast.find((of) => of.service === service) ?? { stopped: 0, stops: [] };
        return stopped === 0 ? "" : `, and ${listed(stops, "and", stopped)} with it`;
    };
    // What the loss of one host does, the loss of its zone does too: that needs no second finding.
    const hosts = domains.find(({ label }) => label === "host")?.services;
    const told = {
        weak: new Set(hosts?.filter(isWeak).map(nameOf)),
        short: new Set(hosts?.filter(isShort).map(nameOf)),
    };
    const found = [
        ...(domains[0]?.services ?? []).flatMap((of, s) => lackOfRoom(of, swarm.services[s] as Tasks, reach)),
        ...domains.flatMap((report, k) => onKind(swarm, report, swarm.kinds[k] as DomainKind, told, reach)),
        ...circles.map((circle) => ({
            severity: "warning" as const,
            subject: circle[0] ?? "",
            sentence:
                circle.length === 1
                    ? `${circle[0]} depends on itself`
                    : `${listed(circle, "and")} depend on each other: none serves without all of them`,
            advice: "take one dependency out of the circle, so that they can start and fail one by one",
        })),
    ];
    return found.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || compare(a.subject, b.subject));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const nameOf = ({ service }: SwarmSurvival): string => service;
const isWeak = (of: SwarmSurvival): boolean => of.ownFewestLosses === 1 && of.fewestLosses === 1;

/** Not all of it may come back after one loss. */
const isShort = ({ replicas, room, losses: [one] }: SwarmSurvival): boolean =>
    one !== undefined && room >= replicas && one.restored.low < replicas;

/** A service that never runs whole, were it alone in the swarm. */
function lackOfRoom(
    { service, replicas, room, needs }: SwarmSurvival,
    { fixed }: Tasks,
    reach: (name: string) => string,
): Finding[] {
    if (room >= replicas && room >= needs) return [];
    const advice =
        room < replicas && !fixed
            ? `add nodes that may run ${service}, or raise maxPerNode`
            : `give ${service} more replicas`;
    if (room >= needs) {
        const sentence = `${service} has room for ${room} of its ${counted(replicas, "replica")} only`;
        return [{ severity: "warning", subject: service, sentence, advice }];
    }
    const has =
        room < replicas ? `room for ${room} of its ${counted(replicas, "replica")}` : counted(replicas, "replica");
    const sentence = `${service} cannot serve${reach(service)}: it has ${has} and needs ${needs}`;
    return [{ severity: "bad", subject: service, sentence, advice }];
}

function onKind(
    swarm: Swarm,
    { label, names, services }: SwarmDomainReport,
    kind: DomainKind,
    told: { readonly weak: ReadonlySet<string>; readonly short: ReadonlySet<string> },
    reach: (service: string) => string,
): Finding[] {
    const isHosts = label === "host";
    const severity = isHosts ? ("bad" as const) : ("warning" as const);
    const weak = services.filter(isWeak);
    if (names.length === 1 && weak.length > 0) {
        const sentence = `there is only one ${label}, ${names[0]}: losing it stops ${listed(weak.map(nameOf), "and")}`;
        return [{ severity, subject: label, sentence, advice: `add nodes in another ${label}` }];
    }
    return [
        ...services.flatMap((of, s) => {
            if (!isWeak(of) || (!isHosts && told.weak.has(of.service))) return [];
            const tasks = swarm.services[s] as Tasks;
            const advice = `${swarmAdvice(tasks, kind, 1)}${aboutSpread(tasks, kind)}`;
            return [
                { severity, subject: of.service, sentence: `${of.sentence}${reach(of.service)}${fresh(of)}`, advice },
            ];
        }),
        ...services.flatMap((of, s) => {
            const isNews = isShort(of) && names.length > 1 && (isHosts || !told.short.has(of.service));
            // Of a service whose replicas belong to their nodes nothing is to come back.
            const tasks = swarm.services[s] as Tasks;
            return isNews && !tasks.fixed ? comeback(of, tasks, kind) : [];
        }),
        ...summary(services, label),
    ];
}

/** What the same loss takes right after a first deployment, where that is less. */
function fresh({ losses: [one] }: SwarmSurvival): string {
    if (one?.afterDeployment === undefined || one.afterDeployment >= one.lost) return "";
    return ` (right after its first deployment it would lose ${one.afterDeployment}, but that does not last)`;
}

/** What a loss leaves no room for, or may leave none for. */
function comeback({ service, replicas, losses: [one] }: SwarmSurvival, { least }: Tasks, kind: DomainKind): Finding[] {
    const { low, high } = one?.restored ?? { low: 0, high: 0 };
    const room = byDomain(least, kind.domainOf, kind.names.length);
    const alone = sumOf(room) - sumAt(room, largest(room, 1));
    const only = low === high ? `${low}` : `${low} to ${high}`;
    const run = `${only} of ${counted(replicas, "replica")} run again`;
    const loss = `after the loss of one ${kind.label}`;
    if (alone < replicas) {
        const sentence = `${loss} there is no room for all of ${service}: ${run}`;
        const advice = `add nodes, so that what one ${kind.label} runs fits elsewhere`;
        return [{ severity: "warning", subject: service, sentence, advice }];
    }
    const sentence = `${loss} others may take the room of ${service}: ${run}`;
    return [{ severity: "warning", subject: service, sentence, advice: "add capacity, or lower what is reserved" }];
}

function summary(services: readonly SwarmSurvival[], label: string): Finding[] {
    const serving = services.filter(({ fewestLosses }) => fewestLosses !== 0);
    const safe = serving.filter(({ fewestLosses }) => fewestLosses !== 1);
    if (safe.length === 0) return [];
    const all = safe.length === serving.length && safe.length > 1;
    const who = all ? `all ${safe.length} services` : listed(safe.map(nameOf), "and");
    const sentence = `${who} survive${safe.length === 1 ? "s" : ""} the loss of any one ${label}, wherever Swarm puts ${safe.length === 1 ? "it" : "them"}`;
    return [{ severity: "good", subject: label, sentence }];
}
