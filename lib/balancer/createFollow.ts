import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import { followScript } from "../swarm/followScript";
import type { PlacedBalancer } from "./balancerHost";
import { forgetScript } from "./forgetScript";

/**
 * For each set on a swarm what has a balancer send no more requests to tasks that Swarm is about to stop, while the set's service
 * changes: those are the one thing that health checks find out too late. It changes nothing that lasts, and nobody waits for it.
 *
 * @param servers what has the balancer know all servers, by which the service waits too
 */
export async function createFollow(
    balancer: pulumi.ComponentResource,
    spec: PlacedBalancer,
    sets: readonly FusionContainerSet[],
    servers: ReadonlyMap<FusionContainerSet, command.local.Command>,
): Promise<void> {
    for (const set of sets) {
        const backend = spec.backends.find((one) => one.set === set)?.backend;
        const change = await set.serviceChange();
        if (change === undefined || backend === undefined || change.tasks.length === 0) continue;
        const known = servers.get(set);
        const forget = spec.host.run(forgetScript(spec, backend.name, change.tasks));
        const limit = `${change.limitSeconds + 120}s`;
        new command.local.Command(
            `${spec.name}-${set.spec.name}-follow`,
            {
                create: forget.apply((script) => `sh -s | ${script}`),
                stdin: pulumi
                    .all([pulumi.all([...change.managers]), change.brought])
                    .apply(([managers, brought]) => followScript(managers, change, brought)),
            },
            {
                parent: balancer,
                dependsOn: [...spec.host.ready, ...(known === undefined ? [] : [known])],
                customTimeouts: { create: limit, update: limit },
                ...spec.host.options,
            },
        );
    }
}
