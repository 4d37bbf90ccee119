import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type DockerHostParts, dockerProvider, dockerUri } from "../dockerHost";
import type { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import type * as libvirt from "../libvirt";
import { constructed, Round } from "../program";
import { authorizedKeys } from "./authorizedKeys";
import { createDomain } from "./createDomain";
import { guestOutput } from "./guestOutput";
import { type GuestArgs, type GuestSpec, guestSpec } from "./guestSpec";
import { checkImageSource } from "./imageSource";
import { MachineKeys } from "./MachineKeys";
import { readyScript } from "./readyScript";
import { renderCloudInit } from "./renderCloudInit";
import { type VmSpec, vmSpec } from "./vmSpec";

/** Arguments of {@link FusionVm}. All but the texts of files are plain values, so that everything they lead to is known at preview. */
export interface FusionVmArgs extends GuestArgs {
    /** Where the machine runs. */
    hypervisor: FusionHypervisor;
    /** A cloud image: any that cloud-init configures. Fetched by the hypervisor, once for all machines. */
    image: {
        /** URL (http, https), or absolute path on the hypervisor. */
        source: string;
        /** SHA-256 of that file, 64 hexadecimal digits. */
        sha256: string;
    };
    /** Virtual processors. @default 1 */
    vcpus?: number;
    /** Memory in MiB; 256 of them are the system's, the rest is there for containers. @default 2048 */
    memoryMiB?: number;
    /** Size of the disk in GiB. @default 10 */
    diskGiB?: number;
    /** IPv4 address in the hypervisor's network; the MAC address follows from it. */
    address: string;
    /** Where and what the machine is, for placement. `hypervisor` is there already. @default {} */
    labels?: Record<string, string>;
    /** How the library and the operator log in. */
    ssh?: {
        /** The user that is made, with sudo and Docker. @default "fusion" */
        user?: string;
        /** Public keys. @default the one beside `privateKeyFile`, else all of `~/.ssh/id_*.pub` at the first deployment */
        authorizedKeys?: string[];
        /** Path of the private key on the operator's machine. @default the operator's agent and default keys */
        privateKeyFile?: string;
    };
    /** Seconds from the machine's start after which it counts as failed. @default 900 */
    readyTimeoutSeconds?: number;
}

interface VmParts {
    domain: libvirt.Domain;
    ready: command.local.Command;
    host: DockerHostParts;
}

/**
 * A virtual machine that is a Docker host: a copy-on-write disk over a cloud image, configured by cloud-init, with a fixed
 * address and a pinned ssh host key, and Docker inside.
 *
 * Errors: `InputPropertiesError` at preview for wrong arguments; `up` fails when the machine is not ready in time.
 */
export class FusionVm extends pulumi.ComponentResource<VmParts> {
    /** @internal */
    readonly spec: VmSpec;
    /** IPv4 address. */
    readonly address: pulumi.Output<string>;
    /** URI for Docker's client: `ssh://fusion@10.77.0.11`. */
    readonly dockerHost: pulumi.Output<string>;
    /** True once ssh, cloud-init and Docker have answered. */
    readonly ready: pulumi.Output<boolean>;
    /** The libvirt domain. */
    readonly domain: pulumi.Output<libvirt.Domain>;
    /** @internal Registries that the machine's Docker is told to trust without TLS. */
    readonly insecureRegistries: readonly string[];
    private readonly round = Round.current();
    private readonly keys: readonly string[];
    private readonly guest: GuestSpec<pulumi.Input<string>>;

    constructor(
        name: string,
        private readonly args: FusionVmArgs,
        opts?: pulumi.ComponentResourceOptions,
    ) {
        super("fusion:index:FusionVm", name, { ...args, hypervisor: args.hypervisor.spec.name }, opts);
        const { faults } = this.round;
        const hypervisor = args.hypervisor.spec;
        this.spec = vmSpec(name, args, hypervisor, faults);
        this.guest = guestSpec(name, args, this.spec, faults);
        this.keys = authorizedKeys(`${name}.ssh`, args.ssh, faults);
        const { address, image } = this.spec;
        const holder = args.hypervisor.claim(args.address, name);
        if (holder !== undefined) {
            faults.add(`${name}.address`, `"${args.address}" is the address of ${holder} already; give another`);
        }
        this.round.before((more) => checkImageSource(`${name}.image.source`, image.source, hypervisor, more));

        const parts = pulumi.output(this.getData());
        this.address = pulumi.output(address);
        this.dockerHost = pulumi.output(dockerUri(this.spec.ssh));
        this.ready = parts.ready.stdout.apply(() => true);
        this.domain = parts.domain;
        const insecure = args.docker?.daemon?.["insecure-registries"];
        this.insecureRegistries = Array.isArray(insecure) ? insecure.map(String) : [];
    }

    /** @internal */
    get host(): Promise<DockerHostParts> {
        return this.getData().then((parts) => parts.host);
    }

    protected override async initialize(): Promise<VmParts> {
        await constructed;
        await this.round.valid;
        const { args, spec, keys } = this;
        const { name } = spec;
        const remembered = args.ssh?.authorizedKeys === undefined && args.ssh?.privateKeyFile === undefined;
        const own = new MachineKeys(name, { keys, remembered }, { parent: this });
        const machine = createDomain({
            vm: this,
            spec,
            hypervisor: args.hypervisor.spec,
            on: await args.hypervisor.parts,
            documents: pulumi
                .all([own.publicKey, own.privateKey, own.authorizedKeys, guestOutput(this.guest)])
                .apply(([publicKey, privateKey, authorized, guest]) =>
                    renderCloudInit({
                        ...guest,
                        name,
                        network: guestNetwork(spec, args.hypervisor.spec),
                        user: spec.user,
                        authorizedKeys: authorized,
                        hostKey: { publicKey, privateKey },
                    }),
                ),
        });
        const { domain } = machine;
        const ssh = own.publicKey.apply((key) => ({ ...spec.ssh, hostKey: key }));
        const ready = new command.local.Command(
            name,
            { create: "sh -s", stdin: ssh.apply((target) => readyScript(name, target, spec.readyTimeoutSeconds)) },
            {
                parent: this,
                dependsOn: [domain],
                deletedWith: domain,
                replaceWith: [domain],
                customTimeouts: { create: `${spec.readyTimeoutSeconds + 60}s` },
            },
        );
        const provider = dockerProvider(name, ssh, { parent: this });
        this.registerOutputs({ address: spec.address, dockerHost: dockerUri(spec.ssh) });
        return { domain, ready, host: { ssh, provider, ready: [ready], machine } };
    }
}

const guestNetwork = (spec: VmSpec, { network }: HypervisorSpec) => ({
    mac: spec.mac,
    address: spec.address,
    prefix: network.cidr.prefix,
    gateway: network.cidr.gateway,
});
