import type { SettledRules, Stop } from "./rules";

/** What a preview does to a service, as plain values; {@link reviewMarkdown} writes it for people. */
export interface Review {
    /** `shop/dev`; "" where the preview names none. */
    readonly stack: string;
    /** One line: what this does to the service. */
    readonly headline: string;
    /** Whether there is nothing to do. */
    readonly unchanged: boolean;
    /** What the engine or the program said that keeps the preview from its end. */
    readonly errors: readonly string[];
    /** Rules that say stop. */
    readonly stops: readonly Stop[];
    readonly rules: SettledRules;
    readonly losses: readonly Loss[];
    readonly services: readonly ServiceReview[];
    readonly machines: readonly MachineReview[];
    readonly moves: readonly Move[];
    readonly loads: readonly HostLoad[];
    readonly balancers: readonly BalancerReview[];
    readonly guests: readonly GuestReview[];
    readonly environment: readonly NameChange[];
    readonly unknowns: readonly Unknown[];
    /** Mermaid text of the services on their hosts afterwards; "" where there is none, or nothing of it changes. */
    readonly graph: string;
    readonly operations: readonly OperationNode[];
    /** Operation to how many resources. */
    readonly counts: Readonly<Record<string, number>>;
    /** Whether the preview shows what stays as it is too (`--show-sames`), so that survival and load are known. */
    readonly complete: boolean;
    /** What the program said and nothing above tells. */
    readonly messages: readonly string[];
}

/** Something that is deleted or replaced. */
export interface Loss {
    readonly what: string;
    readonly operation: "deleted" | "replaced" | "restarted";
    /** The input that causes it. */
    readonly cause: string;
    /** Data that is gone then; "" where it is none. */
    readonly lost: string;
    /** Whether it is a volume of data. */
    readonly data: boolean;
    /** Whether Pulumi refuses, since it is protected. */
    readonly refused: boolean;
}

export interface ServiceReview {
    readonly name: string;
    /** Replicas; undefined where the preview does not show all of them. */
    readonly before: number | undefined;
    readonly after: number | undefined;
    /** Replicas whose containers are replaced, be it only since their machine is. */
    readonly replaced: number;
    /** The arguments that have them replaced. */
    readonly causes: readonly string[];
    /** The fewest replicas that serve during the change; undefined for a service that is new or goes, or is not shown. */
    readonly lowest: number | undefined;
    /** Where it goes as a whole; "" where it stays on plain hosts, or on a swarm. */
    readonly moves: "" | "to a swarm" | "to plain hosts";
    /** What the new image is: tried by a canary, a canary that is confirmed, or the one before that comes back. */
    readonly release: "" | "canary" | "confirmed" | "rollback";
    readonly imageBefore: string;
    readonly imageAfter: string;
    /** How many hosts may be lost at once, -1 where it does not serve even now; undefined where it cannot be told. */
    readonly survivesBefore: number | undefined;
    readonly survivesAfter: number | undefined;
    /** Why it survives no more than that: "" where it survives the loss of a host. */
    readonly weakness: string;
    /** What the set itself said. */
    readonly words: readonly string[];
}

export type MachineEffect = "added" | "removed" | "made anew" | "restarted" | "changed in place";

export interface MachineReview {
    readonly name: string;
    readonly effect: MachineEffect;
    /** `image.sha256: 1f3a -> 9c2e` */
    readonly reasons: readonly string[];
    /** Minutes that it may be away at the most; 0 where it is not. */
    readonly minutes: number;
    readonly words: readonly string[];
}

export interface Move {
    readonly replica: string;
    readonly from: string;
    readonly to: string;
    readonly why: string;
}

/** How much of a host is taken, from 0 on. */
export interface HostLoad {
    readonly host: string;
    readonly dimension: string;
    /** undefined for a host that is new, or gone. */
    readonly before: number | undefined;
    readonly after: number | undefined;
    /** What is left afterwards, in units of the placement: millicores, MiB. */
    readonly left: number | undefined;
}

export interface BalancerReview {
    readonly name: string;
    readonly operation: "created" | "changed" | "deleted";
    /** Unified, masked. */
    readonly diff: string;
    readonly listenersAdded: readonly string[];
    readonly listenersRemoved: readonly string[];
    readonly backendsAdded: readonly string[];
    readonly backendsRemoved: readonly string[];
    /** Backends that have no server afterwards. */
    readonly emptyBackends: readonly string[];
    readonly serversBefore: number;
    readonly serversAfter: number;
}

/** Machines whose cloud-init changes in the same way. */
export interface GuestReview {
    readonly machines: readonly string[];
    readonly policy: string;
    readonly diff: string;
}

/** A setting of which no value is shown. */
export interface NameChange {
    readonly component: string;
    readonly name: string;
    readonly change: "added" | "removed" | "changed" | "may have changed";
    readonly secret: boolean;
}

export interface Unknown {
    readonly resource: string;
    readonly property: string;
    /** Resources that it depends on. */
    readonly from: readonly string[];
}

export interface OperationNode {
    readonly operation: string;
    readonly type: string;
    /** One, or several that the same happens to. */
    readonly names: readonly string[];
    readonly properties: readonly string[];
    readonly children: readonly OperationNode[];
}
