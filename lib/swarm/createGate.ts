import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { STOP_SECONDS } from "../containers/createReplica";
import { commandLine } from "../shell";
import type { SshTarget } from "../ssh";
import { onManager, stopScript, waitScript } from "./serviceScripts";
import type { SwarmSetSpec } from "./serviceSpec";
import type { Brought } from "./turn";

/** Seconds that Swarm may take for what is no matter of the containers. */
const SPARE_SECONDS = 60;
const DAY = 86_400;

/** Seconds that an update of all tasks may take: group by group the time to answer, to be watched, and to end. */
export function limitOf(
    { update, replicaNames, healthCheck, swarm }: SwarmSetSpec,
    stopSeconds = STOP_SECONDS,
): number {
    const { timeoutSeconds = 300, startPeriodSeconds = 0 } = healthCheck ?? {};
    const groups = Math.max(1, Math.ceil(replicaNames.length / update.parallelism));
    const group = timeoutSeconds + startPeriodSeconds + stopSeconds + swarm.monitorSeconds + SPARE_SECONDS;
    return Math.min(DAY, groups * group);
}

/** How Swarm replaces tasks that move. */
function paceOf({ update, swarm }: SwarmSetSpec): string {
    const { order, parallelism } = update;
    const pace = [`--update-order ${order}`, `--update-parallelism ${parallelism}`, `--rollback-order ${order}`];
    const more = [`--update-failure-action ${swarm.onFailure}`, `--update-monitor ${swarm.monitorSeconds}s`];
    return [...pace, `--rollback-parallelism ${parallelism}`, ...more].join(" ");
}

/** What has the service run where and as often as it is wanted, and waits for it. It runs again with each version, number of tasks and choice of nodes. */
export function createGate(
    set: pulumi.ComponentResource,
    spec: SwarmSetSpec,
    service: pulumi.Resource,
    at: {
        managers: readonly pulumi.Output<SshTarget>[];
        brought: pulumi.Output<Brought>;
        constraints: readonly string[];
        tries: number;
        stopSeconds?: number | undefined;
    },
): command.local.Command {
    const limitSeconds = limitOf(spec, at.stopSeconds);
    const stop = at.stopSeconds ?? STOP_SECONDS;
    const { replicas, onFailure, nodes } = spec.swarm;
    const targets = pulumi.all([...at.managers]);
    const text = pulumi.all([targets, at.brought]).apply(([managers, { version, attempt }]) => {
        const awaited = {
            ...{ service: spec.name, version, attempt, replicas: replicas ?? 0, isGlobal: replicas === undefined },
            ...{ rollsBack: onFailure === "rollback", limitSeconds, nodes: nodes.map(({ name }) => name).sort() },
            ...{ constraints: at.constraints, tries: at.tries, pace: paceOf(spec), stopSeconds: stop },
        };
        return onManager(managers, `wait for ${spec.name}`, waitScript(awaited));
    });
    const limit = `${2 * limitSeconds + stop + 120}s`;
    return new command.local.Command(
        // Not as the gate of plain hosts is called: it is deleted when the set moves there.
        `${spec.name}-serves`,
        {
            create: "sh -s",
            stdin: text,
            // Before the service, whose deletion by the provider fails where a container takes all the time that it has to end. Of a
            // swarm that is lost there is nothing to stop.
            delete: targets.apply((managers) =>
                commandLine(["sh", "-c", onManager(managers, `stop ${spec.name}`, stopScript(spec.name, stop), false)]),
            ),
        },
        {
            parent: set,
            dependsOn: [service],
            replaceWith: [service],
            customTimeouts: { create: limit, update: limit, delete: `${stop + 180}s` },
        },
    );
}
