import * as pulumi from "@pulumi/pulumi";
import { knownValue } from "../known";
import { ServiceRecord } from "../swarm/ServiceRecord";
import { countOf, tellMove, volumeNames } from "../swarm/tellService";
import { type ContainerPlan, isCanary } from "./createReplica";
import type { Release, ReleaseMemory } from "./release";
import { tellSecrets } from "./secretPrints";
import { tellRollout } from "./tellRollout";

/** Says what becomes of the set, in the preview and in the deployment. */
export async function tellSet(
    { set, spec, args, planner, stable, trial, stopsFirst, prints }: ContainerPlan,
    release: pulumi.Output<Release>,
    last: ReleaseMemory | undefined,
): Promise<void> {
    const versions = { stable: await knownValue(stable.version), trial: await knownValue(trial.version) };
    const places = [...planner.plan(spec.name)];
    const replicas = places.map(([name, { vm }]) => ({
        name,
        vm,
        version: isCanary(spec, name) ? versions.trial : versions.stable,
        before: planner.runningOf(name),
    }));
    const gone = planner.goneOf(spec.name);
    const order = stopsFirst ? "stop-first" : "start-first";
    const service = await ServiceRecord.of(set, spec.name);
    const words = [
        service &&
            tellMove(
                spec.name,
                "hosts",
                service.swarm ?? "",
                [countOf(service), places.length],
                volumeNames(args.volumes),
            ),
        tellRollout(
            { name: spec.name, update: { ...spec.update, order } },
            replicas,
            gone,
            await knownValue(release),
            last,
        ),
        planner.moveWords(spec.name),
        tellSecrets(spec.name, planner.lastOf(spec.name)?.prints, await knownValue(prints)),
    ].filter((text) => text !== undefined);
    if (words.length > 0) {
        await pulumi.log.info(words.join("\n"), set);
    }
}
