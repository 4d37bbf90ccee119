import { type Faults, show } from "../faults";
import { isText } from "../isText";
import { checkDomain } from "./domainArgs";
import type { DataDisk, MachineArgs } from "./machineArgs";

/** The machine's own arguments as validated plain values. Where one is wrong, a harmless value stands for it. */
export interface MachineSpec {
    vcpus: number;
    maxVcpus: number;
    memoryMiB: number;
    maxMemoryMiB: number;
    diskGiB: number;
    dataDisks: readonly Required<DataDisk>[];
    autostart: boolean;
    description: string;
    firmware?: { loader: string; nvramTemplate?: string };
    onUserDataChange: "replace" | "ignore";
    lost: boolean;
    shutdownSeconds: number;
    readyTimeoutSeconds: number;
}

const PROCESSORS = 1024;
const MEMORY = 16 * 1024 * 1024;

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function machineSpec(name: string, args: MachineArgs, faults: Faults): MachineSpec {
    const number = (key: "vcpus" | "memoryMiB" | "diskGiB", standard: number, least: number, most: number) => {
        const value = args[key] ?? standard;
        faults.integer(
            `${name}.${key}`,
            value,
            least,
            most,
            `give ${key === "vcpus" ? "processors" : key.slice(-3)}, such as ${standard}`,
        );
        return value;
    };
    const vcpus = number("vcpus", 1, 1, PROCESSORS);
    const memoryMiB = number("memoryMiB", 2048, 512, MEMORY);
    const seconds = (key: "readyTimeoutSeconds" | "shutdownSeconds", standard: number) => {
        const value = args[key] ?? standard;
        faults.integer(`${name}.${key}`, value, 1, 86_400, `give seconds, such as ${standard}`);
        return value;
    };
    if (args.description !== undefined) {
        faults.line(`${name}.description`, args.description, "a text");
    }
    const policy = args.onUserDataChange ?? "replace";
    faults.oneOf(`${name}.onUserDataChange`, policy, ["replace", "ignore"]);
    checkPath(`${name}.firmware.loader`, args.firmware?.loader, faults);
    checkPath(`${name}.firmware.nvramTemplate`, args.firmware?.nvramTemplate, faults);
    checkDomain(`${name}.domain`, args.domain ?? {}, faults);
    return {
        vcpus,
        maxVcpus: maximum(`${name}.maxVcpus`, args.maxVcpus, vcpus, [1, PROCESSORS], faults),
        memoryMiB,
        maxMemoryMiB: maximum(`${name}.maxMemoryMiB`, args.maxMemoryMiB, memoryMiB, [512, MEMORY], faults),
        diskGiB: number("diskGiB", 10, 2, 64 * 1024),
        dataDisks: dataDisks(name, args.dataDisks ?? [], faults),
        autostart: args.autostart ?? true,
        description: args.description ?? "",
        ...(args.firmware !== undefined && { firmware: args.firmware }),
        onUserDataChange: policy,
        lost: args.lost ?? false,
        shutdownSeconds: seconds("shutdownSeconds", 90),
        readyTimeoutSeconds: seconds("readyTimeoutSeconds", 900),
    };
}

/** @param now what the machine has, which counts for nothing where it is out of bounds itself */
function maximum(
    path: string,
    given: number | undefined,
    now: number,
    [least, most]: [number, number],
    faults: Faults,
): number {
    if (given === undefined) {
        return now;
    }
    const isGood = now >= least && now <= most;
    const remedy = isGood ? `give at least what the machine has, ${now}` : "give at least what the machine is to have";
    faults.integer(path, given, isGood ? now : least, most, remedy);
    return given;
}

function checkPath(path: string, value: string | undefined, faults: Faults): void {
    if (value !== undefined && !/^(\/[A-Za-z0-9_@%+=:,.-]+)+$/.test(value)) {
        faults.add(path, `is not an absolute path: ${show(value)}; give that of a file on the hypervisor`);
    }
}

function dataDisks(name: string, disks: readonly DataDisk[], faults: Faults): Required<DataDisk>[] {
    const taken = new Map<string, string>();
    if (disks.length > 20) {
        faults.add(`${name}.dataDisks`, `has ${disks.length} disks; give 20 at the most`);
    }
    return disks.map((disk, index) => {
        const at = `${name}.dataDisks[${index}]`;
        const path = disk.path ?? `/srv/${disk.name ?? "data"}`;
        if (!isText(disk.name, /^[a-z][a-z0-9-]{0,11}$/)) {
            faults.add(
                `${at}.name`,
                `is no label of a file system: ${show(disk.name)}; use up to 12 lower-case letters, digits and '-', beginning with a letter`,
            );
        }
        faults.integer(`${at}.sizeGiB`, disk.sizeGiB, 1, 64 * 1024, "give GiB, such as 20");
        if (!/^(\/[A-Za-z0-9_@+=.-]+)+$/.test(path) || path.split("/").includes("..")) {
            faults.add(`${at}.path`, `is no plain absolute path: ${show(path)}; give one such as "/srv/data"`);
        }
        faults.oneOf(`${at}.filesystem`, disk.filesystem ?? "ext4", ["ext4", "xfs"]);
        for (const [key, value] of [
            ["name", disk.name],
            ["path", path],
        ] as const) {
            const other = taken.get(`${key} ${value}`);
            if (other !== undefined && disk.name !== undefined) {
                faults.add(`${at}.${key}`, `is that of ${other} too: ${show(value)}; give another`);
            }
            taken.set(`${key} ${value}`, `dataDisks[${index}]`);
        }
        return { ...disk, path, filesystem: disk.filesystem ?? "ext4", protect: disk.protect ?? true };
    });
}
