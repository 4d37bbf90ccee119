import type { DockerHostSpec } from "../dockerHost";
import type { Faults } from "../faults";
import { checkSwarmSurvives, type SurvivalDemands, type SwarmService } from "../graph";
import { FusionInputError } from "../inputError";

/**
 * Whether a set on a swarm holds what it `survives` demands wherever Swarm may put it; what does not goes to `faults`.
 *
 * The capacity of the nodes is no reason why replicas would keep apart: Swarm counts what Docker on a machine reports, which may be
 * more than a program says. Only constraints and `maxPerNode` bind it. What the advice gives room to fits into the capacity, though.
 *
 * @param name the set's, which `services` has too
 * @param services sets of the swarm with what binds Swarm, and with `placed` plain sets on which these depend; those that the set
 * does not depend on make no difference
 * @param nodes all nodes of the swarm, and the hosts of plain sets; where there are such, `nodes` of each service leaves them out
 */
export function checkSwarmSurvival(
    name: string,
    services: readonly SwarmService[],
    nodes: readonly Pick<DockerHostSpec, "name" | "labels" | "capacity">[],
    survives: SurvivalDemands,
    faults: Faults,
): void {
    if (Object.keys(survives).length === 0) return;
    const problem = {
        nodes: nodes.map(({ name: node, labels, capacity }) => ({ name: node, labels, capacity, capacityAtMost: {} })),
        services: withDependencies(name, services),
    };
    try {
        for (const { demand, reason } of checkSwarmSurvives(problem, name, survives).violations) {
            faults.add(`${name}.survives.${demand}`, reason);
        }
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        faults.addFrom(error, name);
    }
}

/** The set and all that it depends on, directly or not. */
function withDependencies(name: string, services: readonly SwarmService[]): SwarmService[] {
    const found = new Set([name]);
    for (const of of found) {
        for (const other of services.find((service) => service.name === of)?.dependsOn ?? []) found.add(other);
    }
    return services.filter((service) => found.has(service.name));
}
