import * as pulumi from "@pulumi/pulumi";
import { lastOutputs, urnOf } from "../lastState";
import type { ReleaseMemory } from "./release";

const TYPE = "fusion:index:ReleaseRecord";

/**
 * Keeps in the stack's state which images a set runs. Unlike the placement, this is remembered only when it is done: a canary that
 * did not get healthy is not confirmed by the next deployment, and a rollback goes to an image that has served.
 */
export class ReleaseRecord extends pulumi.ComponentResource {
    /** @param memory known once all containers of the deployment serve */
    constructor(name: string, memory: pulumi.Output<ReleaseMemory>, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        const part = (key: keyof ReleaseMemory) => memory.apply((all) => all[key]);
        this.registerOutputs({
            image: part("image"),
            previous: part("previous"),
            trial: part("trial"),
            heldBack: part("heldBack"),
        });
    }

    /** What the record of a set says after the last deployment that was completed. */
    static async of(set: pulumi.ComponentResource, name: string): Promise<ReleaseMemory | undefined> {
        const outputs = await lastOutputs(urnOf(set, { type: TYPE, name }));
        const text = (key: keyof ReleaseMemory) => {
            const value = outputs?.[key];
            return typeof value === "string" ? { [key]: value } : {};
        };
        const { image, ...more }: Partial<ReleaseMemory> = {
            ...text("image"),
            ...text("previous"),
            ...text("trial"),
            ...text("heldBack"),
        };
        return image === undefined ? undefined : { image, ...more };
    }
}
