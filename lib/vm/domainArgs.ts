import { createHash } from "node:crypto";
import type { Faults } from "../faults";
import { isRecord } from "../isRecord";
import type * as libvirt from "../libvirt";
import { checkOwned } from "../passThrough";

/** What the component's own arguments say of a domain, and which argument that is. */
const owned: Readonly<Partial<Record<keyof libvirt.DomainArgs, string>>> = {
    name: "the component's name",
    type: "domainType of the hypervisor",
    vcpu: "vcpus and maxVcpus",
    memory: "memoryMiB and maxMemoryMiB",
    running: "no argument: it always runs, and is started again when it is found stopped",
    autostart: "autostart",
    description: "description",
    metadata: "labels",
    cloudinit: "the arguments for the guest",
    coreosIgnition: "the arguments for the guest",
    firmware: "firmware.loader",
    nvram: "firmware.nvramTemplate",
};

/**
 * What is another domain when it changes, all that `domain` may say included, whether it says it now or not: the provider takes a
 * change of most of these for an update, and then changes nothing.
 */
export const replaceKeys = [
    "arch",
    "bootDevices",
    "cmdlines",
    "consoles",
    "cpu",
    "disks",
    "emulator",
    "filesystems",
    "fwCfgName",
    "graphics",
    "initrd",
    "kernel",
    "machine",
    "networkInterfaces",
    "qemuAgent",
    "tpm",
    "video",
    "xml",
] satisfies readonly (keyof libvirt.DomainArgs)[];

/** Refuses in `domain` what other arguments say; the paths begin with `path`. */
export const checkDomain = (path: string, domain: Partial<libvirt.DomainArgs>, faults: Faults): void =>
    checkOwned(path, domain, owned, faults);

/** Names what the user adds, so that its changes are seen. What is known only later counts as unchanged. */
export function domainHash(more: Partial<libvirt.DomainArgs>): string {
    const text = JSON.stringify(plain(more));
    return text === "{}" ? "" : createHash("sha256").update(text).digest("hex").slice(0, 8);
}

function plain(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(plain);
    }
    if (!isRecord(value)) {
        return value;
    }
    const keys = Object.keys(value).sort();
    return "isKnown" in value ? "known later" : Object.fromEntries(keys.map((key) => [key, plain(value[key])]));
}
