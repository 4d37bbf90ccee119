import type { DependencyReport } from "../dependencyTypes";
import type { Bounds, Finding } from "../types";

/**
 * What Docker Swarm may choose from: `analyseSwarm` asks for the worst of it. Amounts are whole numbers in any unit, the same on
 * nodes and services; Swarm itself counts processors and memory.
 */
export interface SwarmProblem {
    /** Every node of the swarm, those that run no task of these services too. */
    readonly nodes: readonly SwarmNode[];
    readonly services: readonly SwarmService[];
    /**
     * What can be lost as a whole: `host`, or labels that every node bears.
     * @default "host" and every label that all nodes bear
     */
    readonly domains?: readonly string[];
    /** Up to how many domains of a kind are lost at once in the report, from 1 to 10. @default 2 */
    readonly losses?: number;
}

export interface SwarmNode {
    /** Unique among the nodes. */
    readonly name: string;
    /** The label `host` is implied, its value the node's name. @default {} */
    readonly labels?: Readonly<Record<string, string>>;
    /** What Swarm counts the node to have: `docker node inspect`, Resources. A dimension that is not named is not limited. @default {} */
    readonly capacity?: Readonly<Record<string, number>>;
    /**
     * The most that it may have, where `capacity` is only the least. A loss is then computed with this, what comes back after it
     * with `capacity`. A dimension that is not named is not limited. @default that of `capacity`
     */
    readonly capacityAtMost?: Readonly<Record<string, number>>;
}

export interface SwarmService {
    /** Unique among the services. */
    readonly name: string;
    /** How many, or `global`: one on each node that may run it. Left out with `placed`. */
    readonly replicas?: number | "global";
    /** What one replica reserves. @default {} */
    readonly demand?: Readonly<Record<string, number>>;
    /** The most replicas that a node may run (`max_replicas_per_node`); 1 for a host-mode port. @default not limited */
    readonly maxPerNode?: number;
    /** Names of the nodes that may run it. @default all */
    readonly nodes?: readonly string[];
    /** For each label the values that a node must have one of. @default {} */
    readonly require?: Readonly<Record<string, readonly string[]>>;
    /** The label of the spread preference. It binds Swarm to nothing, see {@link SwarmLoss.afterDeployment}. @default none */
    readonly spreadOver?: string;
    /** How many replicas must be left for the service to go on. @default 1 */
    readonly needs?: number;
    /** Services that this one cannot serve without. Circles are allowed. @default [] */
    readonly dependsOn?: readonly string[];
    /** Node to number of replicas, of a service that Swarm does not move: containers on plain Docker, on which others depend. */
    readonly placed?: Readonly<Record<string, number>>;
}

/** What {@link analyseSwarm} answers; everything is sorted, so that the same swarm in another order gives the same bytes. */
export interface SwarmReport {
    /** One report for each kind of domain: the hosts first. */
    readonly domains: readonly SwarmDomainReport[];
    readonly dependencies: DependencyReport;
    /** What matters of all this, for people: the bad first, then by subject. */
    readonly findings: readonly Finding[];
}

export interface SwarmDomainReport {
    /** `host` or the label. */
    readonly label: string;
    /** The label's values, sorted. */
    readonly names: readonly string[];
    /** Sorted by name. */
    readonly services: readonly SwarmSurvival[];
}

/**
 * The worst case of one service and one kind of domain over all placements that Swarm may choose, in which the service runs all its
 * replicas (as many as there is room for). Other services may be anywhere or wait for room.
 */
export interface SwarmSurvival {
    readonly service: string;
    /** How many it is to have; of a global service, the nodes that may run it. */
    readonly replicas: number;
    /** How many there is room for, were it alone: less than `replicas` means that it never runs whole. */
    readonly room: number;
    readonly needs: number;
    /** How many of its replicas each domain may come to run: only domains that may run one, sorted by name. */
    readonly mayRun: readonly { readonly domain: string; readonly replicas: number }[];
    /** One for each number of domains lost at once, from 1: see {@link SwarmProblem.losses}. */
    readonly losses: readonly SwarmLoss[];
    /**
     * The fewest domains whose loss stops it, or a service that it depends on, in some placement; 0 when it cannot serve at all,
     * undefined when no loss stops it.
     */
    readonly fewestLosses: number | undefined;
    /** Domains of which the loss together may stop it, `fewestLosses` of them, sorted. */
    readonly stoppedByFewest: readonly string[];
    /** The service that has too few replicas left then: itself or one that it depends on. */
    readonly through: string | undefined;
    /** `fewestLosses`, were all that it depends on certain to serve. */
    readonly ownFewestLosses: number | undefined;
    /** The same for people: `in the worst placement losing host vm1 stops web: it may run both of its replicas`. */
    readonly sentence: string;
}

/** Losing so many domains at once, whichever they are. */
export interface SwarmLoss {
    readonly count: number;
    /** The most replicas that are lost at once. Exact. */
    readonly lost: number;
    /** Domains of which the loss takes so many, in `placement`. */
    readonly domains: readonly string[];
    /** A worst placement: node to replicas, nodes without one left out, sorted. */
    readonly placement: Readonly<Record<string, number>>;
    /** Replicas that serve before Swarm has rescheduled. */
    readonly left: number;
    /**
     * The most that are lost where the service was just created and nothing has failed since: then the scheduler has spread it
     * evenly. Undefined where that does not follow from its algorithm. Exact where defined.
     */
    readonly afterDeployment: number | undefined;
    /**
     * Replicas that run once Swarm has rescheduled what was lost onto what is left, in the worst case: certain to be from `low` to
     * `high`; exact where both are equal. Others that need the same room make the difference.
     */
    readonly restored: Bounds;
}

/** What {@link checkSwarmSurvives} answers. */
export interface SwarmSurvivalCheck {
    readonly holds: boolean;
    /** One for each demand that does not hold, in the order of the keys. */
    readonly violations: readonly SwarmViolation[];
}

export interface SwarmViolation {
    /** The key of the demand: `zones`. */
    readonly demand: string;
    /** `zone`. */
    readonly label: string;
    readonly wanted: number;
    /** How many losses of such domains the service survives, wherever Swarm has put it; -1 when it cannot serve at all. */
    readonly survives: number;
    /** Domains of which the loss stops it in the worst placement, `survives + 1` of them. */
    readonly stoppedBy: readonly string[];
    /** That placement, of the service that has too few left: node to replicas. */
    readonly placement: Readonly<Record<string, number>>;
    /** `losing host vm1 may stop web: vm1 may run both of its 2 replicas; give web maxPerNode: 1`. */
    readonly reason: string;
}
