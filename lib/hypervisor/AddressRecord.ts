import * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOutputs, urnOf } from "../lastState";

const TYPE = "fusion:index:AddressRecord";

/**
 * Keeps in the stack's state which addresses a hypervisor's machines hold. It is a component of its own because the engine
 * forgets a component's outputs when its inputs change: this one has no inputs, and registers what has been decided before
 * anything is done about it, so a deployment that fails forgets nothing.
 */
export class AddressRecord extends pulumi.ComponentResource {
    /**
     * @param turn 1 for the machines that the program constructs together with the hypervisor, 2 and up for later ones
     * @param held machine to address
     */
    constructor(
        hypervisor: { component: pulumi.ComponentResource; name: string },
        turn: number,
        held: ReadonlyMap<string, string>,
    ) {
        super(TYPE, recordName(hypervisor.name, turn), {}, { parent: hypervisor.component });
        this.registerOutputs({ held: Object.fromEntries([...held].sort(([a], [b]) => (a < b ? -1 : 1))) });
    }

    /** What the records of a hypervisor say after the last deployment, the later ones over the earlier. */
    static async of(hypervisor: { component: pulumi.ComponentResource; name: string }): Promise<Map<string, string>> {
        const held = new Map<string, string>();
        for (let turn = 1; ; turn++) {
            const name = recordName(hypervisor.name, turn);
            const outputs = await lastOutputs(urnOf(hypervisor.component, { type: TYPE, name }));
            if (outputs === undefined) {
                return held;
            }
            for (const [vm, address] of Object.entries(isRecord(outputs.held) ? outputs.held : {})) {
                held.set(vm, String(address));
            }
        }
    }
}

const recordName = (hypervisor: string, turn: number): string =>
    turn === 1 ? `${hypervisor}-addresses` : `${hypervisor}-addresses-${turn}`;
