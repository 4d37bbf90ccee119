import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOfType, lastOutputs, urnOf } from "../lastState";
import type { HeldPorts } from "./assignPorts";
import { type ReleaseMemory, readRelease } from "./release";
import type { SetFacts } from "./setFacts";
import type { UpdateSpec } from "./updateSpec";

const TYPE = "fusion:index:PlacementRecord";

/**
 * Keeps in the stack's state where a set's replicas run and which ports they have. It is a component of its own because the
 * engine forgets a component's outputs when its inputs change, until it registers new ones: this one has no inputs, and
 * registers what has been decided before anything is done about it, so a deployment that fails forgets nothing.
 */
export class PlacementRecord extends pulumi.ComponentResource {
    constructor(name: string, remembered: PlacementFacts, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        this.registerOutputs({ ...remembered });
    }

    /** What all sets' replicas had after the last deployment, those of sets that are no more included. */
    static async all(): Promise<TakenSlots[]> {
        const records = await lastOfType(TYPE);
        return [...records.values()].flatMap((outputs) => [
            ...heldIn(outputs).map(([, held]) => held),
            ...slotsIn(outputs.before),
        ]);
    }

    /** What the record of a set says after the last deployment. */
    static async of(set: pulumi.ComponentResource, name: string): Promise<PlacementMemory> {
        const outputs = await lastOutputs(urnOf(set, { type: TYPE, name }));
        const homes = Object.entries(isRecord(outputs?.homes) ? outputs.homes : {});
        return {
            held: new Map(heldIn(outputs)),
            homes: Object.fromEntries(homes.filter((home): home is [string, string] => typeof home[1] === "string")),
            salt: typeof outputs?.salt === "string" ? outputs.salt : undefined,
            prints: isRecord(outputs?.prints) ? printsIn(outputs.prints) : undefined,
            brings: isRecord(outputs?.brings) ? readRelease(outputs.brings) : undefined,
            before: slotsIn(outputs?.before),
        };
    }
}

/** What is known of a set's last deployment, however it ended. */
export interface PlacementMemory {
    /** What each replica was given. */
    held: ReadonlyMap<string, HeldPorts>;
    /** Where the data of replicas is, those that are no more included: replica to host. */
    homes: Readonly<Record<string, string>>;
    salt: string | undefined;
    /** See {@link secretPrints}; undefined in the records of older versions. */
    prints: Readonly<Record<string, string>> | undefined;
    /** What it was to have remembered of its images. */
    brings: ReleaseMemory | undefined;
    /** Slots that replicas had before it, and containers may have still. */
    before: readonly TakenSlots[];
}

/** Slots that are not given away. */
export type TakenSlots = Pick<HeldPorts, "vm" | "slots">;

function printsIn(value: Record<string, unknown>): Record<string, string> {
    const texts = Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return Object.fromEntries(texts);
}

function slotsIn(value: unknown): TakenSlots[] {
    const all: unknown[] = Array.isArray(value) ? value : [];
    return all.filter(
        (one): one is TakenSlots => isRecord(one) && typeof one.vm === "string" && Array.isArray(one.slots),
    );
}

function heldIn(outputs: Readonly<Record<string, unknown>> | undefined): [string, HeldPorts][] {
    const held = Object.entries(isRecord(outputs?.held) ? outputs.held : {});
    return held.filter((entry): entry is [string, HeldPorts] => isHeldPorts(entry[1]));
}

/** What is remembered of a set. The facts are there for `fusion graph`; records of older versions have none. */
export interface PlacementFacts extends SetFacts {
    /** Replica to host and ports. */
    held: pulumi.Output<Record<string, HeldPorts>>;
    /** What the version of a set with secrets is hashed with; itself a secret. */
    salt: pulumi.Output<string | undefined>;
    /** See {@link secretPrints}. */
    prints?: pulumi.Output<Record<string, string> | undefined>;
    /** Replica to host, of a set whose replicas have data there; a replica that is no more may come back to it. */
    homes?: Record<string, string>;
    /** What the deployment is to have remembered of its images; see `nextRelease`. */
    brings?: pulumi.Output<ReleaseMemory>;
    /** Slots that replicas had before, since containers may stay there until a deployment is completed. */
    before?: readonly TakenSlots[];
    /** How replicas are replaced, for a policy pack, which does not hear what the set says of it. */
    update?: Pick<UpdateSpec, "order" | "parallelism">;
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
