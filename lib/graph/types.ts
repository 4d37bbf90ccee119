import type { DependencyReport } from "./dependencyTypes";

export type * from "./dependencyTypes";

/** What {@link analyse} is given. Other fields are ignored: `analyse({ ...problem, ...place(problem) })` works. */
export interface GraphInput {
    /** Replica to host. The replica's name is `<service>-<number>`. */
    readonly assignment: Readonly<Record<string, string>>;
    /** All hosts, those without a replica too. */
    readonly hosts: readonly { readonly name: string; readonly labels?: Readonly<Record<string, string>> }[];
    /** Services and what each needs to serve. Those that only the assignment names need one replica. @default [] */
    readonly services?: readonly GraphService[];
    /** Who talks to whom and how much: the basis of {@link GraphReport.affinity}. @default [] */
    readonly traffic?: readonly GraphTraffic[];
    /**
     * What can be lost as a whole: `host`, or labels that every host bears.
     * @default "host" and every label that all hosts bear
     */
    readonly domains?: readonly string[];
}

export interface GraphService {
    readonly name: string;
    /** How many replicas must be left for the service to go on, a quorum for example. @default 1 */
    readonly needs?: number;
    /** Services that this one cannot serve without, all of them. Circles are allowed and reported. @default [] */
    readonly dependsOn?: readonly string[];
}

/** Traffic between two services. */
export interface GraphTraffic {
    readonly from: string;
    readonly to: string;
    /** Requests or bytes in any unit, a whole number of 0 or more. Several entries for the same two add up. */
    readonly weight: number;
}

/** What {@link analyse} answers; everything is sorted, so that the same placement gives the same bytes. */
export interface GraphReport {
    readonly graph: BipartiteGraph;
    /** One report for each kind of domain: the hosts first. */
    readonly domains: readonly DomainReport[];
    readonly dependencies: DependencyReport;
    /**
     * Which services belong together. Undefined where no two of them talk or share a host, and, without traffic, where so many
     * share hosts that groups would mean nothing: more than a million pairs, counted a host.
     */
    readonly affinity: AffinityProposal | undefined;
    /** What matters of all this, for people: the bad first, then by subject. */
    readonly findings: readonly Finding[];
}

/** One thing that an operator should know. */
export interface Finding {
    /**
     * `bad`: something does not serve, or one host's loss stops it. `warning`: the loss of another single domain (a
     * zone) stops it, or the dependencies are fragile. `good`: what holds.
     */
    readonly severity: "good" | "warning" | "bad";
    /** A service, a domain (`zone a`), or a kind of domain (`host`). */
    readonly subject: string;
    readonly sentence: string;
    /** What to change so that it no longer holds, computed from the facts; left out where there is nothing to change. */
    readonly advice?: string;
}

/** Hosts on one side, replicas on the other, an edge where a replica runs. */
export interface BipartiteGraph {
    readonly hosts: readonly string[];
    readonly replicas: readonly string[];
    /**
     * For each replica the number of its host: the adjacency matrix, one entry a column. {@link biadjacency}, {@link
     * adjacency} and {@link incidence} write the matrices out.
     */
    readonly hostOf: readonly number[];
    /** Replicas a host. A replica's degree is 1. */
    readonly degrees: readonly number[];
    /**
     * The singular values of the adjacency matrix, the largest first: the square roots of the degrees. The graph is a
     * set of stars, since a replica runs on one host. So the spectrum tells the replicas a host and nothing about
     * connectivity; that is in {@link DomainReport.spectral}.
     */
    readonly spectrum: readonly number[];
    /**
     * The eigenvalues of the whole graph, the largest first: plus and minus each singular value, and 0. {@link
     * eigenvectors} gives the vectors of those that are not 0.
     */
    readonly eigenvalues: readonly { readonly value: number; readonly multiplicity: number }[];
}

/** What the loss of whole domains, hosts or zones for example, would cost. */
export interface DomainReport {
    /** `host` or the label. */
    readonly label: string;
    /** The label's values, sorted. */
    readonly names: readonly string[];
    /** Sorted by name. {@link serviceMatrix} writes out the matrix of services and domains. */
    readonly services: readonly ServiceSurvival[];
    /** What the loss of each domain stops, in the order of `names`. */
    readonly losses: readonly DomainLoss[];
    /**
     * The domains by how much of what is shared hangs on them, the most first: the leading eigenvector of B'B, where B
     * counts replicas, one row a service and one column a domain. The weights' sum is 1.
     */
    readonly concentration: readonly { readonly domain: string; readonly weight: number }[];
    /** Undefined where there are no replicas. */
    readonly spectral: DomainSpectrum | undefined;
    /** Groups of domains that share no service: what goes wrong in one does not reach the others. Exact. */
    readonly cells: number;
}

/**
 * Exact figures for one service and one kind of domain. A service stops when fewer replicas than it needs are left, or when
 * a service that it depends on stops; all figures but `replicasIn` and `ownFewestLosses` take that into account.
 */
export interface ServiceSurvival {
    readonly service: string;
    readonly replicas: number;
    readonly needs: number;
    /** What the loss of a domain takes from it: only domains that run a replica, sorted by name. */
    readonly replicasIn: readonly { readonly domain: string; readonly replicas: number }[];
    /** The fewest domains whose loss stops it; 0 when it does not serve even now, undefined when no loss stops it. */
    readonly fewestLosses: number | undefined;
    /** Domains of which the loss together stops it, `fewestLosses` of them, sorted. */
    readonly stoppedByFewest: readonly string[];
    /**
     * The service that has too few replicas left then: itself or one that it depends on. Undefined when no loss stops it.
     */
    readonly through: string | undefined;
    /** `fewestLosses`, were all that it depends on certain to serve. */
    readonly ownFewestLosses: number | undefined;
    /** Domains that each stop it alone. Empty: it survives the loss of any one. */
    readonly stoppedBy: readonly string[];
    /** How many pairs of domains stop it together, of which neither does alone. */
    readonly pairs: number;
    /** The first 100 of those pairs. */
    readonly stoppedByPair: readonly (readonly [string, string])[];
    /** The same for people: `web survives the loss of any one host; losing vm2 and vm5 stops it`. */
    readonly sentence: string;
}

/** The blast radius of one domain: exact, along all dependencies. */
export interface DomainLoss {
    readonly domain: string;
    /** Replicas that run there. */
    readonly replicas: number;
    /** How many services stop. */
    readonly stopped: number;
    /** Of those the ones that have too few replicas left: the first 100 by name. */
    readonly stops: readonly string[];
    /** The ones that stop because a service that they depend on does: the first 100 by name. */
    readonly stopsThrough: readonly string[];
    /** `losing host vm3 takes 4 replicas and stops db, and through it api`. */
    readonly sentence: string;
}

/** A figure that is certain to be from `low` to `high`; both are equal where it is computed exactly, up to rounding. */
export interface Bounds {
    readonly low: number;
    readonly high: number;
}

/** The singular values of the service x domain matrix, read two ways. */
export interface DomainSpectrum {
    /**
     * Of the normalised matrix, the largest first: all from 0 to 1, and as many 1 as there are cells. All of them where
     * `exact`, else the leading ones.
     */
    readonly normalised: readonly number[];
    /** Whether the spectrum was computed as a whole: of services or of domains at most 300 have a replica. */
    readonly exact: boolean;
    /**
     * 0 where `exact`. Else the squares of the values shown, and of 1 - mixing, are this close to squares of true
     * singular values and never above the true ones of the same rank.
     */
    readonly error: number;
    /**
     * 1 less the second of them: 0 for isolated cells, high when the failure of one domain touches many services. Where not
     * `exact` the true one is not above this.
     */
    readonly mixing: number;
    /** As many equal and independent domains would be as diverse as these: from 1 to the number of domains. */
    readonly effectiveDomains: Bounds;
    readonly sentence: string;
}

/** Groups of services that belong together: a proposal, since it knows nothing of what must be kept apart. */
export interface AffinityProposal {
    /** What it is drawn from: the traffic given, or, where there is none, which services share hosts now. */
    readonly basis: "traffic" | "placement";
    /** The groups of at least two services, those with the most traffic first. */
    readonly groups: readonly AffinityGroup[];
    /** The share of all traffic (of all sharing of hosts) that stays within groups, from 0 to 1. */
    readonly within: number;
    /** By how much `within` is above what chance would give for services as busy as these: Newman's modularity. */
    readonly modularity: number;
    readonly sentence: string;
}

export interface AffinityGroup {
    /** Sorted by name. */
    readonly services: readonly string[];
    /** The busiest of them: the one that the others would name in `affinity`. */
    readonly busiest: string;
    /** The share of all traffic that is between them, from 0 to 1. */
    readonly share: number;
}

/**
 * What a service must survive: how many domains of a kind may be lost at once. `vms` means the label `host`, `zones` the label
 * `zone`, `hypervisors` the label `hypervisor`; any other key is the label itself. Kinds are not mixed.
 */
export type SurvivalDemands = Readonly<Record<string, number>>;

/** What {@link checkSurvives} answers. */
export interface SurvivalCheck {
    readonly holds: boolean;
    /** One for each demand that does not hold, in the order of the keys. */
    readonly violations: readonly SurvivalViolation[];
}

export interface SurvivalViolation {
    /** The key of the demand: `zones`. */
    readonly demand: string;
    /** `zone`. */
    readonly label: string;
    readonly wanted: number;
    /** How many losses of such domains the service survives, whichever they are; -1 when it does not serve even now. */
    readonly survives: number;
    /** Domains of which the loss stops it, `survives + 1` of them. */
    readonly stoppedBy: readonly string[];
    /** `losing zone a stops web: all 2 replicas are there; spread over 2 zones, e.g. antiAffinity over zone`. */
    readonly reason: string;
}
