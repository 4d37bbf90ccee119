import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOfType, lastOutputs, urnOf } from "../lastState";
import type { HeldPorts } from "./assignPorts";
import type { SetFacts } from "./setFacts";

const TYPE = "fusion:index:PlacementRecord";

/**
 * Keeps in the stack's state where a set's replicas run and which ports they have. It is a component of its own because the
 * engine forgets a component's outputs when its inputs change, until it registers new ones: this one has no inputs, and
 * registers what has been decided before anything is done about it, so a deployment that fails forgets nothing.
 */
export class PlacementRecord extends pulumi.ComponentResource {
    constructor(name: string, remembered: PlacementMemory, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        this.registerOutputs({ ...remembered });
    }

    /** What all sets' replicas had after the last deployment, those of sets that are no more included. */
    static async all(): Promise<HeldPorts[]> {
        const records = await lastOfType(TYPE);
        return [...records.values()].flatMap((outputs) => heldIn(outputs).map(([, held]) => held));
    }

    /** What the record of a set says after the last deployment. */
    static async of(
        set: pulumi.ComponentResource,
        name: string,
    ): Promise<{ held: ReadonlyMap<string, HeldPorts>; salt: string | undefined }> {
        const outputs = await lastOutputs(urnOf(set, { type: TYPE, name }));
        return {
            held: new Map(heldIn(outputs)),
            salt: typeof outputs?.salt === "string" ? outputs.salt : undefined,
        };
    }
}

function heldIn(outputs: Readonly<Record<string, unknown>> | undefined): [string, HeldPorts][] {
    const held = Object.entries(isRecord(outputs?.held) ? outputs.held : {});
    return held.filter((entry): entry is [string, HeldPorts] => isHeldPorts(entry[1]));
}

/** What is remembered of a set. The facts are there for `fusion graph`; records of older versions have none. */
export interface PlacementMemory extends SetFacts {
    /** Replica to host and ports. */
    held: pulumi.Output<Record<string, HeldPorts>>;
    /** What the version of a set with secrets is hashed with; itself a secret. */
    salt: pulumi.Output<string | undefined>;
}

function isHeldPorts(value: unknown): value is HeldPorts {
    return (
        isRecord(value) &&
        typeof value.vm === "string" &&
        typeof value.version === "string" &&
        typeof value.turn === "number" &&
        Array.isArray(value.slots) &&
        value.slots.every((slot) => Number.isInteger(slot))
    );
}
