import type * as libvirt from "../libvirt";

/** A disk of data: it outlives its machine's replacement. */
export interface DataDisk {
    /** Its name, unique in the machine, up to 12 lower-case letters, digits and `-`: the label of its file system. */
    name: string;
    /** Size in GiB. It may grow, which is done in place; a smaller one is refused. */
    sizeGiB: number;
    /** Where it is mounted in the guest, an absolute path. @default `/srv/` and the name */
    path?: string;
    /** Made once, when the disk is blank. @default "ext4" */
    filesystem?: "ext4" | "xfs";
    /** Whether Pulumi refuses to delete it. @default true */
    protect?: boolean;
}

/** The part of a virtual machine's arguments that libvirt answers for, and how the machine changes. */
export interface MachineArgs {
    /** Virtual processors, up to `maxVcpus` without a restart. @default 1 */
    vcpus?: number;
    /** Virtual processors that the machine can be given while it runs. @default that of `vcpus` */
    maxVcpus?: number;
    /** Memory in MiB, up to `maxMemoryMiB` without a restart; 256 of them are the system's, the rest is there for containers. @default 2048 */
    memoryMiB?: number;
    /** Memory in MiB that the machine can be given while it runs. @default that of `memoryMiB` */
    maxMemoryMiB?: number;
    /** Size of the system's disk in GiB. It may grow, which is done in place; a smaller one is refused. @default 10 */
    diskGiB?: number;
    /** Disks of data, which are kept when the machine is replaced. @default [] */
    dataDisks?: readonly DataDisk[];
    /** Whether the hypervisor starts the machine with itself. @default true */
    autostart?: boolean;
    /** What people read of the machine in libvirt, on one line. @default none */
    description?: string;
    /** Firmware other than libvirt's own choice, which is a BIOS on x86-64. @default none */
    firmware?: {
        /** Absolute path of the loader on the hypervisor, such as `/usr/share/OVMF/OVMF_CODE_4M.fd` for UEFI. */
        loader: string;
        /** Absolute path of the template of its variables, such as `/usr/share/OVMF/OVMF_VARS_4M.fd`. @default libvirt's own for the loader */
        nvramTemplate?: string;
    };
    /**
     * Everything else that a libvirt domain can have, in the provider's own words: CPU model, video, TPM, host devices, raw
     * XSLT. A list is added behind the library's own, any other value takes its place; what the arguments of this component
     * say is refused here. @default none
     */
    domain?: Partial<libvirt.DomainArgs>;
    /**
     * What a change of the guest's configuration (cloud-init's user data) means for a machine that is there, since cloud-init
     * runs once: a new disk, or nothing until the machine is made anew for another reason. @default "replace"
     */
    onUserDataChange?: "replace" | "ignore";
    /**
     * The machine is lost: it is made anew, once, without asking anything of what may be left of it; data disks are kept.
     * Take the argument away afterwards; it then changes nothing. @default false
     */
    lost?: boolean;
    /** Seconds that the guest has to shut down before it is powered off. @default 90 */
    shutdownSeconds?: number;
    /** Seconds from the machine's start after which it counts as failed. @default 900 */
    readyTimeoutSeconds?: number;
}
