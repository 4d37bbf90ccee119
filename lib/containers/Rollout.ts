import type * as pulumi from "@pulumi/pulumi";
import { registered } from "../known";
import type { ContainerSetSpec } from "./containerSetSpec";
import type { Replica } from "./createReplica";

/** Replicas that are replaced together: their numbers in the set's order. */
export interface RolloutGroup {
    index: number;
    replicas: readonly Replica[];
    /** What waits until the group's containers answer. */
    gate: pulumi.Resource;
}

/** What makes a group serve: resources that must be there before the old containers stop and the next group is touched. */
type Follower = (group: RolloutGroup) => Promise<readonly pulumi.Resource[]>;

/**
 * The order in which the groups of a set are replaced: the next one when the one before serves, the balancers in front
 * included. It is a matter of one deployment, so it is kept by registering later and not by dependencies in the state.
 */
export class Rollout {
    private readonly followers: Follower[] = [];
    private readonly leaders: (() => Promise<readonly pulumi.Resource[]>)[] = [];

    /** Adds something that must be there before the set changes. */
    lead(leader: () => Promise<readonly pulumi.Resource[]>): void {
        this.leaders.push(leader);
    }

    /** Resolves when the set may change. */
    async leads(): Promise<void> {
        for (const leader of this.leaders) {
            for (const resource of await leader()) await registered(resource);
        }
    }

    /** Adds something that the service of a group rests on. */
    follow(follower: Follower): void {
        this.followers.push(follower);
    }

    /**
     * Resolves when a group serves. A machine that is changed in the same deployment has a turn of its own, which may come after
     * that of the next group: its replicas are not waited for.
     *
     * @param inTurn replicas whose machine is changed in its turn
     */
    async serves(group: RolloutGroup, inTurn: (replica: Replica) => boolean): Promise<void> {
        const waited = group.replicas.filter((replica) => !inTurn(replica));
        await Promise.all(waited.map(({ container }) => registered(container)));
        // The gate asks all of the group, and what follows waits for the gate.
        if (waited.length < group.replicas.length) {
            return;
        }
        await registered(group.gate);
        for (const follower of this.followers) {
            for (const resource of await follower(group)) {
                await registered(resource);
            }
        }
    }
}

/** Replicas in groups, which depend on nothing but the arguments: an unchanged program has the same ones. */
export function groupsOf<T>(replicas: readonly T[], { parallelism }: ContainerSetSpec["update"]): T[][] {
    const groups: T[][] = [];
    for (let first = 0; first < replicas.length; first += parallelism) {
        groups.push(replicas.slice(first, first + parallelism));
    }
    return groups.length > 0 ? groups : [[]];
}
