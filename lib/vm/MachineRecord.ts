import * as pulumi from "@pulumi/pulumi";
import { lastOutputs, urnOf } from "../lastState";
import { isMachineMemory, type MachineMemory } from "./machineMemory";

const TYPE = "fusion:index:MachineRecord";

/**
 * Keeps a machine's memory in the stack's state: a component of its own without inputs, since the engine forgets a component's
 * outputs when its inputs change, and registered before anything is done about it.
 */
export class MachineRecord extends pulumi.ComponentResource {
    constructor(name: string, memory: MachineMemory, opts: pulumi.ComponentResourceOptions) {
        super(TYPE, name, {}, opts);
        this.registerOutputs({ ...memory });
    }

    /** What was remembered in the last deployment. */
    static async of(vm: pulumi.ComponentResource, name: string): Promise<MachineMemory | undefined> {
        const outputs = await lastOutputs(urnOf(vm, { type: TYPE, name }));
        return outputs !== undefined && isMachineMemory(outputs) ? outputs : undefined;
    }
}
