import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import type * as pulumi from "@pulumi/pulumi";
import { type SshTarget, sshOptions } from "./ssh";
import type { DockerArgs } from "./vm/dockerSpec";

/** A machine that exists already. The operator's user may use Docker there over ssh, or has it installed. */
export interface ExistingHost {
    /** The name that placements and endpoints show; unique among the hosts of a program. */
    name: string;
    /** IPv4 address that the containers' ports are bound to and the balancer connects to. */
    address: string;
    /** How to log in. @default the operator's own ssh configuration for `address` */
    ssh?: Omit<SshTarget, "address"> & { address?: string };
    /** What containers may take. @default no limit is planned */
    capacity?: { cpus?: number; memoryMiB?: number };
    /** @default {} */
    labels?: Record<string, string>;
    /** Installs Docker where there is none, as root or by sudo without a password. @default Docker is there */
    docker?: DockerArgs & { install: true };
}

/** What the library knows of a Docker host before it exists. */
export interface DockerHostSpec {
    name: string;
    address: string;
    /** Millicores and MiB that containers may take; a dimension that is not named is not limited. */
    capacity: { cpu?: number; memory?: number };
    labels: Record<string, string>;
    /** How to log in to a machine that exists already, and may be asked what runs there. */
    ssh?: SshTarget;
}

/** What commands on a Docker host need of it. */
export interface HostAccess {
    ssh: pulumi.Output<SshTarget>;
    /** What containers wait for. */
    ready: command.local.Command[];
    /** Of a virtual machine: containers are deleted with its domain, and made anew with its disk, on which they live. */
    machine?: {
        domain: pulumi.Resource;
        disk: pulumi.Resource;
        /** Another disk has another name. */
        diskName: string;
        /** Whether this deployment gives the machine a new disk, so that nothing of the containers is left on it. */
        anew: boolean;
        /** Whether that is because the machine, or its disk, is lost, and what was on it with it. */
        lost: boolean;
        /** Whether this deployment interrupts the machine or puts it back, so that it waits for its turn. */
        takesTurn: boolean;
    };
}

/** What containers need of a Docker host. */
export interface DockerHostParts extends HostAccess {
    provider: docker.Provider;
}

/**
 * Containers and images cannot outlive their machine. The trigger is for a deployment that made the disk and then failed: the
 * next one finds the same disk, and in the state what was on the one before.
 */
export const withMachine = ({ machine }: HostAccess): pulumi.CustomResourceOptions =>
    machine === undefined
        ? {}
        : { deletedWith: machine.domain, replaceWith: [machine.disk], replacementTrigger: machine.diskName };

/** The URI by which Docker's client reaches the host. */
export function dockerUri(ssh: SshTarget): string {
    const user = ssh.user === undefined ? "" : `${ssh.user}@`;
    return `ssh://${user}${ssh.address}${ssh.port === undefined ? "" : `:${ssh.port}`}`;
}

/**
 * One docker provider a machine. Its arguments are plain values and it asks the daemon nothing until it is used, so a
 * preview works before the machine exists.
 */
export function dockerProvider(
    name: string,
    ssh: pulumi.Output<SshTarget>,
    opts: pulumi.ResourceOptions,
): docker.Provider {
    return new docker.Provider(
        name,
        { host: ssh.apply(dockerUri), sshOpts: ssh.apply(sshOptions), disableDockerDaemonCheck: true },
        opts,
    );
}
