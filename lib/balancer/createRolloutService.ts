import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import type { RolloutGroup } from "../containers/Rollout";
import type { PlacedBalancer } from "./balancerHost";
import { stepScript } from "./deployScript";
import { inService } from "./inService";

/** A group of a set in its balancer. */
interface GroupService {
    /** What makes the balancer find the group's servers at their new containers. */
    step: command.local.Command;
    /** What is there when it sends requests to them. */
    serves: readonly command.local.Command[];
}

/** The groups of each set, in their order. */
export type RolloutService = ReadonlyMap<FusionContainerSet, readonly GroupService[]>;

/** Whether each replica is taken out of service before its container stops, and put back by a command of its own; Swarm has its own order. */
export const isInTurn = ({ spec: { update, swarm } }: FusionContainerSet): boolean =>
    update.order === "stop-first" && swarm === undefined;

/**
 * What a balancer does in the rollout of a set, group by group; nothing for a set whose containers are all started before the
 * configuration changes.
 *
 * @param before what another balancer of the same does in it, whose step comes first
 */
export async function createRolloutService(
    balancer: pulumi.ComponentResource,
    spec: PlacedBalancer,
    sets: readonly FusionContainerSet[],
    before?: RolloutService,
): Promise<RolloutService> {
    const service = new Map<FusionContainerSet, GroupService[]>();
    for (const set of sets) {
        const groups = isInTurn(set) || set.spec.update.bounded ? await set.rolloutGroups() : [];
        const made = groups.map((group) => {
            const earlier = before?.get(set)?.[group.index]?.step;
            const stepped = step(balancer, spec, set, group, earlier === undefined ? [] : [earlier]);
            const serves = isInTurn(set) ? replicasInService(balancer, spec, group, stepped) : [stepped];
            return { step: stepped, serves };
        });
        service.set(set, made);
    }
    return service;
}

/** One command a replica. Its next container has the same port, but where the set's ports change: then the step knows. */
function replicasInService(
    balancer: pulumi.ComponentResource,
    spec: PlacedBalancer,
    { replicas, gate }: RolloutGroup,
    stepped: pulumi.Resource,
) {
    return replicas.map(({ name, container, endpoint }) => {
        const at = endpoint.apply(({ address, port }) => `${address}:${port}`);
        return inService(balancer, spec, { name, at, on: container, dependsOn: [container, gate, stepped] });
    });
}

/** What makes the balancer find a group's servers at their new containers, the others still at their old ones. */
function step(
    balancer: pulumi.ComponentResource,
    spec: PlacedBalancer,
    set: FusionContainerSet,
    { index, replicas, gate }: RolloutGroup,
    before: readonly pulumi.Resource[],
) {
    const servers = pulumi
        .all(replicas.map(({ endpoint }) => endpoint))
        .apply((endpoints) =>
            endpoints
                .map(({ name, address, port, checkPort = port }) => `${name} ${address}:${port} ${checkPort}\n`)
                .join(""),
        );
    return new command.local.Command(
        `${spec.name}-${set.spec.name}-step-${index}`,
        {
            create: spec.host.change(stepScript(spec, set.spec.name, spec.haproxy.hardStopAfterSeconds), "step"),
            stdin: servers,
        },
        {
            parent: balancer,
            dependsOn: [...spec.host.ready, gate, ...before],
            customTimeouts: { create: `${2 * spec.lockSeconds}s`, update: `${2 * spec.lockSeconds}s` },
            ...spec.host.options,
        },
    );
}
