import type { Effort } from "./effort";
import type { DomainKind, Service } from "./incidence";
import { counted, listed } from "./tidy";
import type { ServiceSurvival } from "./types";
import { strongComponents, Walk } from "./walk";

/** How many names a list of a report has at most; what is left out is counted. */
export const SHOWN = 100;

/** Where the replicas of one service are, and what of that it can do without; domains are numbers. */
export interface Own {
    /** Domains with a replica, ascending, and how many each has. */
    readonly domains: readonly number[];
    readonly counts: readonly number[];
    readonly replicas: number;
    /** Losing so many replicas stops it; 0 or less: it does not serve. */
    readonly fatal: number;
    /** The fewest domains that hold `fatal` replicas, the fullest; undefined where all hold fewer. */
    readonly weakest: readonly number[] | undefined;
}

/** A service with all that it depends on: of all services that depend on each other it is the same. */
interface Together {
    /** The least size of any `weakest`; infinite where no loss stops any of them. */
    readonly fewest: number;
    /** How many have one of that size, and the first of them. */
    readonly causes: number;
    readonly firstCauses: readonly number[];
    readonly alone: readonly number[];
    readonly pairs: number;
    readonly firstPairs: readonly (readonly [number, number])[];
}

/**
 * What losing whole domains does to one service, were all that it depends on certain. Exact: each replica is in one
 * domain, so losses add up, and the fullest domains are the fewest that take enough.
 */
export function ownOf({ needs, hosts }: Service, { domainOf }: DomainKind): Own {
    const held = new Map<number, number>();
    for (const host of hosts) held.set(domainOf[host] ?? -1, (held.get(domainOf[host] ?? -1) ?? 0) + 1);
    const domains = [...held.keys()].sort((a, b) => a - b);
    const fatal = hosts.length - needs + 1;
    const weakest: number[] = [];
    let lost = 0;
    for (const domain of [...domains].sort((a, b) => (held.get(b) ?? 0) - (held.get(a) ?? 0) || a - b)) {
        if (lost >= fatal) break;
        lost += held.get(domain) ?? 0;
        weakest.push(domain);
    }
    return {
        domains,
        counts: domains.map((domain) => held.get(domain) ?? 0),
        replicas: hosts.length,
        fatal,
        weakest: lost >= fatal ? weakest : undefined,
    };
}

/**
 * The same with all that each service depends on, directly or not. Still exact, and without a search: a service stops when any
 * one of these has too few replicas left, so the fewest losses are the fewest of any of them, and what stops it is what stops
 * one of them.
 *
 * @param owns a service each, in the order of `services`
 * @throws FusionInputError where it costs more than the effort allows
 */
export function survivals(
    services: readonly Service[],
    owns: readonly Own[],
    kind: DomainKind,
    effort: Effort,
): ServiceSurvival[] {
    const edges = services.map(({ dependsOn }) => dependsOn);
    const walk = new Walk(edges, (steps) => effort.step(steps));
    const circle = strongComponents(edges);
    const known = new Map<number, Together>();
    return services.map((service, s) => {
        const group = circle[s] ?? -1;
        const together = known.get(group) ?? join(walk.from(s), owns, kind.names.length, effort);
        known.set(group, together);
        effort.list(together.alone.length);
        return survivalOf(service, s, together, services, owns, kind);
    });
}

function join(closure: readonly number[], owns: readonly Own[], domains: number, effort: Effort): Together {
    // Looking at each of them takes as long as some twenty steps of a walk.
    effort.step(20 * closure.length);
    let fewest = Number.POSITIVE_INFINITY;
    for (const s of closure) fewest = Math.min(fewest, sizeOf(owns[s]));
    const causes = fewest === Number.POSITIVE_INFINITY ? [] : closure.filter((s) => sizeOf(owns[s]) === fewest);
    const why = { fewest, causes: causes.length, firstCauses: [...Int32Array.from(causes).sort().subarray(0, SHOWN)] };
    if (causes.length === 0 || fewest === 0) return { ...why, alone: [], pairs: 0, firstPairs: [] };
    effort.step(domains / 4);
    const isFatal = new Uint8Array(domains);
    const members: Own[] = [];
    for (const s of closure) {
        const own = owns[s];
        if (own === undefined || sizeOf(own) > 2) continue;
        members.push(own);
        effort.step(own.domains.length);
        if (sizeOf(own) > 1) continue;
        for (const [i, domain] of own.domains.entries())
            if ((own.counts[i] as number) >= own.fatal) isFatal[domain] = 1;
    }
    const alone: number[] = [];
    for (let domain = 0; domain < domains; domain++) if (isFatal[domain] === 1) alone.push(domain);
    return { ...why, alone, ...pairsOf(members, isFatal, effort) };
}

function sizeOf(own: Own | undefined): number {
    return own?.weakest?.length ?? Number.POSITIVE_INFINITY;
}

/**
 * The pairs of domains that stop one of the services together, of which neither is in `alone`. A domain after the other, so that
 * a pair that stops several of them is counted once and no table of all pairs is needed.
 */
function pairsOf(members: readonly Own[], alone: Uint8Array, effort: Effort): Pick<Together, "pairs" | "firstPairs"> {
    const inDomain = new Map<number, { own: Own; place: number }[]>();
    for (const own of members) {
        for (const [place, domain] of own.domains.entries()) {
            if (alone[domain] === 1 || own.domains.length < 2) continue;
            const there = inDomain.get(domain) ?? [];
            there.push({ own, place });
            inDomain.set(domain, there);
        }
    }
    const paired = new Int32Array(alone.length).fill(-1);
    const firstPairs: [number, number][] = [];
    let pairs = 0;
    for (const a of [...inDomain.keys()].sort((x, y) => x - y)) {
        const partners: number[] = [];
        for (const { own, place } of inDomain.get(a) ?? []) {
            effort.step(own.domains.length - place);
            const missing = own.fatal - (own.counts[place] ?? 0);
            for (let i = place + 1; i < own.domains.length; i++) {
                const b = own.domains[i] as number;
                if ((own.counts[i] as number) < missing || paired[b] === a || alone[b] === 1) continue;
                paired[b] = a;
                partners.push(b);
            }
        }
        pairs += partners.length;
        if (firstPairs.length >= SHOWN) continue;
        partners.sort((x, y) => x - y);
        for (const b of partners.slice(0, SHOWN - firstPairs.length)) firstPairs.push([a, b]);
    }
    return { pairs, firstPairs };
}

function survivalOf(
    service: Service,
    number: number,
    together: Together,
    services: readonly Service[],
    owns: readonly Own[],
    { label, names }: DomainKind,
): ServiceSurvival {
    const name = (domain: number): string => names[domain] ?? "";
    const own = owns[number];
    const first = together.firstCauses[0] ?? -1;
    // Itself where it is as weak as what it depends on.
    const through = first >= 0 && sizeOf(own) === together.fewest ? number : first;
    const figures = {
        service: service.name,
        replicas: service.hosts.length,
        needs: service.needs,
        replicasIn: (own?.domains ?? []).map((domain, i) => ({ domain: name(domain), replicas: own?.counts[i] ?? 0 })),
        fewestLosses: Number.isFinite(together.fewest) ? together.fewest : undefined,
        stoppedByFewest: [...(owns[through]?.weakest ?? [])].sort((a, b) => a - b).map(name),
        through: services[through]?.name,
        ownFewestLosses: own?.weakest?.length,
        stoppedBy: together.alone.map(name),
        pairs: together.pairs,
        stoppedByPair: together.firstPairs.map(([a, b]): [string, string] => [name(a), name(b)]),
    };
    const causes = together.firstCauses.map((s) => services[s]?.name ?? "");
    const because = through === number ? "" : ` (it depends on ${listed(causes, "and", together.causes)})`;
    return { ...figures, sentence: sentence(figures, services[through], because, label) };
}

function sentence(
    { service, fewestLosses, stoppedBy, stoppedByFewest }: Omit<ServiceSurvival, "sentence">,
    through: Service | undefined,
    because: string,
    label: string,
): string {
    if (through === undefined || fewestLosses === undefined) return `${service} survives the loss of all ${label}s`;
    if (fewestLosses === 0) {
        const lacks = `${through.name} has ${counted(through.hosts.length, "replica")} and needs ${through.needs}`;
        return because === ""
            ? `${lacks}: it does not serve`
            : `${service} does not serve: it depends on ${through.name}, and ${lacks}`;
    }
    if (stoppedBy.length > 0) return `losing ${label} ${listed(stoppedBy, "or")} stops ${service}${because}`;
    if (fewestLosses > 2) return `${service} survives the loss of any ${fewestLosses - 1} ${label}s${because}`;
    const pair = listed(stoppedByFewest, "and");
    return `${service} survives the loss of any one ${label}; losing ${pair} stops it${because}`;
}
