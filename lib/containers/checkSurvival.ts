import type { Faults } from "../faults";
import { checkSurvives } from "../graph";
import { FusionInputError } from "../inputError";
import type { ContainerSetSpec } from "./containerSetSpec";
import { replicasOf } from "./placeSets";

/**
 * Whether each set's placement holds what the set `survives` demands; what does not goes to `faults`.
 *
 * @param all the sets that may be depended on, those of earlier rounds included
 */
export function checkSurvival(
    sets: readonly ContainerSetSpec[],
    all: readonly ContainerSetSpec[],
    assignment: Readonly<Record<string, string>>,
    faults: Faults,
): void {
    for (const set of sets) {
        if (Object.keys(set.survives).length === 0) {
            continue;
        }
        const needed = withDependencies(set, all);
        const replicas = new Set(needed.flatMap(replicasOf));
        // Hosts of other sets need not bear the labels that this one speaks of.
        const hosts = new Map(needed.flatMap((of) => of.hosts.map((host) => [host.name, host] as const)));
        const input = {
            hosts: [...hosts.values()].map(({ name, labels }) => ({ name, labels })),
            services: needed.map(({ service: { name, needs, dependsOn } }) => ({
                name,
                ...(needs !== undefined && { needs }),
                ...(dependsOn !== undefined && { dependsOn }),
            })),
            assignment: Object.fromEntries(Object.entries(assignment).filter(([replica]) => replicas.has(replica))),
        };
        try {
            for (const { demand, reason } of checkSurvives(input, set.name, set.survives).violations) {
                faults.add(`${set.name}.survives.${demand}`, reason);
            }
        } catch (error) {
            if (!(error instanceof FusionInputError)) {
                throw error;
            }
            faults.addFrom(error, set.name);
        }
    }
}

/** The set and all that it depends on, directly or not. */
function withDependencies(set: ContainerSetSpec, sets: readonly ContainerSetSpec[]): ContainerSetSpec[] {
    const found = new Set([set]);
    for (const { service } of found) {
        for (const name of service.dependsOn ?? []) {
            const other = sets.find((one) => one.name === name);
            if (other !== undefined) {
                found.add(other);
            }
        }
    }
    return [...found];
}
