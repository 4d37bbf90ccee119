import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./isRecord";
import { knownValue } from "./known";
import { untilWritten } from "./untilWritten";

const STACK = "pulumi:pulumi:Stack";

type Outputs = Readonly<Record<string, unknown>>;

const reads = new WeakMap<object, Promise<ReadonlyMap<string, Outputs>>>();
/** Stands for the stack where there is none, which is so under Pulumi's mocks. */
const noStack = {};

/**
 * What a component gave to `registerOutputs` in the last deployment of this stack; undefined where it is new. The same in
 * preview and in up, as long as the component's inputs have not changed: the engine then forgets its outputs.
 *
 * @param urns those of {@link urnOf}
 */
export async function lastOutputs(urns: Promise<readonly string[]>): Promise<Outputs | undefined> {
    const [state, all] = await Promise.all([lastState(), urns]);
    const found = all.find((urn) => state.has(urn));
    return found === undefined ? undefined : state.get(found);
}

/** The resources of a type that were there after the last deployment: name to outputs. */
export async function lastOfType(type: string): Promise<ReadonlyMap<string, Outputs>> {
    const found = new Map<string, Outputs>();
    for (const [urn, outputs] of await lastState()) {
        const [, , types = "", name = ""] = urn.split("::");
        if (types.split("$").at(-1) === type) {
            found.set(name, outputs);
        }
    }
    return found;
}

/** The outputs of all resources of a type, whatever they are children of. */
export async function lastResources(type: string): Promise<Outputs[]> {
    const all = [...(await lastState())];
    return all.filter(([urn]) => urn.split("::")[2]?.split("$").at(-1) === type).map(([, outputs]) => outputs);
}

function lastState(): Promise<ReadonlyMap<string, Outputs>> {
    const stack = pulumi.runtime.getStackResource() ?? noStack;
    let read = reads.get(stack);
    if (read === undefined || stack === noStack) {
        read = readState();
        reads.set(stack, read);
    }
    return read;
}

/**
 * The URN of a component, or of a child of it, and behind it those that it may have had, by aliases. `component.urn` would be
 * the same as the first, but resolves only when the component has been registered, which is too late for what is decided here.
 */
export async function urnOf(
    component: pulumi.ComponentResource,
    child?: { type: string; name: string },
): Promise<string[]> {
    const name = child?.name ?? Reflect.get(component, "__name");
    const below = child === undefined ? "" : `$${child.type}`;
    const types = await typesOf(component);
    return types.map((type) => `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${type}${below}::${name}`);
}

/**
 * The types of a resource and of its parents as they stand in its URN, and behind them those that they may have been. An alias of
 * another name is none here: names of replicas and of what they have begin with it.
 */
async function typesOf(resource: unknown): Promise<string[]> {
    if (!isRecord(resource) || resource.__pulumiType === STACK) {
        return [];
    }
    const above = await typesOf(resource.__parentResource);
    const type = String(resource.__pulumiType);
    const own = above.length === 0 ? [type] : above.map((types) => `${types}$${type}`);
    const given: unknown[] = Array.isArray(resource.__aliases) ? resource.__aliases : [];
    const aliases = await Promise.all(given.map((alias) => knownValue(pulumi.output({ alias }))));
    const had = aliases.flatMap((one) => {
        const [, , types = "", name] = String(one?.alias).split("::");
        return name === resource.__name ? [types] : [];
    });
    return [...new Set([...own, ...had])];
}

/** The types of a resource and of its parents, the uppermost first, without the stack's. */
export function typesAbove(lowest: unknown): string[] {
    const types: string[] = [];
    for (let resource = lowest; isRecord(resource); resource = resource.__parentResource) {
        if (resource.__pulumiType !== STACK) {
            types.unshift(String(resource.__pulumiType));
        }
    }
    return types;
}

async function readState(): Promise<ReadonlyMap<string, Outputs>> {
    const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    const result = await untilWritten(() =>
        pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName }),
    );
    const outputs: unknown = result?.outputs;
    const resources = isRecord(outputs) ? Object.entries(outputs) : [];
    return new Map(
        resources.map(([urn, resource]) => [
            urn,
            isRecord(resource) && isRecord(resource.outputs) ? resource.outputs : {},
        ]),
    );
}
