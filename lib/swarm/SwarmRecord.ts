import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOutputs, urnOf } from "../lastState";

const TYPE = "fusion:index:SwarmRecord";

/** What is remembered of a swarm. */
export interface SwarmMemory {
    /** Names of the hosts that are to be managers. */
    managers: readonly string[];
    /** Names of all hosts. */
    nodes: readonly string[];
    /** The manager that is talked to. */
    provider: string;
    /** What the swarm was founded with. */
    addressPool: string;
    /** How often it was found without a quorum: each time all its nodes are looked through. */
    looks: number;
    /** How often it has begun anew with its only machine, empty. */
    begun: number;
}

/**
 * Keeps a swarm's memory in the stack's state: a component of its own without inputs, since the engine forgets a component's outputs
 * when its inputs change, and registered before anything is done about it.
 */
export class SwarmRecord extends pulumi.ComponentResource {
    constructor(name: string, memory: SwarmMemory, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        this.registerOutputs({ ...memory });
    }

    /** What was remembered in the last deployment; undefined where the swarm has not been founded. */
    static async of(swarm: pulumi.ComponentResource, name: string): Promise<SwarmMemory | undefined> {
        const [memory, founded] = await Promise.all(
            [TYPE, "command:local:Command"].map((type) => lastOutputs(urnOf(swarm, { type, name }))),
        );
        return founded !== undefined && isRecord(memory) ? readMemory(memory) : undefined;
    }
}

function readMemory({ managers, nodes, provider, addressPool, looks, begun }: Record<string, unknown>): SwarmMemory {
    return {
        managers: namesIn(managers),
        nodes: namesIn(nodes),
        provider: typeof provider === "string" ? provider : "",
        addressPool: typeof addressPool === "string" ? addressPool : "",
        looks: typeof looks === "number" ? looks : 0,
        begun: typeof begun === "number" ? begun : 0,
    };
}

function namesIn(value: unknown): string[] {
    const all: unknown[] = Array.isArray(value) ? value : [];
    return all.filter((name) => typeof name === "string");
}
