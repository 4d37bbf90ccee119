import type { Effort } from "./effort";
import type { Service } from "./incidence";
import { reachOf } from "./reach";
import { componentSpectrum } from "./resistance";
import { SHOWN } from "./survival";
import { counted, figure, listed } from "./tidy";
import type { DependencyComponent, DependencyReport, ServiceDependency } from "./types";
import { articulationPoints, components, type Edges, strongComponents, undirected } from "./walk";

/** What hangs on what, and how tightly. @param services sorted by name */
export function dependenciesOf(services: readonly Service[], effort: Effort): DependencyReport {
    const edges = services.map(({ dependsOn }) => dependsOn);
    const names = services.map(({ name }) => name);
    const named = (of: readonly number[]): string[] => of.map((s) => names[s] ?? "");
    const links = undirected(edges);
    const points = articulationPoints(links);
    return {
        services: blastRadii(names, edges, effort),
        circles: circlesOf(edges).map(named),
        articulationPoints: named(points),
        components: components(links)
            .filter((part) => part.length > 1)
            .sort((a, b) => b.length - a.length)
            .map((part) => componentReport(part, links, named, new Set(points))),
    };
}

function blastRadii(names: readonly string[], edges: Edges, effort: Effort): ServiceDependency[] {
    const { reaches, reachedBy, first } = reachOf(edges, SHOWN, (steps) => effort.step(steps));
    return names.map((service, s) => {
        const stopped = reachedBy[s] ?? 0;
        const stops = (first[s] ?? []).map((other) => names[other] ?? "");
        return {
            service,
            dependsOn: (edges[s] ?? []).filter((other) => other !== s).map((other) => names[other] ?? ""),
            needed: reaches[s] ?? 0,
            stopped,
            stops,
            sentence:
                stopped === 0
                    ? `nothing depends on ${service}`
                    : `when ${service} stops, ${listed(stops, "and", stopped)} stop${stopped === 1 ? "s" : ""}`,
        };
    });
}

/** Groups of services that depend on each other, and services that depend on themselves. */
function circlesOf(edges: Edges): number[][] {
    const members = new Map<number, number[]>();
    for (const [s, group] of strongComponents(edges).entries()) {
        const circle = members.get(group) ?? [];
        circle.push(s);
        members.set(group, circle);
    }
    return [...members.values()]
        .filter(([s = -1, ...more]) => more.length > 0 || (edges[s] ?? []).includes(s))
        .sort(([a = 0], [b = 0]) => a - b);
}

function componentReport(
    part: readonly number[],
    links: Edges,
    named: (of: readonly number[]) => string[],
    points: ReadonlySet<number>,
): DependencyComponent {
    const place = new Map(part.map((s, i) => [s, i]));
    const inside = part.map((s) => (links[s] ?? []).map((other) => place.get(other) ?? -1));
    const figures = componentSpectrum(inside);
    const count = inside.reduce((sum, { length }) => sum + length, 0) / 2;
    const cuts = named(part.filter((s) => points.has(s)));
    const ends = cuts.length === 0 ? "no single service holds it together" : `${listed(cuts, "and")} hold it together`;
    return {
        services: named(part),
        links: count,
        ...figures,
        sentence:
            `${part.length} services, ${counted(count, "link")}, algebraic connectivity ${figure(figures.fiedler)} ` +
            `(0 falls apart, ${part.length} all linked); ${cuts.length === 1 ? ends.replace(" hold ", " holds ") : ends}`,
    };
}
