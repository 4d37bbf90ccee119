import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as libvirt from "../libvirt";
import { constructed, Round } from "../program";
import { scriptOn, shellOn } from "../ssh";
import { makeSshFolder } from "../sshFolder";
import { type HypervisorSpec, hypervisorSpec } from "./hypervisorSpec";
import { type BaseImage, baseVolumeName, fetchImageScript } from "./imageScript";
import { emptyPoolScript, preflightScript, removeFileScript } from "./poolScripts";

/** Arguments of {@link FusionHypervisor}. All are plain values, so that everything they lead to is known at preview. */
export interface FusionHypervisorArgs {
    /**
     * The libvirt connection: `qemu:///system`, or `qemu+ssh://USER@HOST/system` with the query keys `keyfile` and
     * `knownhosts`. Commands run on the hypervisor the same way: here, or over ssh.
     */
    uri: string;
    /** The network of the virtual machines: NAT behind the hypervisor. */
    network?: {
        /** IPv4 network of /8 to /29. The first address is the gateway. @default "10.77.0.0/24" */
        cidr?: string;
        /** libvirt's name of the network. @default the component's name */
        name?: string;
        /** The bridge on the hypervisor, up to 15 characters. @default `fus-` and a hash of the network's name */
        bridge?: string;
    };
    /** The directory pool that holds base images, disks and seeds. */
    pool?: {
        /** libvirt's name of the pool. @default the component's name */
        name?: string;
        /** Absolute path on the hypervisor. @default `/var/lib/libvirt/images/` and the pool's name */
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
    network: libvirt.Network;
    /** The base volume of an image: fetched once a hypervisor, whoever asks first. */
    baseImage(image: BaseImage): command.local.Command;
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
    /** Address of the hypervisor in the machines' network, which is their gateway. */
    readonly gateway: pulumi.Output<string>;
    private readonly round = Round.current();
    private readonly addresses = new Map<string, string>();

    constructor(name: string, args: FusionHypervisorArgs, opts?: pulumi.ComponentResourceOptions) {
        super("fusion:index:FusionHypervisor", name, args, opts);
        this.spec = hypervisorSpec(name, args, this.round.faults);
        this.uri = pulumi.output(this.spec.connection.uri);
        this.gateway = pulumi.output(this.spec.network.cidr.gateway);
    }

    /** @internal Notes who has an address; returns the machine that has it already, if there is one. */
    claim(address: string, vm: string): string | undefined {
        const holder = this.addresses.get(address);
        this.addresses.set(address, holder ?? vm);
        return holder;
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
        if (spec.connection.ssh !== undefined) {
            makeSshFolder();
        }
        const child = { parent: this };
        const provider = new libvirt.Provider(
            name,
            { uri: spec.connection.uri },
            // The bridge behind the provider writes its own version here after the first deployment: no change of ours.
            { ...child, ignoreChanges: ["version"] },
        );
        const onLibvirt = { ...child, provider };
        const pool = new libvirt.Pool(
            name,
            { name: spec.pool.name, type: "dir", target: { path: spec.pool.path } },
            onLibvirt,
        );
        const network = new libvirt.Network(
            name,
            {
                name: spec.network.name,
                mode: "nat",
                bridge: spec.network.bridge,
                addresses: [spec.network.cidr.text],
                // Addresses are fixed in the machines themselves: leases are what users of libvirt suffer from.
                dhcp: { enabled: false },
                autostart: true,
            },
            onLibvirt,
        );
        const prepared = new command.local.Command(
            `${name}-pool`,
            {
                create: shellOn(spec.connection.ssh),
                stdin: preflightScript(),
                delete: scriptOn(spec.connection.ssh, emptyPoolScript(spec.pool.path)),
            },
            { ...child, dependsOn: [pool] },
        );
        this.registerOutputs({ uri: spec.connection.uri, gateway: spec.network.cidr.gateway });
        return { provider, pool: prepared, network, baseImage: this.imageCache(prepared) };
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
                    delete: scriptOn(connection.ssh, removeFileScript(path, poolSpec.name, connection.localUri)),
                },
                { parent: this, dependsOn: [pool], customTimeouts: { create: "60m" } },
            );
            images.set(volume, made);
            return made;
        };
    }
}
