import { dependenciesOf } from "../dependencies";
import { Effort } from "../effort";
import type { DomainKind } from "../incidence";
import { Walk } from "../walk";
import { lostAfterDeployment } from "./afterDeployment";
import { swarmFindings } from "./findings";
import { interferences } from "./interference";
import { readSwarm, type Swarm, type Tasks } from "./readSwarm";
import { type Others, restoredOf } from "./restored";
import { Rival } from "./rival";
import { byDomain, largest } from "./room";
import type { SwarmDomainReport, SwarmLoss, SwarmProblem, SwarmReport, SwarmSurvival } from "./types";
import { survivalWords } from "./words";
import { type Exposure, exposureOf, mostLost, worstPlacement } from "./worstLoss";

/**
 * Tells what the loss of hosts, or of other domains they share, would cost on a Docker Swarm in the worst case over all placements
 * that it may choose. Losses are exact, what comes back after rescheduling is bounded where services share room; see docs/swarm.md for what
 * is meant and why it holds. Of s services and n nodes it takes a time of s n (s + log n) for each kind of domain and number of losses.
 *
 * @param problem the nodes with their labels and capacity, the services with their constraints
 * @throws FusionInputError with every wrong argument, each with its path
 */
export function analyseSwarm(problem: SwarmProblem): SwarmReport {
    const swarm = readSwarm(problem);
    const { services } = swarm;
    const effort = new Effort(services.length);
    const dependencies = dependenciesOf(
        services.map(({ name, needs, dependsOn }) => ({ name, needs, dependsOn, hosts: [] })),
        effort,
    );
    const rival = new Rival(swarm);
    const others = interferences(swarm).map((interference) => ({ interference, rival }));
    const walk = new Walk(
        services.map(({ dependsOn }) => dependsOn),
        (steps) => effort.step(steps),
    );
    const closures = services.map((_, s) => [...walk.from(s)]);
    const domains = swarm.kinds.map((kind) => reportOn(swarm, kind, others, closures));
    return { domains, dependencies, findings: swarmFindings(swarm, domains, dependencies) };
}

function reportOn(
    swarm: Swarm,
    kind: DomainKind,
    others: readonly Others[],
    closures: readonly (readonly number[])[],
): SwarmDomainReport {
    const exposures = swarm.services.map((tasks) => exposureOf(tasks, kind));
    return {
        label: kind.label,
        names: kind.names,
        services: swarm.services.map((_, s) => {
            const losses = lossesOf(swarm, s, exposures[s] as Exposure, kind, others[s] as Others);
            return survivalOf(swarm, s, exposures, closures[s] ?? [], kind, losses);
        }),
    };
}

function lossesOf(swarm: Swarm, number: number, exposure: Exposure, kind: DomainKind, others: Others): SwarmLoss[] {
    const tasks = swarm.services[number] as Tasks;
    const counts = Array.from({ length: Math.min(swarm.losses, kind.names.length) }, (_, i) => i + 1);
    return counts.map((count) => {
        const lost = mostLost(exposure, count);
        const roomiest = largest(exposure.mayRun, count);
        const placed = worstPlacement(tasks, kind, exposure.running, roomiest);
        const held = byDomain(placed, kind.domainOf, kind.names.length);
        const taking = roomiest.filter((domain) => (held[domain] as number) > 0).sort((a, b) => a - b);
        return {
            count,
            lost,
            domains: taking.map((domain) => kind.names[domain] ?? ""),
            placement: namedPlacement(swarm, placed),
            left: exposure.running - lost,
            afterDeployment: lostAfterDeployment(swarm, tasks, kind, count, others.interference),
            restored: restoredOf(number, { tasks, exposure }, kind, count, others),
        };
    });
}

/** Replicas by node, without those that run none. */
export function namedPlacement({ nodes }: Swarm, placed: readonly number[]): Record<string, number> {
    return Object.fromEntries(
        nodes.map((name, node) => [name, placed[node] ?? 0] as const).filter(([, count]) => count > 0),
    );
}

/** A service stops in some placement as soon as one of all that it depends on may: the fewest losses are those of the weakest. */
function survivalOf(
    { services }: Swarm,
    number: number,
    exposures: readonly Exposure[],
    closure: readonly number[],
    kind: DomainKind,
    losses: readonly SwarmLoss[],
): SwarmSurvival {
    const tasks = services[number] as Tasks;
    const own = exposures[number] as Exposure;
    const fewest = (s: number): number => exposures[s]?.weakest?.length ?? Number.POSITIVE_INFINITY;
    // Itself where it is as weak as what it depends on, else the first by name.
    const isWeaker = (a: number, b: number): boolean =>
        fewest(a) < fewest(b) || (fewest(a) === fewest(b) && b !== number && a < b);
    const weakest = closure.reduce((found, s) => (isWeaker(s, found) ? s : found), number);
    const through = Number.isFinite(fewest(weakest)) ? weakest : undefined;
    const exposure = exposures[through ?? -1];
    const stopping = [...(exposure?.weakest ?? [])].sort((a, b) => a - b);
    const figures = {
        service: tasks.name,
        replicas: tasks.wanted,
        room: own.running,
        needs: tasks.needs,
        mayRun: kind.names
            .map((domain, i) => ({ domain, replicas: Math.min(own.mayRun[i] as number, own.running) }))
            .filter(({ replicas }) => replicas > 0),
        losses,
        fewestLosses: exposure?.weakest?.length,
        stoppedByFewest: stopping.map((domain) => kind.names[domain] ?? ""),
        through: services[through ?? -1]?.name,
        ownFewestLosses: own.weakest?.length,
    };
    const cause = services[through ?? -1];
    const gives =
        cause === undefined || exposure === undefined
            ? undefined
            : { tasks: cause, running: exposure.running, there: mostLost(exposure, stopping.length) };
    return { ...figures, sentence: survivalWords(figures, kind.label, gives) };
}
