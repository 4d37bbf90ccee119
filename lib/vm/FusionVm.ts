import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { type DockerHostParts, dockerProvider, dockerUri } from "../dockerHost";
import { inspect } from "../doctor/Inspections";
import { Faults } from "../faults";
import { FusionHypervisor } from "../hypervisor/FusionHypervisor";
import { noHypervisor } from "../hypervisor/hypervisorSpec";
import { ProgramNetworks } from "../hypervisor/ProgramNetworks";
import type * as libvirt from "../libvirt";
import { openConnection } from "../openConnection";
import { constructed, freshName, Round } from "../program";
import { shaped } from "../shape";
import type { SshTarget } from "../ssh";
import { createMachine } from "./createMachine";
import { guestFacts } from "./guestFacts";
import { guestOutput } from "./guestOutput";
import { type GuestArgs, guestSpec } from "./guestSpec";
import { checkImageSource } from "./imageSource";
import { guestNetwork } from "./interfaces";
import { lastFacts, lookAtMachine } from "./lastMachine";
import { MachineKeys } from "./MachineKeys";
import { MachineRecord } from "./MachineRecord";
import type { MachineArgs } from "./machineArgs";
import { type OperatorKeys, operatorKeys, withoutKey } from "./operatorKeys";
import { renderCloudInit } from "./renderCloudInit";
import { refusals } from "./tellChange";
import { type Turn, Turns } from "./turns";
import { vmShape } from "./vmShape";
import { type VmSpec, vmSpec } from "./vmSpec";

/** Arguments of {@link FusionVm}. All but the texts of files are plain values, so that everything they lead to is known at preview. */
export interface FusionVmArgs extends MachineArgs, GuestArgs {
    /** Where the machine runs. */
    hypervisor: FusionHypervisor;
    /** A cloud image that cloud-init configures. Fetched by the hypervisor, once for all machines. */
    image: {
        /** URL (http, https), or absolute path on the hypervisor. */
        source: string;
        /** SHA-256 of that file, 64 hexadecimal digits. */
        sha256: string;
    };
    /**
     * IPv4 address in the hypervisor's network. @default a free one, from the network's 11th on, which the machine then keeps
     */
    address?: string;
    /** IPv6 address in `network.cidr6`. @default where the network has IPv6, the one with the number of `address` */
    address6?: string;
    /** MAC address of the first network card. @default 52:54:00 and the last three bytes of `address` */
    mac?: string;
    /** Network cards behind the first. Each has one of `network`, `bridge` and `macvtap`. @default [] */
    interfaces?: {
        /** libvirt's name of a network that is there on the hypervisor. */
        network?: string;
        /** A bridge that is there on the hypervisor. */
        bridge?: string;
        /** A network device of the hypervisor: the card is a macvtap interface on it. */
        macvtap?: string;
        /** @default 56 and a hash of the machine's name and the card's index */
        mac?: string;
        /** IPv4 address with its prefix, `"192.168.1.11/24"`, or `"dhcp"`. @default none */
        address?: string;
        /** IPv6 address with its prefix. @default what routers announce */
        address6?: string;
        /** IPv4 address of a router, used where the first card has none. @default no default route */
        gateway?: string;
        /** The same for IPv6. @default what routers announce */
        gateway6?: string;
        /** IP addresses of name servers behind this card. @default [] */
        nameservers?: string[];
    }[];
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
        /**
         * The text of a private key, from Pulumi's secrets for example. Put into a file in the operator's `~/.ssh`, since
         * ssh takes no other form. @default `privateKeyFile`, or the operator's agent and default keys
         */
        privateKey?: pulumi.Input<string>;
        /** The machine that leads to this one: a bastion host. @default the hypervisor, where it is reached over ssh */
        jump?: SshTarget;
    };
}

interface VmParts {
    domain: libvirt.Domain;
    ready: command.local.Command;
    host: DockerHostParts;
}

const TYPE = "fusion:index:FusionVm";

/** The arguments as far as they can be read; what is not goes to `faults`. */
function readArgs(name: string, given: FusionVmArgs, faults: Faults): FusionVmArgs {
    const args = shaped(name, given, vmShape, faults);
    if (!(args.hypervisor instanceof FusionHypervisor)) {
        faults.noComponent(`${name}.hypervisor`, args.hypervisor, "FusionHypervisor");
    }
    return args;
}

/** The arguments as they stand in the state; nothing where they cannot be read. */
function inputsOf(name: string, given: FusionVmArgs): pulumi.Inputs {
    const faults = new Faults();
    readArgs(name, given, faults);
    return faults.size === 0 ? { ...withoutKey(given), hypervisor: given.hypervisor.spec.name } : {};
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
    /** IPv6 address; undefined where the hypervisor's network has no IPv6. */
    readonly address6: pulumi.Output<string | undefined>;
    /** URI for Docker's client: `ssh://fusion@10.77.0.11`. */
    readonly dockerHost: pulumi.Output<string>;
    /** True once ssh, cloud-init and Docker have answered. */
    readonly ready: pulumi.Output<boolean>;
    /** The libvirt domain. */
    readonly domain: pulumi.Output<libvirt.Domain>;
    /** @internal Registries that the machine's Docker is told to trust without TLS. */
    readonly insecureRegistries: readonly string[];
    private readonly round = Round.current();
    private readonly turn: Turn;
    private readonly networks = ProgramNetworks.current(this.round);
    private readonly keys: OperatorKeys;

    private readonly args: FusionVmArgs;

    constructor(name: string, given: FusionVmArgs, opts?: pulumi.ComponentResourceOptions) {
        super(TYPE, freshName(TYPE, name, opts), inputsOf(name, given), opts);
        const { faults } = this.round;
        const args = readArgs(name, given, faults);
        this.args = args;
        const on = args.hypervisor instanceof FusionHypervisor ? args.hypervisor : undefined;
        const hypervisor = on?.spec ?? noHypervisor;
        this.spec = vmSpec(name, args, hypervisor, faults);
        guestSpec(name, args, this.spec, faults);
        if (on !== undefined) {
            inspect(this.round, on, on.spec).vms.push(this.spec);
        }
        this.keys = operatorKeys(`${name}.ssh`, args.ssh, faults);
        const { image } = this.spec;
        if (on !== undefined && (args.address === undefined || this.spec.address !== "")) {
            this.networks.addMachine(this.spec, hypervisor);
        }
        this.round.before((more) => checkImageSource(`${name}.image.source`, image, hypervisor, more));
        this.round.before((more) => this.refuse(more));
        this.turn = Turns.current(this.round).join(this.round, name, () => this.readiness);

        const parts = pulumi.output(this.getData());
        // An address that is left out is there once the round is valid.
        const decided = pulumi.output(this.round.valid.then(() => ({ spec: this.spec })));
        this.address = decided.spec.address;
        this.address6 = decided.spec.apply(({ address6 }) => address6);
        this.dockerHost = decided.spec.ssh.apply(dockerUri);
        this.ready = parts.ready.stdout.apply(() => true);
        this.domain = parts.domain;
        const insecure = args.docker?.daemon?.["insecure-registries"];
        this.insecureRegistries = Array.isArray(insecure) ? insecure.map(String) : [];
    }

    /** @internal */
    get host(): Promise<DockerHostParts> {
        return this.getData().then((parts) => parts.host);
    }

    /** @internal What is there once the machine is ready, and is deleted before the machine is. */
    get readiness(): Promise<command.local.Command> {
        return this.getData().then(({ ready }) => ready);
    }

    protected override async initialize(): Promise<VmParts> {
        await constructed;
        await this.round.valid;
        const { args, spec, keys } = this;
        const { name } = spec;
        this.networks.record(args.hypervisor.spec);
        const own = new MachineKeys(name, keys, { parent: this });
        // Again, since the address may have been decided in between.
        const system = guestOutput(guestSpec(name, args, spec, new Faults()));
        const ssh = pulumi.all([own.publicKey, keys.privateKeyFile]).apply(([hostKey, file]) => ({
            ...spec.ssh,
            hostKey,
            ...(file !== undefined && { privateKeyFile: file }),
        }));
        const before = await lastFacts(this, name);
        const { domain, disk, diskName, ready, anew, lost, takesTurn } = await createMachine({
            vm: this,
            spec,
            args,
            hypervisor: args.hypervisor.spec,
            on: await args.hypervisor.parts,
            documents: pulumi
                .all([own.publicKey, own.privateKey, own.authorizedKeys, system])
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
            ssh,
            guest: pulumi
                .all([own.privateKey, own.authorizedKeys, system])
                .apply(([key, authorizedKeys, guest]) =>
                    guestFacts(key, { guest, args, user: spec.user, authorizedKeys }),
                ),
            timezone: args.timezone ?? "",
            before,
            sight: await lookAtMachine(this, name, args.hypervisor.spec),
            turn: this.turn,
        });
        const stays = before !== undefined && !anew && !takesTurn;
        const reached = stays ? ssh.apply(openConnection) : ssh;
        const provider = dockerProvider(name, reached, { parent: this });
        this.registerOutputs({
            address: spec.address,
            dockerHost: dockerUri(spec.ssh),
            hypervisor: args.hypervisor.spec.name,
        });
        return {
            domain,
            ready,
            host: {
                ssh: reached,
                provider,
                ready: [ready],
                machine: { domain, disk, diskName, anew, lost, takesTurn },
            },
        };
    }

    /** Changes that would lose data are wrong arguments, before anything is done. */
    private async refuse(faults: Faults): Promise<void> {
        const before = await lastFacts(this, this.spec.name);
        if (before !== undefined) {
            // One that was made anew for it already is kept.
            const last = await MachineRecord.of(this, this.spec.name);
            const madeAnew = (this.spec.lost && !last?.lost) || before.image !== this.spec.image.sha256;
            for (const { path, reason } of refusals(this.spec.name, before, this.spec, madeAnew)) {
                faults.add(path, reason);
                faults.refusesChange = true;
            }
        }
    }
}
