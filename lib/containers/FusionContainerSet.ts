import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { ExistingHost } from "../dockerHost";
import type { SurvivalDemands } from "../graph";
import type { PlacementExplanation, PlacementGoal, PlacementService } from "../placement";
import { constructed, Round } from "../program";

import { FusionVm } from "../vm/FusionVm";
import { Turns } from "../vm/turns";

import { type ContainerSetSpec, containerSetSpec } from "./containerSetSpec";
import { createContainers } from "./createContainers";
import { checkHost, hostParts, hostSpec, insecureRegistries } from "./hosts";
import { RoundPlanner } from "./RoundPlanner";
import { type Resolution, resolveImage } from "./resolveImage";
import { setVersion } from "./setVersion";

/** How a container shows that it serves. Asked from the container's host; give one of `http` and `tcp`. */
export interface HealthCheck {
    /** A GET request that must be answered with a status of 2xx. */
    http?: {
        /** @default "/" */
        path?: string;
        /** The container's port, one of `ports`. @default the first of `ports` */
        port?: number;
    };
    /** A connection that must be accepted. */
    tcp?: {
        /** The container's port, one of `ports`. @default the first of `ports` */
        port?: number;
    };
    /** Seconds after which a new container that does not answer fails the update. @default 300 */
    timeoutSeconds?: number;
}

/** Arguments of {@link FusionContainerSet}. */
export interface FusionContainerSetArgs {
    /** The Docker hosts that the replicas may run on: `FusionVm`s, or machines that exist already. */
    hosts: readonly (FusionVm | ExistingHost)[];
    /** Image by tag or digest. A tag is resolved to its digest at preview, so that a new image is a change that shows. */
    image: pulumi.Input<string>;
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
    }[];
    /** What a replica is planned to take of its host. */
    resources?: {
        /** Processors, in steps of 0.001. @default 0 */
        cpus?: number;
        /** MiB. @default 0 */
        memoryMiB?: number;
    };
    /** When a new container counts as serving. @default as soon as it runs */
    healthCheck?: HealthCheck;
    /** The command, instead of the image's own. */
    command?: pulumi.Input<readonly pulumi.Input<string>[]>;
    /** Environment. `FUSION_HOST` and `FUSION_REPLICA` are there already. A value may be a secret. @default {} */
    env?: Readonly<Record<string, pulumi.Input<string>>>;
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

    /** @internal */
    async containersOn(vm: string): Promise<docker.Container[]> {
        return (await this.getData()).on(vm);
    }

    protected override async initialize(): Promise<SetParts> {
        await constructed;
        await this.round.valid;
        const { args, spec, planner, insecure } = this;
        const { name } = spec;
        const image = pulumi
            .output(args.image)
            .apply(async (given) => imageOf(name, await resolveImage(given, insecure)));
        const { env = {}, command = [], ports = [] } = args;
        const { version, salt } = setVersion({ image, env, command, ports }, planner.saltOf(name));
        const hosts = await Promise.all(args.hosts.map((host) => hostParts(host, this)));
        const created = createContainers({ set: this, spec, planner, hosts, image, version, salt, args });
        const placement = Object.fromEntries([...planner.plan(name)].map(([replica, { vm }]) => [replica, vm]));
        this.registerOutputs({ endpoints: created.endpoints, placement });
        return { endpoints: created.endpoints, placement, on: created.on };
    }
}

function imageOf(set: string, found: Resolution): string {
    if ("fault" in found) {
        throw new pulumi.InputPropertyError({ propertyPath: `${set}.image`, reason: found.fault });
    }
    return found.image;
}
