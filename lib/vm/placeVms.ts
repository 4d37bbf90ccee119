import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "../faults";
import { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import { isRecord } from "../isRecord";
import { lastOutputs, urnOf } from "../lastState";
import type { PlacementGoal } from "../placement";
import { constructed, Round } from "../program";
import { shaped } from "../shape";
import { planVms, type VmToPlace } from "./planVms";

/** Arguments of {@link placeVms}. All are plain values, so that the placement is known at preview. */
export interface PlaceVmsArgs<Name extends string> {
    /** Where the machines may run. Their `capacity` and `labels` count; at least one. */
    hypervisors: readonly FusionHypervisor[];
    /** What each machine asks, by its name: `{ vm1: { vcpus: 1, memoryMiB: 2048 } }`. */
    vms: Readonly<Record<Name, VmToPlace>>;
    /** What the placement strives for; see `place`. @default "balance" */
    objective?: PlacementGoal;
}

/**
 * Spreads virtual machines over hypervisors, as `place` spreads containers. Where each one runs is kept in the stack's state:
 * what still fits stays, so another machine or another hypervisor moves nothing.
 *
 * Only the machines of this call count against the hypervisors' capacity.
 *
 * @param name of the resource that remembers the placement
 * @returns the hypervisor of each machine, to be given to its `FusionVm`
 * @throws InputPropertiesError at preview for wrong arguments and for machines that fit nowhere, with the reason
 */
export async function placeVms<Name extends string>(
    name: string,
    args: PlaceVmsArgs<Name>,
    opts?: pulumi.ComponentResourceOptions,
): Promise<Record<Name, FusionHypervisor>> {
    const { vms, hypervisors } = readArgs(name, args, Round.current().faults);
    const placement = await new VmPlacement(name, { ...args, vms, hypervisors }, opts).placement;
    const answer: Partial<Record<Name, FusionHypervisor>> = {};
    for (const vm of Object.keys(vms) as Name[]) {
        const hypervisor = hypervisors.find(({ spec }) => spec.name === placement[vm]);
        if (hypervisor !== undefined) {
            answer[vm] = hypervisor;
        }
    }
    return answer as Record<Name, FusionHypervisor>;
}

/** The arguments as far as they can be read; what is not goes to `faults`. */
function readArgs<Name extends string>(name: string, given: PlaceVmsArgs<Name>, faults: Faults): PlaceVmsArgs<Name> {
    const args = shaped(name, given, { hypervisors: ["any"], vms: "record", objective: "text" }, faults);
    const hypervisors = args.hypervisors ?? [];
    for (const [index, one] of hypervisors.entries()) {
        if (!(one instanceof FusionHypervisor)) {
            faults.noComponent(`${name}.hypervisors[${index}]`, one, "FusionHypervisor");
            faults.cover(`${name}.hypervisors`);
        }
    }
    return {
        ...args,
        vms: args.vms ?? {},
        hypervisors: hypervisors.filter((one) => one instanceof FusionHypervisor),
    };
}

type Placement = Readonly<Record<string, string>>;

/**
 * Decides where the machines run, and keeps it in the stack's state. It has no inputs, whose change would make the engine
 * forget it.
 */
class VmPlacement extends pulumi.ComponentResource<Placement> {
    private readonly round = Round.current();
    private decided: Placement = {};

    constructor(name: string, args: PlaceVmsArgs<string>, opts?: pulumi.ComponentResourceOptions) {
        super("fusion:index:VmPlacement", name, {}, opts);
        this.round.before(async (faults) => {
            faults.name(name, name);
            const { vms, objective = "balance" } = args;
            const hypervisors = args.hypervisors.map(({ spec }) => spec);
            this.decided = planVms(name, { hypervisors, vms, objective, previous: await this.last() }, faults);
        });
    }

    /** Machine to hypervisor. */
    get placement(): Promise<Placement> {
        return this.getData();
    }

    protected override async initialize(): Promise<Placement> {
        await constructed;
        await this.round.valid;
        this.registerOutputs({ placement: this.decided });
        return this.decided;
    }

    /** What was decided in the last deployment. */
    private async last(): Promise<Placement> {
        const placement = (await lastOutputs(urnOf(this)))?.placement;
        const entries = Object.entries(isRecord(placement) ? placement : {});
        return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
    }
}
