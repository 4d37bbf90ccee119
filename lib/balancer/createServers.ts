import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import { serverOf } from "./balancerConfig";
import type { PlacedBalancer } from "./balancerHost";
import { FINDS } from "./findsTasks";
import { backendLines } from "./renderBackend";
import { serversScript } from "./serversScript";

/**
 * For each set on a swarm what has a running balancer know where it may answer, before its service is changed: Swarm starts tasks on
 * new nodes at once, and the whole configuration comes only once they serve.
 *
 * @param before the same of another balancer, which comes first
 */
export function createServers(
    balancer: pulumi.ComponentResource,
    spec: PlacedBalancer,
    sets: readonly FusionContainerSet[],
    before?: ReadonlyMap<FusionContainerSet, command.local.Command>,
): ReadonlyMap<FusionContainerSet, command.local.Command> {
    const limit = `${2 * spec.lockSeconds}s`;
    const made = new Map<FusionContainerSet, command.local.Command>();
    for (const set of sets) {
        const backend = spec.backends.find((one) => one.set === set)?.backend;
        if (set.spec.swarm === undefined || backend === undefined) continue;
        const lines = backendLines({ ...backend, servers: set.swarmEndpoints.map(serverOf) });
        const servers = lines.filter((line) => line.startsWith("server ")).map((line) => `${line} ${FINDS}`);
        const retries = lines.filter((line) => line.startsWith("retries "));
        const earlier = before?.get(set);
        const script = serversScript(spec, backend.name, spec.haproxy.hardStopAfterSeconds);
        made.set(
            set,
            new command.local.Command(
                `${spec.name}-${set.spec.name}-servers`,
                {
                    create: spec.host.change(script, "step"),
                    stdin: [...retries, ...servers].map((line) => `${line}\n`).join(""),
                },
                {
                    parent: balancer,
                    dependsOn: [...spec.host.ready, ...(earlier === undefined ? [] : [earlier])],
                    customTimeouts: { create: limit, update: limit },
                    ...spec.host.options,
                },
            ),
        );
    }
    return made;
}
