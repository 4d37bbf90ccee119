import { askState } from "../cli/askPulumi";
import { UsageError } from "../cli/io";
import { resourcesOf } from "../cli/stackState";
import { isRecord } from "../isRecord";
import { type LastResource, shownValues } from "../review/deployment";
import { stateOf } from "../review/readPreview";

/**
 * The resources of a stack as the last deployment has left them; none of a stack that is new.
 *
 * @param folder the project's
 * @throws UsageError where Pulumi does not give the state
 */
export async function lastResources(stack: string, folder: string): Promise<LastResource[]> {
    const { name, value } = await askState(stack, { cwd: folder, env: ownEnvironment() });
    const resources = isRecord(value) ? resourcesOf(value) : undefined;
    if (resources === undefined) throw new UsageError(`${name}: has printed no state of a stack`);
    return lastOf(resources);
}

/** From the resources of a state. One that is to be deleted after its successor is there no longer counts. */
export function lastOf(resources: readonly Record<string, unknown>[]): LastResource[] {
    return resources.filter((one) => one.delete !== true && typeof one.urn === "string").map(lastResource);
}

function lastResource(resource: Record<string, unknown>): LastResource {
    const { urn, id, inputs, outputs } = resource;
    const state = {
        ...stateOf(resource),
        inputs: shownValues(inputs),
        outputs: shownValues(outputs),
        dependencies: {},
    };
    return { urn: String(urn), id: typeof id === "string" ? id : "", state };
}

/** What a policy pack is told by its environment, and another Pulumi must not take for its own. */
const TOLD = [
    "PULUMI_CONFIG",
    ...["ORGANIZATION", "PROJECT", "STACK", "DRY_RUN", "TYPESCRIPT"].map((name) => `PULUMI_NODEJS_${name}`),
];

/** The environment in which a policy pack asks Pulumi. */
export function ownEnvironment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !TOLD.includes(name));
    return { ...Object.fromEntries(kept), PULUMI_SKIP_UPDATE_CHECK: "true" };
}
