import { askMachine } from "../askMachine";
import type { LibvirtConnection } from "./libvirtUri";
import { readSurvey } from "./readSurvey";
import { surveyScript } from "./surveyScript";
import { unreachable } from "./unreachable";

/** A libvirt domain as it is on the hypervisor now. */
export interface DomainFacts {
    uuid: string;
    /** libvirt's own word: `running`, `idle`, `paused`, `in shutdown`, `shut off`, `crashed`, `pmsuspended`, `no state`. */
    state: string;
    /** The most memory that it may take. */
    memoryMiB: number;
    vcpus: number;
    autostart: boolean;
}

/** A libvirt network. */
export interface NetworkFacts {
    uuid: string;
    /** The bridge, where it has one. */
    bridge: string | undefined;
    active: boolean;
    /** The networks of its own addresses and of its static routes, IPv4 and IPv6: `10.77.0.0/24`. */
    cidrs: string[];
}

/** An address range that the hypervisor reaches: by a route, or because it has an address in it. */
export interface RouteFacts {
    /** Without host bits; default routes are left out. */
    cidr: string;
    /** "" for a route that leads nowhere: blackhole, unreachable, prohibit. */
    device: string;
}

/** A base image in the pool, a file `base-HASH.qcow2`. */
export interface BaseImageFacts {
    file: string;
    /** What it takes on the disk. */
    sizeMiB: number;
    /** The files made over it: disks in the pool, and disks of domains wherever they are. */
    usedBy: string[];
}

/** What the directory of a pool is like. */
export interface StorageFacts {
    path: string;
    exists: boolean;
    /** What is there of its path and is no directory; undefined where nothing is in the way. */
    blockedBy?: string;
    /** Whether the user that commands run as may write in it; where it is not there yet, in what is there of its path. */
    writable: boolean;
    /** Owner, group and mode of the directory, or of the nearest one above that is there: `root:root 755`. */
    owner: string;
    /** Free space of its file system for that user. */
    freeGiB: number;
    /** The first directory on the way that QEMU's user may not pass; undefined where all can be passed, or none can say. */
    closedTo: string | undefined;
    /** Names of what is in the directory; undefined where that cannot be read. */
    files: readonly string[] | undefined;
}

/** What a hypervisor is like, found out by one script in one go. Nothing on it is changed. */
export interface HypervisorSurvey {
    reachable: true;
    /** The machine's own name, and the user that commands run as there. */
    host: string;
    user: string;
    /** Whether that user is root. */
    root: boolean;
    /** `9.0.0`; undefined where libvirt does not tell. */
    libvirt: string | undefined;
    qemu: string | undefined;
    /** Whether there is a `/dev/kvm`: whether a guest starts with it, only a guest can tell. */
    kvmDevice: boolean;
    cpus: number;
    memoryMiB: { total: number; available: number };
    storage: StorageFacts;
    /** `libvirt-qemu`, or a number: whom QEMU's processes run as. */
    qemuUser: string | undefined;
    /** Whether the kernel has AppArmor, and how libvirt keeps guests apart: `apparmor`, `selinux`, `dac`. */
    apparmor: boolean;
    securityModels: string[];
    /** Whether bridged packets go through iptables, and what happens to forwarded ones that no rule names. */
    bridgeNetfilter: boolean;
    forwardPolicy: string | undefined;
    /** What the configuration of libvirt's networks says: `iptables` or `nftables`; undefined where it says nothing. */
    firewallBackend: string | undefined;
    domains: ReadonlyMap<string, DomainFacts>;
    networks: ReadonlyMap<string, NetworkFacts>;
    /** Name to path. */
    pools: ReadonlyMap<string, string>;
    routes: RouteFacts[];
    /** Names of the network devices. */
    devices: string[];
    /** Only where asked for: reading them takes some time. */
    baseImages: BaseImageFacts[];
    /** Version of each program that is there, `""` where it does not tell: haproxy, docker, xorriso, curl ... */
    programs: ReadonlyMap<string, string>;
}

/** Why a hypervisor does not answer. */
export interface Unreachable {
    reachable: false;
    /** Whether ssh did not get there; else libvirt there did not answer. */
    overSsh?: boolean;
    /** The last line that ssh, virsh or the shell wrote, or what else happened. */
    reason: string;
    /** What to do about it. */
    hint: string;
}

/** The hypervisor to look at, and the pool; a `HypervisorSpec` is one. */
export interface Surveyed {
    connection: LibvirtConnection;
    pool: { path: string };
}

/** More than any hypervisor needs that answers at all. */
const TIMEOUT_SECONDS = 20;

const surveys = new Map<string, Promise<HypervisorSurvey | Unreachable>>();

/**
 * Looks at a hypervisor, once a program run: whoever asks again gets the same answer. Never fails, and takes 20 seconds at the
 * most.
 *
 * @param images also find out which base images are in use
 */
function surveyHypervisor(target: Surveyed, images = false): Promise<HypervisorSurvey | Unreachable> {
    const key = JSON.stringify([target.connection.uri, target.connection.ssh, target.pool.path, images]);
    let survey = surveys.get(key);
    if (survey === undefined) {
        survey = look(target, images);
        surveys.set(key, survey);
    }
    return survey;
}

async function look({ connection, pool }: Surveyed, images: boolean): Promise<HypervisorSurvey | Unreachable> {
    const script = surveyScript({ localUri: connection.localUri, poolPath: pool.path, images });
    const answer = await askMachine(connection.ssh, script, TIMEOUT_SECONDS);
    const survey = answer.code === 0 ? readSurvey(answer.stdout, pool.path) : undefined;
    return survey ?? unreachable(connection, answer);
}

/** The one way to a survey, replaced where a test has no hypervisor. */
export const surveyor = { survey: surveyHypervisor };
