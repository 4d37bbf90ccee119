import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { checkHosts, hostAccess, hostSpec } from "../containers/hosts";
import { dockerProvider, type ExistingHost } from "../dockerHost";
import { Faults } from "../faults";
import { lastOutputs, urnOf } from "../lastState";
import { constructed, freshName, Round } from "../program";
import { shaped } from "../shape";
import type { FusionVm } from "../vm/FusionVm";
import { Turns } from "../vm/turns";
import { checkChange } from "./checkChange";
import { checkMachines } from "./checkMachines";
import { chooseManager } from "./chooseManager";
import { createNodes, type SwarmHost } from "./createNodes";
import { createOverlays } from "./createOverlays";
import { planSwarm, type SwarmDecision, tellSwarm } from "./planSwarm";
import { type SwarmMemory, SwarmRecord } from "./SwarmRecord";
import { swarmShape } from "./swarmShape";
import { checkAddresses, type SwarmSpec, swarmSpec } from "./swarmSpec";

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
    /** How all that is in the swarm comes and goes with it. */
    bound: Pick<pulumi.CustomResourceOptions, "deletedWith"> & { replacementTrigger?: string };
    /** Names of the managers, that of the provider first. */
    asked: readonly string[];
}

interface MadeSwarm extends SwarmParts {
    managers: readonly string[];
    unlockKey: pulumi.Output<string> | undefined;
    nodes: ReadonlyMap<string, pulumi.Resource>;
}

const TYPE = "fusion:index:FusionSwarm";

/**
 * Docker hosts as the nodes of one swarm, Docker's own orchestrator: what is given it runs on when a host is lost, without an `up`.
 * Hosts that are added join, those that are taken away are drained and leave, and managers are replaced before they go.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments; `up` fails when a host cannot join, and when no manager answers with
 * a quorum, which `recover` is for.
 */
export class FusionSwarm extends pulumi.ComponentResource<MadeSwarm> {
    /** @internal */
    readonly spec: SwarmSpec;
    /** @internal In the order of the program. */
    readonly hosts: readonly (FusionVm | ExistingHost)[];
    /** Names of the hosts that are managers, sorted; known at preview. */
    readonly managers: pulumi.Output<string[]>;
    /** With `autolock`, what `docker swarm unlock` asks for on a manager that was restarted; a secret. Else undefined. */
    readonly unlockKey: pulumi.Output<string | undefined>;
    private readonly round = Round.current();

    constructor(name: string, given: FusionSwarmArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), shownInputs(name, given), opts);
        const { faults } = this.round;
        const args = readArgs(name, given, faults);
        this.hosts = args.hosts;
        this.spec = swarmSpec(name, args, checkHosts(name, args.hosts, faults), faults);
        this.round.before((more) => checkAddresses(this.spec, more));
        this.round.before(async (more) => checkChange(this.spec, await SwarmRecord.of(this, name), more));
        Turns.current(this.round).follow(this.round, (vm) => this.nodeOn(vm));
        const made = pulumi.output(this.getData().then(({ managers, unlockKey }) => ({ managers, unlockKey })));
        this.managers = made.managers.apply((names) => [...names]);
        this.unlockKey = made.apply(({ unlockKey }) => unlockKey);
    }

    /** @internal The docker provider of a manager, and what services wait for: all nodes in the swarm. */
    parts(): Promise<SwarmParts> {
        return this.getData();
    }

    /** @internal Whether a host was a node after the last deployment. */
    async hadNode(host: string): Promise<boolean> {
        const { name } = this.spec;
        return (
            (await lastOutputs(urnOf(this, { type: "command:local:Command", name: `${name}-${host}` }))) !== undefined
        );
    }

    /** @internal What a machine serves by again, beside its containers. */
    async nodeOn(vm: string): Promise<pulumi.Resource[]> {
        return [(await this.getData()).nodes.get(vm)].filter((node) => node !== undefined);
    }

    protected override async initialize(): Promise<MadeSwarm> {
        await constructed;
        await this.round.valid;
        const { spec } = this;
        const { name } = spec;
        const last = await SwarmRecord.of(this, name);
        const accesses = await Promise.all(this.hosts.map((host) => hostAccess(host)));
        const hosts = new Map(
            spec.nodes.flatMap((node, index) => {
                const access = accesses[index];
                return access === undefined ? [] : [[node.name, { spec: node, access }] as const];
            }),
        );
        const decision = planSwarm(spec, last);
        const manager = await chooseManager(hosts, decision, last);
        if (!manager.answers) {
            checkMachines(spec, decision.managers, hosts);
        }
        const looks = (last?.looks ?? 0) + (manager.answers ? 0 : 1);
        const nodes = spec.nodes.map((node) => node.name).sort();
        const memory = { managers: decision.managers, nodes, provider: manager.name, addressPool: spec.addressPool };
        const [only] = hosts.size === 1 ? [...hosts.values()] : [];
        const begun = (last?.begun ?? 0) + (last !== undefined && only?.access.machine?.anew ? 1 : 0);
        new SwarmRecord(name, { ...memory, looks, begun }, { parent: this });
        await this.tell(decision, last, manager.answers);
        // Where there is no manager yet, or none answers, a machine may wait for the next one to find it.
        const inTurn = last !== undefined && manager.answers;
        const plan = { swarm: this, spec, hosts, looks, inTurn, ...decision };
        const made = await createNodes(plan);
        const at = hosts.get(manager.name)?.access;
        if (at === undefined) {
            throw new Error(`${name} has no manager`);
        }
        const provider = dockerProvider(name, at.ssh, { parent: this });
        const ready = [...made.nodes.values()];
        const bound = boundTo(made.founded, [...hosts.values()], begun);
        const networks = createOverlays(spec, { parent: this, provider, dependsOn: ready, ...bound });
        this.registerOutputs({ managers: decision.managers, unlockKey: made.unlockKey });
        return {
            ...{ provider, ready, networks, bound, unlockKey: made.unlockKey, managers: decision.managers },
            asked: [...new Set([manager.name, ...decision.managers])],
            nodes: inTurn ? made.nodes : new Map(),
        };
    }

    /** Says what becomes of the swarm, in the preview and in the deployment. */
    private async tell(decision: SwarmDecision, last: SwarmMemory | undefined, answers: boolean): Promise<void> {
        const { name, recover } = this.spec;
        const words = tellSwarm(this.spec, decision, last);
        if (words !== undefined) {
            await pulumi.log.info(words, this);
        }
        if (!answers) {
            const asked = `${name}: no manager of the swarm answers with a quorum`;
            const remedy = "it is looked for again; where it is lost, name a manager that is left in recover";
            await pulumi.log.warn(
                recover === undefined ? `${asked}; ${remedy}` : `${asked}: it starts anew from ${recover}`,
                this,
            );
        } else if (recover !== undefined && last !== undefined) {
            await pulumi.log.warn(`${name}.recover: the swarm has a quorum; take it out of the program`, this);
        }
    }
}

/**
 * What is in a swarm of virtual machines goes with the swarm, also where the machine that it is managed by is lost; what is in one of a
 * single machine goes, and is made anew, with that. Machines that exist already outlive the swarm.
 */
function boundTo(founded: pulumi.Resource, hosts: readonly SwarmHost[], begun: number): SwarmParts["bound"] {
    const trigger = begun > 0 ? { replacementTrigger: `begun ${begun}` } : {};
    const machines = hosts.flatMap(({ access }) => access.machine ?? []);
    if (machines.length < hosts.length) return trigger;
    const [only, ...others] = machines;
    return { deletedWith: only !== undefined && others.length === 0 ? only.domain : founded, ...trigger };
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
