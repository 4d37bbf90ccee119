import { adviceFor } from "./advice";
import { counted, listed, percent } from "./tidy";
import type { AffinityProposal, DependencyReport, DomainReport, Finding, ServiceSurvival } from "./types";

const ORDER: readonly Finding["severity"][] = ["bad", "warning", "good"];

/** What matters of a report, the bad first; a cause once, with what follows from it. */
export function findingsOf(
    domains: readonly DomainReport[],
    dependencies: DependencyReport,
    affinity: AffinityProposal | undefined,
): Finding[] {
    const blast = new Map(dependencies.services.map(({ service, stopped, stops }) => [service, { stopped, stops }]));
    const reach = (service: string): string => {
        const { stopped, stops } = blast.get(service) ?? { stopped: 0, stops: [] };
        return stopped === 0 ? "" : `, and ${listed(stops, "and", stopped)} with it`;
    };
    // What the loss of one host stops, the loss of its zone stops too: that needs no second finding.
    const byHost = new Set(domains.find(isHosts)?.services.filter(isWeak).map(nameOf));
    const found = [
        ...(domains[0]?.services ?? []).filter(isDown).map((of) => ({
            severity: "bad" as const,
            subject: of.service,
            sentence: `${of.service} does not serve${reach(of.service)}: it has ${counted(of.replicas, "replica")} and needs ${of.needs}`,
            advice: `place ${counted(of.needs - of.replicas, "more replica").replace("1 more", "one more")} of ${of.service}`,
        })),
        ...domains.flatMap((kind) => onKind(kind, isHosts(kind) ? new Set() : byHost, reach)),
        ...dependencies.circles.map((circle) => ({
            severity: "warning" as const,
            subject: circle[0] ?? "",
            sentence:
                circle.length === 1
                    ? `${circle[0]} depends on itself`
                    : `${listed(circle, "and")} depend on each other: none serves without all of them`,
            advice: "take one dependency out of the circle, so that they can start and fail one by one",
        })),
        // One group of all that talk is no news.
        ...(affinity?.basis === "traffic" && affinity.modularity > 0 ? affinity.groups.map(together) : []),
    ];
    return found.sort((a, b) => ORDER.indexOf(a.severity) - ORDER.indexOf(b.severity) || compare(a.subject, b.subject));
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const isDown = ({ ownFewestLosses }: ServiceSurvival): boolean => ownFewestLosses === 0;
/** One loss stops it by itself; what does not serve now is not stopped by any. */
const isWeak = (of: ServiceSurvival): boolean => of.ownFewestLosses === 1 && of.fewestLosses === 1;
const isHosts = ({ label }: DomainReport): boolean => label === "host";
const nameOf = ({ service }: ServiceSurvival): string => service;

/** What single losses of this kind stop, and what survives them. @param told services of which that is known already */
function onKind(kind: DomainReport, told: ReadonlySet<string>, reach: (service: string) => string): Finding[] {
    const { label, names, services } = kind;
    const severity = isHosts(kind) ? ("bad" as const) : ("warning" as const);
    const weak = services.filter(isWeak).filter(({ service }) => !told.has(service));
    if (names.length === 1 && weak.length > 0) {
        const all = listed(services.filter(isWeak).map(nameOf), "and");
        const sentence = `there is only one ${label}, ${names[0]}: losing it stops ${all}`;
        return [{ severity, subject: label, sentence, advice: `add hosts in another ${label}` }];
    }
    const advice = (of: ServiceSurvival): string =>
        adviceFor({ ...of, name: of.service }, { label, domains: names.length }, 1);
    return [
        ...weak.map((of) => ({
            severity,
            subject: of.service,
            sentence: `${cause(of, label)}${reach(of.service)}`,
            advice: advice(of),
        })),
        ...worstDomain(kind),
        ...summary(kind),
    ];
}

/** `db has only one replica: losing host vm3 stops db`, for a service that one loss stops by itself. */
function cause({ service, replicas, needs, replicasIn, stoppedByFewest }: ServiceSurvival, label: string): string {
    const [domain = ""] = stoppedByFewest;
    const there = replicasIn.find((of) => of.domain === domain)?.replicas ?? 0;
    const losing = `losing ${label} ${domain} stops ${service}`;
    if (replicas === 1) return `${service} has only one replica: ${losing}`;
    const all = replicas === 2 ? "both" : `all ${replicas}`;
    if (there === replicas) return `${all} replicas of ${service} are in ${label} ${domain}: ${losing}`;
    return `${service} has ${there} of its ${replicas} replicas in ${label} ${domain} and needs ${needs}: ${losing}`;
}

/** The domain whose loss stops the most, where it is not for one service that all others depend on. */
function worstDomain({ label, losses }: DomainReport): Finding[] {
    const worst = losses.reduce((most, loss) => (loss.stopped > (most?.stopped ?? 0) ? loss : most), losses[0]);
    if (worst === undefined || worst.stops.length < 2) return [];
    return [{ severity: "warning", subject: `${label} ${worst.domain}`, sentence: `the worst: ${worst.sentence}` }];
}

/** How many services survive the loss of any one domain, and what is then the weakest. */
function summary({ label, services }: DomainReport): Finding[] {
    const serving = services.filter(({ fewestLosses }) => fewestLosses !== 0);
    const safe = serving.filter(({ fewestLosses }) => fewestLosses !== 1);
    const [first] = safe.filter(({ fewestLosses }) => fewestLosses === 2);
    if (safe.length === 0) return [];
    const pair = first === undefined ? "" : `; losing ${listed(first.stoppedByFewest, "and")} stops ${first.service}`;
    const all = safe.length === serving.length && safe.length > 1;
    const who = all ? `all ${safe.length} services` : listed(safe.map(nameOf), "and");
    const sentence = `${who} survive${safe.length === 1 ? "s" : ""} the loss of any one ${label}${pair}`;
    return [{ severity: "good", subject: label, sentence }];
}

/** A proposal, as nobody but the operator knows what must be kept apart. */
function together({ services, busiest, share }: AffinityProposal["groups"][number]): Finding {
    const others = services.filter((service) => service !== busiest);
    return {
        severity: "good",
        subject: services[0] ?? "",
        sentence: `${percent(share)} of all traffic is between ${listed(services, "and")}`,
        advice: `affinity of ${listed(others, "and")} to ${busiest} would keep it on the same hosts`,
    };
}
