import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "./isRecord";

type Outputs = Readonly<Record<string, unknown>>;

const reads = new WeakMap<object, Promise<ReadonlyMap<string, Outputs>>>();
/** Stands for the stack where there is none, which is so under Pulumi's mocks. */
const noStack = {};

/**
 * What a component gave to `registerOutputs` in the last deployment of this stack; undefined where it is new. The same in
 * preview and in up, because it comes from the state that the engine began with.
 */
export async function lastOutputs(component: pulumi.ComponentResource): Promise<Outputs | undefined> {
    const stack = pulumi.runtime.getStackResource() ?? noStack;
    let read = reads.get(stack);
    if (read === undefined || stack === noStack) {
        read = readState();
        reads.set(stack, read);
    }
    return (await read).get(urnOf(component));
}

/**
 * The component's URN. `component.urn` would be the same, but resolves only when the component has been registered, which
 * waits for the components in its arguments, which wait for what is decided here.
 */
function urnOf(component: pulumi.ComponentResource): string {
    const types: string[] = [];
    for (let resource: unknown = component; isRecord(resource); resource = resource.__parentResource) {
        if (resource.__pulumiType !== "pulumi:pulumi:Stack") {
            types.unshift(String(resource.__pulumiType));
        }
    }
    const name = Reflect.get(component, "__name");
    return `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${types.join("$")}::${name}`;
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
