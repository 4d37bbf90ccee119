import type { DomainKind, Service } from "./incidence";
import { type Own, SHOWN } from "./survival";
import { counted, listed } from "./tidy";
import type { DomainLoss, ServiceSurvival } from "./types";

/** The blast radius of each domain: the figures of the services, read the other way round. */
export function lossesOf(
    kind: DomainKind,
    services: readonly Service[],
    owns: readonly Own[],
    survivals: readonly ServiceSurvival[],
): DomainLoss[] {
    const number = new Map(kind.names.map((name, domain) => [name, domain]));
    const found = kind.names.map(() => ({ replicas: 0, stopped: 0, stops: [] as string[], through: [] as string[] }));
    for (const [s, { name }] of services.entries()) {
        const own = owns[s];
        const alone = new Set<number>();
        for (const [i, domain] of (own?.domains ?? []).entries()) {
            const loss = found[domain];
            if (loss === undefined || own === undefined) continue;
            loss.replicas += own.counts[i] ?? 0;
            if ((own.counts[i] ?? 0) >= own.fatal) alone.add(domain);
        }
        for (const by of survivals[s]?.stoppedBy ?? []) {
            const domain = number.get(by) ?? -1;
            const loss = found[domain];
            if (loss === undefined) continue;
            loss.stopped++;
            const list = alone.has(domain) ? loss.stops : loss.through;
            if (list.length < SHOWN) list.push(name);
        }
    }
    return found.map(({ replicas, stopped, stops, through }, domain) => {
        const figures = { domain: kind.names[domain] ?? "", replicas, stopped, stops, stopsThrough: through };
        return { ...figures, sentence: sentence(figures, kind.label) };
    });
}

function sentence(
    { domain, replicas, stopped, stops, stopsThrough }: Omit<DomainLoss, "sentence">,
    label: string,
): string {
    const loss = `losing ${label} ${domain} takes ${counted(replicas, "replica")} and stops`;
    if (stopped === 0) return `${loss} no service`;
    // Beyond what the lists show only the sum is known.
    if (stopped > stops.length + stopsThrough.length) return `${loss} ${stopped} services`;
    const direct = listed(stops, "and");
    return stopsThrough.length === 0
        ? `${loss} ${direct}`
        : `${loss} ${direct}, and through that ${listed(stopsThrough, "and")}`;
}
