import type * as pulumi from "@pulumi/pulumi";

/** The value of an output; undefined where it is not known before something exists. Asked for what decides what is made. */
export async function knownValue<T>(output: pulumi.Output<T>): Promise<T | undefined> {
    // The one thing that an output itself knows before it has a value; `apply` alone would never be called for an unknown.
    const isKnown: unknown = await Reflect.get(output, "isKnown");
    return isKnown === true ? new Promise((resolve) => output.apply(resolve)) : undefined;
}

/** Resolves when a resource has been registered: in `up`, when it has been made or changed. */
export function registered(resource: pulumi.Resource): Promise<void> {
    return new Promise((resolve) => resource.urn.apply(() => resolve()));
}
