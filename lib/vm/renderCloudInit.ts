import { Faults } from "../faults";
import { checkCloudInit } from "./cloudInit/mergeCloudInit";
import { checkMounts, type GuestMount } from "./cloudInit/mountScript";
import { userData } from "./cloudInit/userData";
import type { GuestSpec } from "./guestSpec";
import { type GuestNetwork, networkConfig } from "./networkConfig";
import { yaml } from "./yaml";

/** What a guest is to be, as plain values. */
export interface CloudInitSpec extends Partial<GuestSpec> {
    /** Host name, also the instance's id together with `instance`. */
    name: string;
    /** The network interface. */
    network: GuestNetwork;
    /** The user that the library and the operator log in as, with sudo and Docker. */
    user: string;
    /** Public keys in OpenSSH's format. */
    authorizedKeys: readonly string[];
    /** The guest's own ssh key, so that it is known before the guest exists. */
    hostKey: { publicKey: string; privateKey: string };
    /** Data disks: one that is blank gets a file system, no other is ever formatted. @default [] */
    mounts?: readonly GuestMount[];
}

/** The three documents of cloud-init's NoCloud data source (https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html). */
export interface CloudInitDocuments {
    userData: string;
    metaData: string;
    networkConfig: string;
}

/**
 * Renders the documents that make a stock cloud image a Docker host: a pinned ssh host key, users without passwords, a
 * fixed address, Docker, and what else is asked for. One text serves Debian, Ubuntu, Fedora and AlmaLinux: what differs
 * is decided by scripts in the guest. The same values give the same bytes.
 *
 * The user data holds the guest's private ssh key: treat it as a secret.
 *
 * @throws FusionInputError for a key in `cloudInit` that the library's promises rest on, or mounts that meet
 */
export function renderCloudInit(spec: CloudInitSpec): CloudInitDocuments {
    const faults = new Faults();
    checkCloudInit("cloudInit", spec.cloudInit ?? {}, faults);
    checkMounts("mounts", spec.mounts ?? [], faults);
    faults.throwIfAny();
    return {
        userData: `#cloud-config\n${yaml(userData(spec))}`,
        metaData: yaml({ "instance-id": spec.name, "local-hostname": spec.name }),
        networkConfig: yaml(networkConfig(spec.network)),
    };
}
