import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingHost } from "../dockerHost";
import type { SurvivalDemands } from "../graph";
import { ContainerImage } from "../images/ContainerImage";
import type { ImageArgs } from "../images/imageArgs";
import type { PlacementExplanation, PlacementGoal, PlacementService } from "../placement";
import { constructed, freshName, Round } from "../program";
import { FusionSwarm } from "../swarm/FusionSwarm";
import { type ServiceChange, SwarmSet } from "../swarm/SwarmSet";
import type { SwarmArgs } from "../swarm/serviceArgs";
import { FusionVm } from "../vm/FusionVm";
import { Turns } from "../vm/turns";
import { weightsOf } from "./canaryShare";
import type { CanaryArgs } from "./canarySpec";
import { containerOptions, readArgs, shownInputs } from "./containerOptions";
import { type ContainerSetSpec, containerSetSpec } from "./containerSetSpec";
import { createContainers } from "./createContainers";
import type { ContainerPlan, Track } from "./createReplica";
import type { Endpoint } from "./endpoint";
import type { HealthCheck } from "./healthSpec";
import { checkHosts, hostParts, insecureRegistries } from "./hosts";
import { PlacementRecord } from "./PlacementRecord";
import { hashOf, ReleaseRecord } from "./ReleaseRecord";
import { Rollout, type RolloutGroup } from "./Rollout";
import { RoundPlanner } from "./RoundPlanner";
import { canGoBack, nextRelease } from "./release";
import { passedTurns } from "./runningContainers";
import { secretPrints } from "./secretPrints";
import { onSwarmShape, setShape } from "./setShape";
import { setVersion } from "./setVersion";
import { tellSet } from "./tellSet";
import type { UpdateArgs } from "./updateSpec";
import { asMounted, type VolumeArgs } from "./volumeSpec";

/** A file of a container: its content, or that with the rights that it has. It belongs to root. */
export type FileArgs =
    | pulumi.Input<string>
    | {
          content: pulumi.Input<string>;
          /** Octal. @default "0444" */
          mode?: string;
      };

/** Arguments of {@link FusionContainerSet}. */
export interface FusionContainerSetArgs extends ImageArgs {
    /**
     * The Docker hosts that the replicas may run on: `FusionVm`s, or machines that exist already; or a swarm, which then decides where
     * each runs, and starts it elsewhere when its host is lost.
     */
    hosts: readonly (FusionVm | ExistingHost)[] | FusionSwarm;
    /**
     * Number of containers, or `"every-host"`: one on each of `hosts` that has what `placement.require` asks for, called
     * `<set>-<host>`, so that hosts come and go without another's name. @default 1
     */
    replicas?: number | "every-host";
    /** Ports to publish on the host's own address. */
    ports?: readonly {
        /** The port in the container. */
        container: number;
        /** A fixed port of the host: then one replica a host, and the old one stops before the new one starts. @default chosen */
        host?: number;
        /** @default "tcp" */
        protocol?: "tcp" | "udp";
    }[];
    /** What a replica is planned to take of its host, and what it may take. */
    resources?: {
        /** Processors, in steps of 0.001. @default 0 */
        cpus?: number;
        /** MiB. @default 0 */
        memoryMiB?: number;
        /** What a container is held to: more processor time it does not get, and for more memory it is ended. */
        limits?: {
            /** Processors, in steps of 0.001, 0.01 or more. @default no limit */
            cpus?: number;
            /** MiB, without swap in addition; 6 or more. @default no limit */
            memoryMiB?: number;
        };
    };
    /** When a new container counts as serving. @default as soon as it runs */
    healthCheck?: HealthCheck;
    /** The command, instead of the image's own. */
    command?: pulumi.Input<readonly pulumi.Input<string>[]>;
    /**
     * Environment. `FUSION_HOST` and `FUSION_REPLICA` are there already and cannot be given. A value may be a secret; `docker inspect`
     * shows it on the host all the same, unlike that of `files`. @default {}
     */
    env?: Readonly<Record<string, pulumi.Input<string>>>;
    /** Files that are in the container before it starts, by absolute path. Their content is always kept as a secret. @default {} */
    files?: Readonly<Record<string, FileArgs>>;
    /** Where data outlives a container. @default [] */
    volumes?: readonly VolumeArgs[];
    /** Seconds that a container has to end by itself when it is stopped, before it is killed. @default 30 */
    stopSeconds?: number;
    /** Signal that asks it to. @default the image's own, else "SIGTERM" */
    stopSignal?: string;
    /** How replicas are replaced. */
    update?: UpdateArgs;
    /**
     * Brings a new image to a part of the replicas first; the next `up` of the same image brings it to all, one of the old image
     * ends the canary. Everything else that changes changes everywhere at once. @default none
     */
    canary?: CanaryArgs;
    /** Runs the image before the present one, or ends a canary, and stays there, whatever `image` says. @default false */
    rollback?: boolean;
    /**
     * Everything else that a container can have, in the words of the docker provider: capabilities, ulimits, devices, logging,
     * sysctls and so on. Lists go behind the library's own, any other value takes the place of the library's. What the arguments
     * here say, or what would break a promise of the library, is refused by name. @default {}
     */
    container?: Partial<docker.ContainerArgs>;
    /**
     * Where replicas may and should run; see {@link PlacementService}. Sets declared together are placed together, those with
     * the same objective jointly. `pin` names replicas and hosts: `{ "web-0": "vm1" }`.
     */
    placement?: {
        /** @default "spread" */
        objective?: PlacementGoal;
        /** How many of the set's replicas that run may be moved in one deployment. */
        move?: {
            /**
             * To make room for replicas whose host is lost or too small; of sets placed together the least counts.
             * @default as many as it takes
             */
            restore?: number;
            /** To make room for new replicas, of any set. @default 0 */
            add?: number;
            /** To better the objective and the preferences. @default 0 */
            improve?: number;
        };
    } & Pick<
        PlacementService,
        "require" | "prefer" | "antiAffinity" | "affinity" | "spreadOver" | "maxSkew" | "needs" | "dependsOn" | "pin"
    >;
    /**
     * How many may be lost at once without the set, or one that it depends on, falling below what it needs: `vms`, `zones`,
     * `hypervisors`, or any other label of the hosts. A placement that does not hold it is an error at preview. @default {}
     */
    survives?: SurvivalDemands;
    /** How the set runs on a swarm, where `hosts` is one; what a swarm cannot do of the other arguments is refused by name. */
    swarm?: SwarmArgs;
}

interface SetParts {
    endpoints: pulumi.Output<Endpoint[]>;
    placement: Record<string, string>;
    /** The containers on one host. */
    on(vm: string): docker.Container[];
    groups: readonly RolloutGroup[];
    change?: ServiceChange;
}

const TYPE = "fusion:index:FusionContainerSet";

/**
 * A number of equal containers across Docker hosts: placed by `place`, started beside their predecessors, and known to
 * answer before anything that depends on the set learns of them.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments, an image that is not there, or a replica that fits nowhere;
 * `up` fails, the old containers serving on, when a new one does not answer in time.
 */
export class FusionContainerSet extends pulumi.ComponentResource<SetParts> {
    /** @internal */
    readonly spec: ContainerSetSpec;
    /** Where the replicas answer, in the order of their numbers; on a swarm where they may, which health checks find out. */
    readonly endpoints: pulumi.Output<Endpoint[]>;
    /** Replica to host; empty on a swarm, which moves them by itself. */
    readonly placement: pulumi.Output<Record<string, string>>;
    /** @internal The order in which its replicas are replaced. */
    readonly rollout = new Rollout();
    private readonly round = Round.current();
    private readonly planner = RoundPlanner.of(this.round);
    /** On plain hosts. */
    private image: ContainerImage | undefined;
    private readonly args: FusionContainerSetArgs & { hosts: readonly (FusionVm | ExistingHost)[] };
    /** What it is on a swarm; undefined on plain hosts. */
    private readonly service: SwarmSet | undefined;

    constructor(name: string, given: FusionContainerSetArgs, opts?: pulumi.ComponentResourceOptions) {
        const swarm = given?.hosts instanceof FusionSwarm ? given.hosts : undefined;
        const shape = swarm === undefined ? setShape : onSwarmShape;
        super(TYPE, freshName(TYPE, name, opts), shownInputs(name, given, shape), opts);
        const { faults } = this.round;
        const args = readArgs(name, given, shape, faults);
        this.args = { ...args, hosts: args.hosts instanceof FusionSwarm ? args.hosts.hosts : args.hosts };
        this.service = swarm && new SwarmSet(this, name, args, swarm, this.round);
        this.spec = this.service?.spec ?? this.specOnHosts(name);
        const parts = pulumi.output(this.getData());
        this.endpoints = parts.endpoints;
        this.placement = parts.placement;
    }

    /** Checks the arguments of a set on plain hosts, and has its replicas placed with those of other sets. */
    private specOnHosts(name: string): ContainerSetSpec {
        const { args, round } = this;
        const spec = containerSetSpec(name, args, checkHosts(name, args.hosts, round.faults), round.faults);
        this.planner.add(this, spec);
        if (args.swarm !== undefined) {
            round.faults.add(`${name}.swarm`, "is for a set on a swarm; leave it out, or give a FusionSwarm as hosts");
        }
        if (args.rollback === true) {
            round.before(async (faults) => {
                const { brings } = await PlacementRecord.of(this, name);
                if (!canGoBack(await ReleaseRecord.of(this, name), brings)) {
                    faults.add(`${name}.rollback`, "has no earlier image to go back to; leave it out");
                }
            });
        }
        Turns.current(round).follow(round, (vm) => this.containersOn(vm));
        const image = { name, insecure: args.hosts.flatMap(insecureRegistries), held: args.rollback === true };
        this.image = new ContainerImage(image, args, round);
        return spec;
    }

    /**
     * Why each replica is where it is, and for every other host why not: from the placement as it is when the sets declared
     * with this one have been placed. Shown in a preview where it is exported.
     */
    explain(): pulumi.Output<Record<string, PlacementExplanation>> {
        return pulumi.output(this.round.valid.then(() => this.planner.explain(this.spec.name)));
    }

    /** @internal The hosts that are virtual machines. */
    get vms(): FusionVm[] {
        return this.args.hosts.filter((host) => host instanceof FusionVm);
    }

    /** @internal What it serves by on a host: the containers, or what makes the host a node; undefined where it does not serve. */
    async servingOn(vm: string): Promise<readonly pulumi.Resource[] | undefined> {
        if (this.service !== undefined) return this.service.nodeOn(vm);
        const containers = await this.containersOn(vm);
        return containers.length > 0 ? containers : undefined;
    }

    /** @internal What a deployment does to its service on a swarm; undefined on plain hosts. */
    async serviceChange(): Promise<ServiceChange | undefined> {
        return (await this.getData()).change;
    }

    /** @internal Where it may answer on a swarm, whether its service is there or not. There once the round is valid. */
    get swarmEndpoints(): Endpoint[] {
        return this.service?.endpoints ?? [];
    }

    /** @internal */
    async containersOn(vm: string): Promise<docker.Container[]> {
        return (await this.getData()).on(vm);
    }

    /** @internal The replicas in the groups in which they are replaced. */
    async rolloutGroups(): Promise<readonly RolloutGroup[]> {
        return (await this.getData()).groups;
    }

    protected override async initialize(): Promise<SetParts> {
        await constructed;
        await this.round.valid;
        const { args, spec, planner, image, service } = this;
        if (service !== undefined || image === undefined) {
            const { endpoints = pulumi.output([]), ...made } = (await service?.create(this.rollout)) ?? {};
            this.registerOutputs({ endpoints, placement: {} });
            return { endpoints, placement: {}, on: () => [], groups: [], ...made };
        }
        const { name } = spec;
        const { env = {}, command = [], ports = [], volumes = [], container = {} } = args;
        const more = {
            ...containerOptions(args),
            ...(volumes.length > 0 && { volumes: volumes.map(asMounted) }),
            ...container,
        };
        const last = await ReleaseRecord.of(this, name);
        const how = { canary: args.canary !== undefined, rollback: args.rollback === true };
        const before = planner.lastOf(name);
        const release = image.reference.apply((wanted) => nextRelease(wanted, how, last, before?.brings));
        const { versionOf, salt } = setVersion({ env, command, ports, more }, planner.saltOf(name));
        const brings = release.apply(({ memory }) => memory);
        const wasDone = before === undefined || (await ReleaseRecord.isDone(this, name, before.held));
        const track = (reference: pulumi.Output<string>): Track => ({ reference, version: versionOf(reference) });
        const stable = track(release.apply((now) => now.image));
        const weights = release.apply((now) => weightsOf(args, spec, now));
        const trial = how.canary ? track(release.apply((now) => now.trial ?? now.image)) : stable;
        const hosts = await Promise.all(args.hosts.map((host) => hostParts(host)));
        const { rollout } = this;
        const stopsFirst = spec.update.order === "stop-first" && (await ReleaseRecord.stopsFirst(this, name));
        const passed = await passedTurns(name);
        const plan: ContainerPlan = {
            ...{ set: this, spec, planner, rollout, hosts, image, args },
            ...{ stable, trial, weights, salt, prints: secretPrints(args, salt), brings, wasDone, stopsFirst, passed },
        };
        const created = await createContainers(plan);
        const memory = pulumi.all([brings, created.endpoints]).apply(([remembered]) => remembered);
        const done = pulumi.all([created.held, created.endpoints]).apply(([held]) => hashOf(held));
        new ReleaseRecord(name, memory, done, spec.update.order, { parent: this });
        await tellSet(plan, release, last);
        const placement = Object.fromEntries([...planner.plan(name)].map(([replica, { vm }]) => [replica, vm]));
        this.registerOutputs({ endpoints: created.endpoints, placement });
        return { endpoints: created.endpoints, placement, on: created.on, groups: created.groups };
    }
}
