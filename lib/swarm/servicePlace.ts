import type * as pulumi from "@pulumi/pulumi";
import { notOn } from "./constraints";
import type { FusionSwarm } from "./FusionSwarm";
import { ServedRecord, type ServiceMemory } from "./ServiceRecord";
import type { SwarmSetSpec } from "./serviceSpec";

/** Where a service is to run. */
export interface ServicePlace {
    /** In Swarm's words. */
    constraints: readonly string[];
    /** Hosts that it leaves, since they leave the swarm. */
    gone: string[];
    /** The number of its tasks and the constraints, as they are remembered. */
    place: string;
    /** How often a deployment has tried that again. */
    tries: number;
}

/** @param before what the last deployment wanted; undefined where there is none */
export async function servicePlace(
    set: pulumi.ComponentResource,
    spec: SwarmSetSpec,
    swarm: FusionSwarm,
    before: ServiceMemory | undefined,
): Promise<ServicePlace> {
    const gone = await leaving(swarm, before);
    const constraints = [...spec.swarm.constraints, ...notOn(gone)].sort();
    const place = JSON.stringify([spec.swarm.replicas ?? "global", ...constraints]);
    const isPlaced = before?.place === (await ServedRecord.placeOf(set, spec.name));
    return { constraints, gone, place, tries: (before?.tries ?? 0) + (before === undefined || isPlaced ? 0 : 1) };
}

/**
 * Hosts that are taken out of the swarm, which leave it only at the end of a deployment: the service's tasks there move before, each
 * after the new one serves. The next deployment finds them as they are, until others go.
 */
async function leaving(of: FusionSwarm, before: ServiceMemory | undefined): Promise<string[]> {
    const { nodes = [], gone = [], swarm } = before ?? {};
    if (swarm !== undefined && swarm !== of.spec.name) return [];
    const absent = (names: readonly string[]) =>
        names.filter((name) => !of.spec.nodes.some((node) => node.name === name));
    const [now, earlier] = [absent(nodes), absent(gone)];
    if (now.length === 0) return earlier;
    // A deployment that failed has not come to delete them.
    const left = await Promise.all(earlier.map((name) => of.hadNode(name)));
    return [...new Set([...now, ...earlier.filter((_, index) => left[index])])].sort();
}
