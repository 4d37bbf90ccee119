import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { checkHosts, hostParts, hostSpec } from "../containers/hosts";
import { dockerProvider, type ExistingHost } from "../dockerHost";
import { Faults } from "../faults";
import { constructed, freshName, Round } from "../program";
import { shaped } from "../shape";
import type { FusionVm } from "../vm/FusionVm";
import { planManagers } from "./planManagers";
import { swarmShape } from "./swarmShape";
import { type SwarmSpec, swarmSpec } from "./swarmSpec";

/** An overlay network between the nodes of a swarm. */
export interface OverlayArgs {
    /** Whether what containers say to each other over it is encrypted between the hosts (IPsec). @default false */
    encrypted?: boolean;
}

/** Arguments of {@link FusionSwarm}. All are plain values. */
export interface FusionSwarmArgs {
    /** The Docker hosts that are its nodes: `FusionVm`s, or machines that exist already. */
    hosts: readonly (FusionVm | ExistingHost)[];
    /** How many of them keep the swarm's state: 1, 3, 5 or 7; a minority of them may be lost. @default 3, with fewer than 3 hosts 1 */
    managers?: number;
    /** Whether a manager that was restarted waits for `unlockKey` before it takes part. @default false */
    autolock?: boolean;
    /** The private IPv4 network that overlay networks get theirs from. Stays as it was when the swarm was founded. @default "10.201.0.0/16" */
    addressPool?: string;
    /** Overlay networks, by names that sets refer to. @default {} */
    networks?: Readonly<Record<string, OverlayArgs>>;
    /** After a lost quorum: the name of the host from whose state the swarm starts anew. @default none */
    recover?: string;
    /** Seconds that tasks have to move when a node is taken away. @default 60 */
    drainSeconds?: number;
}

/** What sets need of a swarm. */
export interface SwarmParts {
    /** Of a manager. */
    provider: docker.Provider;
    /** What services wait for: all nodes in the swarm. */
    ready: pulumi.Resource[];
    /** Overlay networks by their names in the arguments. */
    networks: ReadonlyMap<string, docker.Network>;
    /** What takes everything in the swarm with it where it is deleted; undefined where machines outlive the swarm. */
    goesWith?: pulumi.Resource;
}

const TYPE = "fusion:index:FusionSwarm";

/** Docker hosts as the nodes of one swarm. */
export class FusionSwarm extends pulumi.ComponentResource<SwarmParts> {
    /** @internal */
    readonly spec: SwarmSpec;
    /** @internal In the order of the program. */
    readonly hosts: readonly (FusionVm | ExistingHost)[];
    private readonly round = Round.current();

    constructor(name: string, given: FusionSwarmArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), shownInputs(name, given), opts);
        const { faults } = this.round;
        const args = readArgs(name, given, faults);
        this.hosts = args.hosts;
        this.spec = swarmSpec(name, args, checkHosts(name, args.hosts, faults), faults);
    }

    /** @internal The docker provider of a manager, and what services wait for: all nodes in the swarm. */
    parts(): Promise<SwarmParts> {
        return this.getData();
    }

    protected override async initialize(): Promise<SwarmParts> {
        await constructed;
        await this.round.valid;
        const { spec } = this;
        const [first] = planManagers(spec.nodes, spec.managers, []);
        const hosts = await Promise.all(this.hosts.map((host) => hostParts(host)));
        const at = hosts[spec.nodes.findIndex(({ name }) => name === first)];
        if (at === undefined) {
            throw new Error(`${spec.name} has no manager`);
        }
        const provider = dockerProvider(spec.name, at.ssh, { parent: this });
        const networks = new Map(
            Object.entries(spec.networks).map(([name, { encrypted }]) => [
                name,
                new docker.Network(
                    `${spec.name}-${name}`,
                    { driver: "overlay", ...(encrypted && { options: { encrypted: "" } }) },
                    { parent: this, provider },
                ),
            ]),
        );
        this.registerOutputs({});
        return { provider, ready: hosts.flatMap(({ ready }) => ready), networks };
    }
}

/** The arguments as far as they can be read; what is not goes to `faults`. */
function readArgs(name: string, given: FusionSwarmArgs, faults: Faults): FusionSwarmArgs {
    const args = shaped(name, given, swarmShape, faults);
    return { ...args, hosts: args.hosts ?? [] };
}

/** The arguments as they stand in the state, hosts by their names; nothing where they cannot be read. */
function shownInputs(name: string, given: FusionSwarmArgs): pulumi.Inputs {
    const faults = new Faults();
    const args = readArgs(name, given, faults);
    return faults.size > 0 ? {} : { ...args, hosts: args.hosts.map((host) => hostSpec(host).name) };
}
