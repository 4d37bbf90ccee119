import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingHost } from "../dockerHost";
import type { SurvivalDemands } from "../graph";
import type { PlacementGoal, PlacementService } from "../placement";
import { constructed, Round } from "../program";

import { FusionVm } from "../vm/FusionVm";
import { Turns } from "../vm/turns";
import { containerOptions } from "./containerOptions";
import { type ContainerSetSpec, containerSetSpec } from "./containerSetSpec";
import { createContainers } from "./createContainers";
import type { HealthCheck } from "./healthSpec";
import { checkHost, hostParts, hostSpec, insecureRegistries } from "./hosts";
import { Rollout, type RolloutGroup } from "./Rollout";
import { RoundPlanner } from "./RoundPlanner";
import { type Resolution, resolveImage } from "./resolveImage";
import { setVersion } from "./setVersion";
import type { UpdateArgs } from "./updateSpec";
import type { VolumeArgs } from "./volumeSpec";

/** A file of a container: its content, or that with the rights that it has. It belongs to root. */
export type FileArgs =
    | pulumi.Input<string>
    | {
          content: pulumi.Input<string>;
          /** Octal. @default "0444" */
          mode?: string;
      };

/** Arguments of {@link FusionContainerSet}. */
export interface FusionContainerSetArgs {
    /** The Docker hosts that the replicas may run on: `FusionVm`s, or machines that exist already. */
    hosts: readonly (FusionVm | ExistingHost)[];
    /** Image by tag or digest. A tag is resolved to its digest at preview, so that a new image is a change that shows. */
    image: pulumi.Input<string>;
    /** Number of containers. @default 1 */
    replicas?: number;
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
            /** Processors, in steps of 0.001. @default no limit */
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
     * Environment. `FUSION_HOST` and `FUSION_REPLICA` are there already. A value may be a secret; `docker inspect` shows it on
     * the host all the same, unlike that of `files`. @default {}
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
     * Everything else that a container can have, in the words of the docker provider: capabilities, ulimits, devices, logging,
     * sysctls and so on. Lists go behind the library's own, any other value takes the place of the library's. What the arguments
     * here say, or what would break a promise of the library, is refused by name. @default {}
     */
    container?: Partial<docker.ContainerArgs>;
    /** Where replicas may and should run; see {@link PlacementService}. Sets declared together are placed together. */
    placement?: {
        /** @default "spread" */
        objective?: PlacementGoal;
    } & Pick<
        PlacementService,
        "require" | "prefer" | "antiAffinity" | "affinity" | "spreadOver" | "maxSkew" | "needs" | "dependsOn"
    >;
    /**
     * How many may be lost at once without the set, or one that it depends on, falling below what it needs: `vms`, `zones`,
     * `hypervisors`, or any other label of the hosts. A placement that does not hold it is an error at preview. @default {}
     */
    survives?: SurvivalDemands;
}

/** Where a replica answers. */
export interface Endpoint {
    /** The replica: `web-0`. */
    name: string;
    /** The host's name. */
    vm: string;
    /** The host's IPv4 address. */
    address: string;
    /** The host's port that leads to the set's first port; 0 for a set without ports. */
    port: number;
    /** The host's port that leads to the one that the health check asks, where that is another. */
    checkPort?: number;
}

interface SetParts {
    endpoints: pulumi.Output<Endpoint[]>;
    placement: Record<string, string>;
    /** The containers on one host. */
    on(vm: string): docker.Container[];
    groups: readonly RolloutGroup[];
}

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
    /** Where the replicas answer, in the order of their numbers. */
    readonly endpoints: pulumi.Output<Endpoint[]>;
    /** Replica to host. */
    readonly placement: pulumi.Output<Record<string, string>>;
    /** @internal The order in which its replicas are replaced. */
    readonly rollout = new Rollout();
    private readonly round = Round.current();
    private readonly planner = RoundPlanner.of(this.round);
    /** Registries that the hosts' Docker is told to trust without TLS. */
    private readonly insecure: readonly string[];

    constructor(
        name: string,
        private readonly args: FusionContainerSetArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        const hosts = args.hosts.map(hostSpec);
        super("fusion:index:FusionContainerSet", name, { ...args, hosts: hosts.map((host) => host.name) }, opts);
        for (const [index, host] of args.hosts.entries()) {
            checkHost(`${name}.hosts[${index}]`, host, this.round.faults);
        }
        this.spec = containerSetSpec(name, args, hosts, this.round.faults);
        this.planner.add(this, this.spec);
        Turns.of(this.round).follow((vm) => this.containersOn(vm));
        this.insecure = args.hosts.flatMap(insecureRegistries);
        const { image } = args;
        if (typeof image === "string") {
            this.round.before(async (faults) => {
                const found = await resolveImage(image, this.insecure);
                if ("fault" in found) {
                    faults.add(`${name}.image`, found.fault);
                }
            });
        }
        const parts = pulumi.output(this.getData());
        this.endpoints = parts.endpoints;
        this.placement = parts.placement;
    }

    /** @internal The hosts that are virtual machines. */
    get vms(): FusionVm[] {
        return this.args.hosts.filter((host) => host instanceof FusionVm);
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
        const { args, spec, planner, insecure } = this;
        const { name } = spec;
        const image = pulumi
            .output(args.image)
            .apply(async (given) => imageOf(name, await resolveImage(given, insecure)));
        const { env = {}, command = [], ports = [], volumes = [], container = {} } = args;
        const more = { ...containerOptions(args), ...(volumes.length > 0 && { volumes }), ...container };
        const { version, salt } = setVersion({ image, env, command, ports, more }, planner.saltOf(name));
        const hosts = await Promise.all(args.hosts.map((host) => hostParts(host, this)));
        const plan = { set: this, spec, planner, rollout: this.rollout, hosts, image, version, salt, args };
        const created = await createContainers(plan);
        const placement = Object.fromEntries([...planner.plan(name)].map(([replica, { vm }]) => [replica, vm]));
        this.registerOutputs({ endpoints: created.endpoints, placement });
        return { endpoints: created.endpoints, placement, on: created.on, groups: created.groups };
    }
}

function imageOf(set: string, found: Resolution): string {
    if ("fault" in found) {
        throw new pulumi.InputPropertyError({ propertyPath: `${set}.image`, reason: found.fault });
    }
    return found.image;
}
