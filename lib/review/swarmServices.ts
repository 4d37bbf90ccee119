import { isRecord } from "../isRecord";
import { labelOf, type SetFacts } from "./placements";
import type { ShownState } from "./readPreview";

/**
 * How many tasks a service has; undefined where it has one on each node. The set says it: where nothing but the number changes, its
 * service is shown as it was.
 */
export function tasksOf({ service, change }: SetFacts, side: "old" | "new"): number | undefined {
    const { mode } = service?.[side]?.inputs ?? {};
    const { replicated } = isRecord(mode) ? mode : {};
    if (!isRecord(replicated)) return undefined;
    const { image, replicas = image === undefined ? undefined : 1 } = change[side]?.inputs ?? {};
    if (typeof replicas === "number") return replicas;
    return typeof replicated.replicas === "number" ? replicated.replicas : undefined;
}

/** The image that a service runs; undefined where it is known only later. */
export function imageOfService({ inputs }: ShownState): string | undefined {
    const { containerSpec } = isRecord(inputs.taskSpec) ? inputs.taskSpec : {};
    return isRecord(containerSpec) && typeof containerSpec.image === "string" ? containerSpec.image : undefined;
}

/** Whether Swarm replaces the tasks of a set. */
export function isRolledBySwarm({ service }: SetFacts): boolean {
    const { old, new: fresh } = service ?? {};
    if (old === undefined || fresh === undefined) return false;
    const version = ({ inputs }: ShownState) => [labelOf(inputs, "fusion.version"), labelOf(inputs, "fusion.attempt")];
    return service?.operation === "replace" || version(old).join() !== version(fresh).join();
}

/** How many of its tasks a service may do without while Swarm replaces them; infinite where it is made anew. */
export function tasksAway({ service }: SetFacts): number {
    if (service?.operation === "replace") return Number.POSITIVE_INFINITY;
    const { updateConfig } = service?.new?.inputs ?? {};
    const { order, parallelism } = isRecord(updateConfig) ? updateConfig : {};
    if (order === "start-first") return 0;
    return typeof parallelism === "number" && parallelism > 0 ? parallelism : Number.POSITIVE_INFINITY;
}
