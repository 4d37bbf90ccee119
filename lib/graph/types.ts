/** What {@link analyse} is given. Other fields are ignored, so that an answer of `place` can be spread into it. */
export interface GraphInput {
    /** Replica to host. The replica's name is `<service>-<number>`. */
    readonly assignment: Readonly<Record<string, string>>;
    /** All hosts, those without a replica too. */
    readonly hosts: readonly { readonly name: string; readonly labels?: Readonly<Record<string, string>> }[];
    /** Services and what each needs to serve. Those that only the assignment names need one replica. @default [] */
    readonly services?: readonly GraphService[];
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
}

/** What {@link analyse} answers; everything is sorted, so that the same placement gives the same bytes. */
export interface GraphReport {
    readonly graph: BipartiteGraph;
    /** One report for each kind of domain: the hosts first. */
    readonly domains: readonly DomainReport[];
}

/** Hosts on one side, replicas on the other, an edge where a replica runs. */
export interface BipartiteGraph {
    readonly hosts: readonly string[];
    readonly replicas: readonly string[];
    /** For each replica the number of its host: the adjacency matrix, one entry a column. See {@link biadjacency}. */
    readonly hostOf: readonly number[];
    /** Replicas a host. A replica's degree is 1. */
    readonly degrees: readonly number[];
    /**
     * The singular values of the adjacency matrix, the largest first: the square roots of the degrees, and with both
     * signs the eigenvalues of the whole graph, whose others are 0. The graph is a set of stars, since a replica runs
     * on one host. So the spectrum tells the replicas a host and nothing about connectivity; that is in {@link
     * DomainReport.spectral}.
     */
    readonly spectrum: readonly number[];
}

/** What the loss of whole domains, hosts or zones for example, would cost. */
export interface DomainReport {
    /** `host` or the label. */
    readonly label: string;
    /** The label's values. */
    readonly names: readonly string[];
    readonly services: readonly ServiceSurvival[];
    /** Replicas, one row a service in the order of `services`, one column a domain in the order of `names`. */
    readonly matrix: readonly (readonly number[])[];
    /** The domains by how much of what is shared hangs on them, the most first. */
    readonly concentration: readonly { readonly domain: string; readonly weight: number }[];
    /** Undefined where there are no replicas, or where services and domains are both more than 200. */
    readonly spectral: DomainSpectrum | undefined;
    /** Groups of domains that share no service: what goes wrong in one does not reach the others. Exact. */
    readonly cells: number;
}

/** Exact figures for one service and one kind of domain. */
export interface ServiceSurvival {
    readonly service: string;
    readonly replicas: number;
    readonly needs: number;
    /** The fewest domains whose loss stops the service; 0 when it has too few replicas already. */
    readonly fewestLosses: number;
    /** Domains that each stop it alone. Empty: it survives the loss of any one. */
    readonly stoppedBy: readonly string[];
    /** How many pairs of domains stop it together, of which neither does alone. */
    readonly pairs: number;
    /** The first 100 of those pairs. */
    readonly stoppedByPair: readonly (readonly [string, string])[];
    /** The same for people: `web survives the loss of any one host; losing vm2 and vm5 stops it`. */
    readonly sentence: string;
}

/** The singular values of the service x domain matrix, read two ways. */
export interface DomainSpectrum {
    /** Of the normalised matrix, the largest first: all from 0 to 1, and as many 1 as there are cells. */
    readonly normalised: readonly number[];
    /** 1 less the second of them: 0 for isolated cells, high when the failure of one domain touches many services. */
    readonly mixing: number;
    /** As many equal and independent domains would be as diverse as these: from 1 to the number of domains. */
    readonly effectiveDomains: number;
}
