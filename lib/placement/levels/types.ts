import type { PlacementAnswer, PlacementGoal, PlacementHost, PlacementProblem, PlacementService } from "../types";

/**
 * A number of equal virtual machines, named `<name>-0`, `<name>-1` and so on: to the hypervisors they are replicas of a
 * service, to the containers they are hosts.
 */
export interface PlacementVms extends Omit<PlacementService, "needs" | "dependsOn" | "ports"> {
    /** What a machine offers to containers: amount a dimension. @default {} */
    readonly offers?: Readonly<Record<string, number>>;
    /**
     * What a machine bears beside the labels of its hypervisor, which it inherits, and `hypervisor`, which is that one's name.
     * @default {}
     */
    readonly labels?: Readonly<Record<string, string>>;
}

/** What {@link placeLevels} is asked. */
export interface LevelsProblem extends Pick<PlacementProblem, "services" | "objective" | "effort" | "move"> {
    /** At least one. */
    readonly hypervisors: readonly PlacementHost[];
    readonly vms: readonly PlacementVms[];
    /** What the machines strive for; `objective` is that of the containers. @default "spread" */
    readonly vmObjective?: PlacementGoal;
    /** Where machines and containers run now. */
    readonly previous?: {
        /** Machine to hypervisor. @default {} */
        readonly vms?: Readonly<Record<string, string>>;
        /** Replica to machine. @default {} */
        readonly services?: Readonly<Record<string, string>>;
    };
}

/** What {@link placeLevels} answers. */
export interface LevelsAnswer {
    /** Machine to hypervisor. */
    readonly vms: PlacementAnswer;
    /** Replica to machine. Its bounds hold for the machines where they are. */
    readonly services: PlacementAnswer;
}
