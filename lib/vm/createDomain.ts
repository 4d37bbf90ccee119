import { createHash } from "node:crypto";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HypervisorParts } from "../hypervisor/FusionHypervisor";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { baseVolumeName } from "../hypervisor/imageScript";
import { removeFileScript } from "../hypervisor/poolScripts";
import * as libvirt from "../libvirt";
import { scriptOn, shellOn } from "../ssh";
import { domainInterfaces } from "./interfaces";
import type { CloudInitDocuments } from "./renderCloudInit";
import { documentsHash, seedScript } from "./seedScript";
import type { VmSpec } from "./vmSpec";

interface DomainPlan {
    vm: pulumi.ComponentResource;
    spec: VmSpec;
    hypervisor: HypervisorSpec;
    on: HypervisorParts;
    documents: pulumi.Output<CloudInitDocuments>;
}

/** A virtual machine's domain, and the disk that holds its system and its containers. */
export interface Machine {
    domain: libvirt.Domain;
    disk: libvirt.Volume;
}

/**
 * The libvirt domain of a virtual machine, with the disk and the seed that it boots from.
 *
 * Another image, size or cloud-init document is another disk: cloud-init configures a machine once, so its changes need a
 * new one. Other processors or memory are another domain over the same disk.
 */
export function createDomain(plan: DomainPlan): Machine {
    const { vm, spec, hypervisor, on } = plan;
    // The hash says nothing about the private key in the documents, which has 256 random bits.
    const seedVersion = pulumi.unsecret(plan.documents.apply(documentsHash));
    const network = on.network === undefined ? [] : [on.network];
    const disk = createDisk(plan, seedVersion);
    const seed = createSeed(plan, seedVersion);
    const domain = new libvirt.Domain(
        spec.name,
        {
            name: spec.name,
            type: hypervisor.domainType,
            vcpu: spec.vcpus,
            memory: spec.memoryMiB,
            autostart: true,
            ...(hypervisor.domainType === "kvm" && { cpu: { mode: "host-passthrough" } }),
            // In a directory pool a volume's id is its path, which is known before the volume exists. A disk given by
            // `file` would be taken for a raw image, and a seed by `file` would go to an emulated CD drive, which is slow.
            disks: [{ volumeId: disk.path }, { volumeId: seed.path }],
            networkInterfaces: domainInterfaces(spec, hypervisor),
            consoles: [{ type: "pty", targetType: "serial", targetPort: "0" }],
        },
        {
            parent: vm,
            provider: on.provider,
            dependsOn: [...network, disk.resource, seed.resource],
            // The successor has the same name and address, so it cannot stand beside its predecessor.
            deleteBeforeReplace: true,
            // The provider takes a change of these for an update, and then changes nothing.
            replaceOnChanges: ["cpu", "consoles", "disks", "networkInterfaces"],
            // A machine's card stays on the bridge of the network that was.
            replaceWith: network,
        },
    );
    return { domain, disk: disk.resource };
}

/** A copy-on-write volume over the base image, named by what it is made from, so that a successor can stand beside it. */
function createDisk({ vm, spec, hypervisor, on }: DomainPlan, seedVersion: pulumi.Output<string>) {
    const name = seedVersion.apply((seed) => {
        const content = `${spec.image.sha256} ${spec.diskGiB} ${seed}`;
        return `${spec.name}-${createHash("sha256").update(content).digest("hex").slice(0, 8)}.qcow2`;
    });
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
        },
    );
    return { resource, path: pulumi.interpolate`${hypervisor.pool.path}/${name}` };
}

/** The seed image with the cloud-init documents, named by their hash: other documents are another file. */
function createSeed({ vm, spec, hypervisor, on, documents }: DomainPlan, version: pulumi.Output<string>) {
    const { connection, pool } = hypervisor;
    const path = pulumi.interpolate`${pool.path}/${spec.name}-${version}.img`;
    const resource = new command.local.Command(
        `${spec.name}-seed`,
        {
            create: shellOn(connection.ssh),
            stdin: pulumi
                .all([documents, path])
                .apply(([texts, file]) => seedScript(texts, file, pool.name, connection.localUri)),
            delete: path.apply((file) =>
                scriptOn(connection.ssh, removeFileScript(file, pool.name, connection.localUri)),
            ),
            triggers: [version],
            logging: "none",
        },
        { parent: vm, dependsOn: [on.pool] },
    );
    return { resource, path };
}
