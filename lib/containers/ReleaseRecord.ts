import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { lastOutputs, urnOf } from "../lastState";
import type { HeldPorts } from "./assignPorts";
import { type ReleaseMemory, readRelease } from "./release";
import type { UpdateSpec } from "./updateSpec";

const TYPE = "fusion:index:ReleaseRecord";

/**
 * Keeps in the stack's state which images a set runs. Unlike the placement, this is remembered only when it is done: a canary that
 * did not get healthy is not confirmed by the next deployment, and a rollback goes to an image that has served.
 */
export class ReleaseRecord extends pulumi.ComponentResource {
    /**
     * @param memory known once all containers of the deployment serve
     * @param done {@link hashOf} what the replicas have
     * @param order in which their containers are replaced from now on
     */
    constructor(
        name: string,
        memory: pulumi.Output<ReleaseMemory>,
        done: pulumi.Output<string>,
        order: UpdateSpec["order"],
        opts: pulumi.ComponentResourceOptions,
    ) {
        super(TYPE, name, {}, opts);
        const part = (key: keyof ReleaseMemory) => memory.apply((all) => all[key]);
        this.registerOutputs({
            image: part("image"),
            previous: part("previous"),
            trial: part("trial"),
            heldBack: part("heldBack"),
            done,
            order: done.apply(() => order),
        });
    }

    /** What the record of a set says after the last deployment that was completed. */
    static async of(set: pulumi.ComponentResource, name: string): Promise<ReleaseMemory | undefined> {
        return readRelease(await lastOutputs(urnOf(set, { type: TYPE, name })));
    }

    /**
     * Whether the last completed deployment of a set has left it such that containers may stop before the next ones start. Where it
     * has not, the balancers have nothing yet that takes them out first.
     */
    static async stopsFirst(set: pulumi.ComponentResource, name: string): Promise<boolean> {
        const order = (await lastOutputs(urnOf(set, { type: TYPE, name })))?.order;
        return order === undefined || order === "stop-first";
    }

    /** Whether the last deployment of a set was completed. */
    static async isDone(set: pulumi.ComponentResource, name: string, held: ReadonlyMap<string, HeldPorts>) {
        return (await lastOutputs(urnOf(set, { type: TYPE, name })))?.done === hashOf(Object.fromEntries(held));
    }
}

/** A hash of what replicas have. */
export function hashOf(held: Readonly<Record<string, HeldPorts>>): string {
    const all = Object.keys(held)
        .sort()
        .map((name) => [name, held[name]?.vm, held[name]?.version, held[name]?.turn, held[name]?.slots]);
    return createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 16);
}
