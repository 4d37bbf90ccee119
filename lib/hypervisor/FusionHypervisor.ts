import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { inspect } from "../doctor/Inspections";
import { Faults } from "../faults";
import { lastOfType, lastOutputs, urnOf } from "../lastState";
import * as libvirt from "../libvirt";
import { constructed, freshName, Round } from "../program";
import { shaped } from "../shape";
import { type SshTarget, scriptOn, shellOn } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { createNetwork, tellNetworkChange } from "./createNetwork";
import { hypervisorShape } from "./hypervisorShape";
import { type HypervisorSpec, hypervisorSpec } from "./hypervisorSpec";
import { type BaseImage, baseVolumeName, fetchImageScript } from "./imageScript";
import { ProgramNetworks } from "./ProgramNetworks";
import { emptyPoolScript, preflightScript, removeImageScript } from "./poolScripts";
import { providerUri } from "./session";

/** Arguments of {@link FusionHypervisor}. All are plain values, so that everything they lead to is known at preview. */
export interface FusionHypervisorArgs {
    /**
     * The libvirt connection: `qemu:///system`, `qemu:///session`, `qemu+ssh://USER@HOST/system`, `qemu+tls://HOST/system`;
     * see {@link libvirtUri}. Commands run on the hypervisor the same way: here, or over ssh.
     */
    uri: string;
    /** How commands run on the hypervisor. Required with `qemu+tls`, which has no way. @default what `uri` says */
    ssh?: SshTarget;
    /** The network of the virtual machines. */
    network?: {
        /**
         * `nat`, `routed` and `isolated`: libvirt makes the network, with the way out that the word says. `bridge`, `macvtap`
         * and `existing`: the network is there, behind a bridge, behind a device, or as a network of libvirt. @default "nat"
         */
        mode?: "nat" | "routed" | "isolated" | "bridge" | "macvtap" | "existing";
        /** IPv4 network of /8 to /29. Where libvirt makes it, its first address is the gateway. @default "10.77.0.0/24" */
        cidr?: string;
        /** IPv6 network of /48 to /124, with at least as many addresses as `cidr`, in addition. @default no IPv6 */
        cidr6?: string;
        /** libvirt's name of the network; in mode `existing` that of one that is there. @default the component's name */
        name?: string;
        /**
         * The bridge on the hypervisor, up to 15 characters; in mode `bridge` one that is there.
         * @default `fus-` and a hash of the network's name
         */
        bridge?: string;
        /** Mode `macvtap`: the hypervisor's network device. @default none, needed in that mode */
        device?: string;
        /**
         * Modes `bridge`, `macvtap` and `existing`: the router's IPv4 address, or `"none"` for no default route.
         * @default none, needed in those modes
         */
        gateway?: string;
        /** The same modes: the router's IPv6 address. @default what routers announce */
        gateway6?: string;
        /** IP addresses of name servers. @default the gateway; needed in modes `bridge` and `macvtap` */
        nameservers?: string[];
        /**
         * IPv4 addresses for machines that name none. @default all of a network that libvirt makes, from the 11th on and then
         * from the second; none of another, because it is not known what is free
         */
        range?: {
            /** The first. */
            from: string;
            /** The last. */
            to: string;
        };
    };
    /** The directory pool that holds base images, disks and seeds. */
    pool?: {
        /** libvirt's name of the pool. @default the component's name */
        name?: string;
        /**
         * Absolute path on the hypervisor. Required for another machine's `qemu:///session`.
         * @default `/var/lib/libvirt/images/` and the pool's name; of a session, `~/.local/share/libvirt/images/` and it
         */
        path?: string;
    };
    /** `kvm` for hardware virtualisation, `qemu` for emulation, 10 to 30 times slower. @default "kvm" */
    domainType?: "kvm" | "qemu";
    /** Where and what the hypervisor is. Its machines inherit them, below their own. @default {} */
    labels?: Record<string, string>;
    /** What its machines may take together, for `placeVms`. @default no limit is planned */
    capacity?: {
        /** Virtual processors. @default not limited */
        cpus?: number;
        /** Memory in MiB. @default not limited */
        memoryMiB?: number;
    };
}

/** What virtual machines need of their hypervisor. */
export interface HypervisorParts {
    provider: libvirt.Provider;
    /** There once the pool can be used. */
    pool: command.local.Command;
    /** Where libvirt makes it; undefined where the machines' network is there already. */
    network: libvirt.Network | undefined;
    /** The base volume of an image: fetched once a hypervisor, whoever asks first. */
    baseImage(image: BaseImage): command.local.Command;
}

const TYPE = "fusion:index:FusionHypervisor";

/** Whether the arguments can stand in the state as they are. */
function readable(name: string, args: FusionHypervisorArgs): boolean {
    const faults = new Faults();
    shaped(name, args, hypervisorShape, faults);
    return faults.size === 0;
}

/**
 * A libvirt/KVM host: the connection, a storage pool, a network, and the cache of base images that its virtual machines
 * are made from.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments.
 */
export class FusionHypervisor extends pulumi.ComponentResource<HypervisorParts> {
    /** @internal */
    readonly spec: HypervisorSpec;
    /** The libvirt connection URI. */
    readonly uri: pulumi.Output<string>;
    /** The machines' gateway; in an isolated network the hypervisor's address, "" where there is none. */
    readonly gateway: pulumi.Output<string>;
    private readonly round = Round.current();
    private readonly networks = ProgramNetworks.current(this.round);

    constructor(name: string, args: FusionHypervisorArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), readable(name, args) ? args : {}, opts);
        const { faults } = this.round;
        this.spec = hypervisorSpec(name, shaped(name, args, hypervisorShape, faults), faults);
        inspect(this.round, this, this.spec);
        this.networks.addHypervisor(this, this.spec);
        this.uri = pulumi.output(this.spec.connection.uri);
        this.gateway = pulumi.output(this.spec.network.gateway);
    }

    /** @internal */
    get parts(): Promise<HypervisorParts> {
        return this.getData();
    }

    protected override async initialize(): Promise<HypervisorParts> {
        await constructed;
        await this.round.valid;
        const { spec } = this;
        const { name } = spec;
        this.networks.record(spec);
        if (spec.connection.ssh !== undefined) {
            makeSshFolder();
        }
        const child = { parent: this };
        const provider = new libvirt.Provider(
            name,
            { uri: providerUri(spec.connection) },
            // The bridge behind the provider writes its own version here after the first deployment: no change of ours.
            { ...child, ignoreChanges: ["version"] },
        );
        const onLibvirt = { ...child, provider };
        const pool = new libvirt.Pool(
            name,
            { name: spec.pool.name, type: "dir", target: { path: spec.pool.path } },
            onLibvirt,
        );
        await this.tellNetworkChange();
        const network = createNetwork(name, spec.network, onLibvirt);
        const prepared = new command.local.Command(
            `${name}-pool`,
            {
                create: shellOn(spec.connection.ssh),
                stdin: preflightScript(),
                delete: scriptOn(spec.connection.ssh, emptyPoolScript(spec.pool.path, spec.connection.localUri)),
            },
            { ...child, dependsOn: [pool] },
        );
        this.registerOutputs({ uri: spec.connection.uri, gateway: spec.network.gateway });
        return { provider, pool: prepared, network, baseImage: this.imageCache(prepared) };
    }

    private async tellNetworkChange(): Promise<void> {
        const { name, network } = this.spec;
        const last = await lastOutputs(urnOf(this, { type: "libvirt:index/network:Network", name }));
        const machines = [...(await lastOfType("fusion:index:FusionVm"))]
            .filter(([, { hypervisor }]) => hypervisor === name)
            .map(([machine]) => machine);
        const words = tellNetworkChange(name, last, network, machines.sort());
        if (words !== undefined) {
            await pulumi.log.warn(words, this);
        }
    }

    private imageCache(pool: command.local.Command): HypervisorParts["baseImage"] {
        const { connection, pool: poolSpec, name } = this.spec;
        const images = new Map<string, command.local.Command>();
        return (image) => {
            const volume = baseVolumeName(image);
            const known = images.get(volume);
            if (known !== undefined) {
                return known;
            }
            const path = `${poolSpec.path}/${volume}`;
            const made = new command.local.Command(
                `${name}-${volume}`,
                {
                    create: shellOn(connection.ssh),
                    stdin: fetchImageScript(image, poolSpec, connection.localUri),
                    delete: scriptOn(connection.ssh, removeImageScript(path, poolSpec, connection.localUri)),
                },
                { parent: this, dependsOn: [pool], customTimeouts: { create: "60m" } },
            );
            images.set(volume, made);
            return made;
        };
    }
}
