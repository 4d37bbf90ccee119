import * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { HypervisorParts } from "../hypervisor/FusionHypervisor";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { baseVolumeName } from "../hypervisor/imageScript";
import { removeFileScript } from "../hypervisor/poolScripts";
import * as libvirt from "../libvirt";
import { mergeArgs } from "../passThrough";
import { scriptOn, shellOn } from "../ssh";
import { replaceKeys } from "./domainArgs";
import { domainInterfaces } from "./interfaces";
import type { MachineArgs } from "./machineArgs";
import type { MachineMemory } from "./machineMemory";
import type { CloudInitDocuments } from "./renderCloudInit";
import { seedScript, textHash } from "./seedScript";
import type { VmSpec } from "./vmSpec";

/** What a domain is made from. */
export interface DomainPlan {
    vm: pulumi.ComponentResource;
    spec: VmSpec;
    args: MachineArgs;
    hypervisor: HypervisorSpec;
    on: HypervisorParts;
    documents: pulumi.Output<CloudInitDocuments>;
    memory: MachineMemory;
    /** Whether the seed stays as it was made, though the documents have changed. */
    keepSeed: boolean;
    /** Whether this deployment gives the machine a new disk. */
    anew: boolean;
    /** Resolves when the domain may be touched: machines that change are changed one after the other. */
    turn: Promise<void>;
}

/** A virtual machine's domain, and the disk that holds its system and its containers. */
export interface Machine {
    domain: libvirt.Domain;
    disk: libvirt.Volume;
    diskName: string;
    /** Paths of the volumes on the hypervisor, the system's first. */
    paths: readonly string[];
}

/**
 * The libvirt domain of a virtual machine, with the disks and the seed that it boots from.
 *
 * Another image, another cloud-init document or another generation is another disk of the system. What else cannot be changed
 * in place is another domain over the same disks.
 */
export function createDomain(plan: DomainPlan): Machine {
    const { vm, spec, args, hypervisor, on, memory } = plan;
    const version = textHash(`${memory.userData} ${memory.identity}`);
    const network = on.network === undefined ? [] : [on.network];
    const disk = createDisk(plan, version);
    const seed = createSeed(plan, version);
    const data = spec.dataDisks.map((one) => createDataDisk(plan, one));
    const own = {
        // An input that waits, and leaves no dependency in the state.
        name: plan.turn.then(() => spec.name),
        type: hypervisor.domainType,
        vcpu: spec.maxVcpus,
        memory: spec.maxMemoryMiB,
        autostart: spec.autostart,
        // The machine's command starts it, after the settings that the provider has no word for.
        running: false,
        ...(args.firmware && { firmware: args.firmware.loader }),
        ...(args.firmware?.nvramTemplate && { nvram: { template: args.firmware.nvramTemplate } }),
        ...(hypervisor.domainType === "kvm" && { cpu: { mode: "host-passthrough" } }),
        // In a directory pool a volume's id is its path, which is known before the volume exists. A disk given by
        // `file` would be taken for a raw image, and a seed by `file` would go to an emulated CD drive, which is slow.
        disks: [disk, seed, ...data].map(({ path }) => ({ volumeId: path })),
        networkInterfaces: domainInterfaces(spec, hypervisor),
        consoles: [{ type: "pty", targetType: "serial", targetPort: "0" }],
    };
    const domain = new libvirt.Domain(spec.name, mergeArgs<libvirt.DomainArgs>(own, args.domain), {
        parent: vm,
        provider: on.provider,
        dependsOn: [...network, disk.resource, seed.resource, ...data.map(({ resource }) => resource)],
        // The successor has the same name and address, so it cannot stand beside its predecessor.
        deleteBeforeReplace: true,
        replaceOnChanges: replaceKeys,
        // Whether it runs is looked at before each deployment, not compared.
        ignoreChanges: ["running"],
        // A machine's card stays on the bridge of the network that was.
        replaceWith: network,
        replacementTrigger: memory.definitions,
    });
    return { domain, disk: disk.resource, diskName: disk.name, paths: [disk.path, ...data.map(({ path }) => path)] };
}

/** A copy-on-write volume over the base image, named by what it is made from, so that a successor can stand beside it. */
function createDisk({ vm, spec, hypervisor, on, memory, anew }: DomainPlan, seedVersion: string) {
    const hash = textHash(`${spec.image.sha256} ${seedVersion} ${memory.generation}`).slice(0, 8);
    const name = `${spec.name}-${hash}.qcow2`;
    const resource = new libvirt.Volume(
        spec.name,
        {
            name,
            pool: hypervisor.pool.name,
            baseVolumeName: baseVolumeName(spec.image),
            baseVolumePool: hypervisor.pool.name,
            size: spec.diskGiB * 2 ** 30,
            format: "qcow2",
        },
        {
            parent: vm,
            provider: on.provider,
            dependsOn: [on.pool, on.baseImage(spec.image)],
            // With a name of its own the bridge would have the disk deleted first, under the machine that still runs on it.
            deleteBeforeReplace: false,
            // To the provider another size is another disk; the machine's command lets this one grow.
            ignoreChanges: anew ? [] : ["size"],
        },
    );
    return { resource, name, path: `${hypervisor.pool.path}/${name}` };
}

/** A volume for data. It is kept when the machine is replaced, and protected unless the program says otherwise. */
function createDataDisk({ vm, spec, hypervisor, on }: DomainPlan, disk: VmSpec["dataDisks"][number]) {
    const name = dataVolumeName(spec.name, disk.name);
    const resource = new libvirt.Volume(
        `${spec.name}-${disk.name}`,
        { name, pool: hypervisor.pool.name, size: disk.sizeGiB * 2 ** 30, format: "qcow2" },
        {
            parent: vm,
            provider: on.provider,
            dependsOn: [on.pool],
            protect: disk.protect,
            ignoreChanges: ["size"],
        },
    );
    return { resource, path: `${hypervisor.pool.path}/${name}` };
}

export const dataVolumeName = (vm: string, disk: string): string => `${vm}-${disk}-data.qcow2`;

/** The seed image with the cloud-init documents, named by their hash: other documents are another file. */
function createSeed({ vm, spec, hypervisor, on, documents, keepSeed }: DomainPlan, version: string) {
    const { connection, pool } = hypervisor;
    const path = `${pool.path}/${spec.name}-${version}.img`;
    const resource = new command.local.Command(
        `${spec.name}-seed`,
        {
            create: shellOn(connection.ssh),
            stdin: documents.apply((texts) => seedScript(texts, path, pool.name, connection.localUri)),
            delete: scriptOn(connection.ssh, removeFileScript(path, pool.name, connection.localUri)),
            triggers: [version],
            logging: "none",
        },
        { parent: vm, dependsOn: [on.pool], ...(keepSeed && { ignoreChanges: ["stdin"] }) },
    );
    return { resource, path };
}
