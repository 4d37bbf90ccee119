import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./isRecord";

type Outputs = Readonly<Record<string, unknown>>;

const reads = new WeakMap<object, Promise<ReadonlyMap<string, Outputs>>>();
/** Stands for the stack where there is none, which is so under Pulumi's mocks. */
const noStack = {};

/**
 * What a component gave to `registerOutputs` in the last deployment of this stack; undefined where it is new. The same in
 * preview and in up, as long as the component's inputs have not changed: the engine then forgets its outputs.
 */
export async function lastOutputs(urn: string): Promise<Outputs | undefined> {
    return (await lastState()).get(urn);
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
 * The URN of a component, or of a child of it. `component.urn` would be the same, but resolves only when the component has
 * been registered, which is too late for what is decided here.
 */
export function urnOf(component: pulumi.ComponentResource, child?: { type: string; name: string }): string {
    const types = [...typesAbove(component), ...(child === undefined ? [] : [child.type])];
    const name = child?.name ?? Reflect.get(component, "__name");
    return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types.join("$")}::${name}`;
}

/** The types of a resource and of its parents, the uppermost first, without the stack's. */
export function typesAbove(lowest: unknown): string[] {
    const types: string[] = [];
    for (let resource = lowest; isRecord(resource); resource = resource.__parentResource) {
        if (resource.__pulumiType !== "pulumi:pulumi:Stack") {
            types.unshift(String(resource.__pulumiType));
        }
    }
    return types;
}

async function readState(): Promise<ReadonlyMap<string, Outputs>> {
    const stackName = `${pulumi.getOrganization()}/${pulumi.getProject()}/${pulumi.getStack()}`;
    const result = await pulumi.runtime.invoke("pulumi:pulumi:readStackResourceOutputs", { stackName });
    const outputs: unknown = result?.outputs;
    const resources = isRecord(outputs) ? Object.entries(outputs) : [];
    return new Map(
        resources.map(([urn, resource]) => [
            urn,
            isRecord(resource) && isRecord(resource.outputs) ? resource.outputs : {},
        ]),
    );
}
