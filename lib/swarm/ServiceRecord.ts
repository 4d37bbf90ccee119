import * as pulumi from "@pulumi/pulumi";
import type { SetFacts } from "../containers/setFacts";
import { isRecord } from "../isRecord";
import { lastOfType, lastOutputs, urnOf } from "../lastState";
import { type Brought, readBrought } from "./turn";

const TYPE = "fusion:index:ServiceRecord";
const SERVED = "fusion:index:ServedRecord";

/** What is remembered of a set on a swarm. The facts are there for `fusion graph`. */
export interface ServiceFacts extends SetFacts {
    /** Which pair of ports each port has that the library has chosen. */
    pairs: readonly number[];
    brought: pulumi.Output<Brought>;
    image: pulumi.Output<string>;
    /** Tasks; undefined: one on each node that may run it. */
    replicas?: number;
    /** Name of the swarm. */
    swarm: string;
    /** The nodes that may run it, sorted. */
    nodes: readonly string[];
    /** Hosts that have been taken out of the swarm since, where no task is to run. */
    gone: readonly string[];
    /** Overlay networks, an encrypted one as `NAME-encrypted`. */
    networks: readonly string[];
    publish: "host" | "mesh";
    /** As many tasks as are wanted, and the constraints. */
    place: string;
    /** How often that has been tried again, since a deployment has not brought it about. */
    tries: number;
    maxPerNode?: number;
    spreadOver?: string;
    /** See `setVersion`. */
    salt: pulumi.Output<string | undefined>;
    /** See `secretPrints`. */
    prints: pulumi.Output<Record<string, string> | undefined>;
    /** File to the number of its secret: another content is another secret. */
    files: pulumi.Output<Record<string, number>>;
}

/** What is known of a set's last deployment on a swarm, however it ended. */
export interface ServiceMemory {
    pairs: readonly number[];
    brought: Brought | undefined;
    image: string | undefined;
    replicas: number | undefined;
    nodes: readonly string[];
    gone: readonly string[];
    networks: readonly string[];
    /** Undefined in the records of older versions, as the next one. */
    publish: string | undefined;
    swarm: string | undefined;
    place: string | undefined;
    tries: number;
    salt: string | undefined;
    prints: Readonly<Record<string, string>> | undefined;
    files: Readonly<Record<string, number>>;
}

/** Keeps in the stack's state what a set on a swarm was to have, before anything is done about it; see `PlacementRecord`. */
export class ServiceRecord extends pulumi.ComponentResource {
    constructor(name: string, remembered: ServiceFacts, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        this.registerOutputs({ ...remembered });
    }

    /** What the record of a set says after the last deployment; undefined for a set that was not on a swarm. */
    static async of(set: pulumi.ComponentResource, name: string): Promise<ServiceMemory | undefined> {
        const outputs = await lastOutputs(urnOf(set, { type: TYPE, name }));
        if (outputs === undefined) return undefined;
        const { brought, image, replicas, nodes, networks, publish, swarm, place, tries, salt, prints, files } =
            outputs;
        return {
            pairs: numbers(outputs.pairs),
            brought: isRecord(brought) ? readBrought(brought) : undefined,
            image: typeof image === "string" ? image : undefined,
            replicas: typeof replicas === "number" ? replicas : undefined,
            nodes: texts(nodes),
            gone: texts(outputs.gone),
            networks: texts(networks),
            publish: typeof publish === "string" ? publish : undefined,
            swarm: typeof swarm === "string" ? swarm : undefined,
            place: typeof place === "string" ? place : undefined,
            tries: typeof tries === "number" ? tries : 0,
            salt: typeof salt === "string" ? salt : undefined,
            prints: isRecord(prints) ? only(prints, (value) => typeof value === "string") : undefined,
            files: isRecord(files) ? only(files, (value) => typeof value === "number") : {},
        };
    }

    /** The pairs that services had after the last deployment, by the sets' names. */
    static async pairs(): Promise<ReadonlyMap<string, readonly number[]>> {
        const all = await lastOfType(TYPE);
        return new Map([...all].map(([name, outputs]) => [name, numbers(outputs.pairs)]));
    }
}

/** Keeps in the stack's state which version of a set has come to serve. */
export class ServedRecord extends pulumi.ComponentResource {
    /**
     * @param served known once the version serves
     * @param place with which
     */
    constructor(
        name: string,
        served: pulumi.Output<Brought>,
        place: pulumi.Output<string>,
        opts: pulumi.ComponentResourceOptions,
    ) {
        super(SERVED, name, {}, opts);
        this.registerOutputs({ served, place });
    }

    static async of(set: pulumi.ComponentResource, name: string): Promise<Brought | undefined> {
        const outputs = await lastOutputs(urnOf(set, { type: SERVED, name }));
        return isRecord(outputs?.served) ? readBrought(outputs.served) : undefined;
    }

    /** The `place` that the last completed deployment has brought about. */
    static async placeOf(set: pulumi.ComponentResource, name: string): Promise<string | undefined> {
        const { place } = (await lastOutputs(urnOf(set, { type: SERVED, name }))) ?? {};
        return typeof place === "string" ? place : undefined;
    }
}

const numbers = (value: unknown): number[] =>
    Array.isArray(value) ? value.filter((one): one is number => Number.isInteger(one)) : [];

const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];

function only<T>(table: Record<string, unknown>, isGood: (value: unknown) => boolean): Record<string, T> {
    return Object.fromEntries(Object.entries(table).filter((entry): entry is [string, T] => isGood(entry[1])));
}
