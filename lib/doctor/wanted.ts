import type { LibvirtConnection } from "../hypervisor/libvirtUri";

/** Something that a survey of a hypervisor shows to be wrong, or to be known. */
export interface Finding {
    /** `error`: it will not work. `warning`: it may not. `info`: nothing to mend. */
    severity: "error" | "warning" | "info";
    /** The argument that it is about, from the component's name on: `rack.network.cidr`. */
    path: string;
    /** What is the case, with the values. */
    what: string;
    /** What to do: a command to type on the hypervisor, or the argument to change. */
    remedy: string;
}

/** A virtual machine that is asked for. */
export interface WantedVm {
    name: string;
    vcpus: number;
    memoryMiB: number;
    diskGiB: number;
    /** @default [] */
    dataDisks?: readonly { volume: string; sizeGiB: number }[];
}

/** A network of libvirt, a bridge or a network device that an argument names. */
export interface Used {
    /** The argument. */
    path: string;
    kind: "network" | "bridge" | "device";
    name: string;
}

/** What a program asks of a hypervisor. Where something is left out, nobody asked for it. */
export interface Wanted {
    /** The component's name, with which the findings' paths begin. */
    name: string;
    connection: LibvirtConnection;
    domainType?: "kvm" | "qemu";
    pool?: { name?: string; path: string };
    /** The machines' network. Where libvirt does not make it, only that is to be said of it: its addresses are there already. */
    network?: { made: boolean; name?: string; bridge?: string; cidrs: readonly string[] };
    vms: readonly WantedVm[];
    /** Machines that have been checked, and take memory and space too. @default [] */
    earlier?: readonly WantedVm[];
    /** What has to be there on the hypervisor already, since nothing in the program makes it. @default [] */
    uses?: readonly Used[];
    /** The balancers' names that are to run on the hypervisor. */
    balancers: readonly string[];
    owned: Owned;
}

/** What there is on the hypervisor that Pulumi made in this stack: libvirt's names. */
export interface Owned {
    domains: ReadonlySet<string>;
    /** Name to UUID of those whose replacement was begun: the state has another disk for them. */
    domainIds?: ReadonlyMap<string, string>;
    networks: ReadonlySet<string>;
    pools: ReadonlySet<string>;
    /** Names of volumes. */
    volumes: ReadonlySet<string>;
    /** Paths of base images. */
    images: ReadonlySet<string>;
}

export const nothingOwned: Owned = {
    domains: new Set(),
    networks: new Set(),
    pools: new Set(),
    volumes: new Set(),
    images: new Set(),
};

/** What the script that fetches a base image writes: its path. */
export const BASE_IMAGE = /^\/.*\/base-[0-9a-f]{16}\.qcow2$/;
