import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";

/** Data of a set on its hosts. A named volume of Docker, or a directory of the host. */
export interface VolumeArgs {
    /** Name, unique in the set: letters, digits, `.`, `_` and `-`. */
    name: string;
    /** Absolute path in the container. */
    path: string;
    /**
     * Absolute path of a directory on the host, such as one on a virtual machine's data disk, which outlives the machine. It is
     * made where it is missing. @default a volume of Docker named after the replica, on the host's own disk
     */
    hostPath?: string;
    /** @default false */
    readOnly?: boolean;
    /**
     * One for all replicas on a host, which several containers may write to at once. Otherwise each replica has its own, which one
     * container at a time uses: the old one stops before the new one starts, and the replica stays on its host. @default false
     */
    shared?: boolean;
    /**
     * Whether Pulumi may not delete a volume of Docker, alone or with its machine, until this is false; a machine that is lost
     * takes it along all the same. @default true, but false for one that is `shared`
     */
    protect?: boolean;
}

/** Checks volumes; what is wrong goes to `faults`. */
export function checkVolumes(path: string, volumes: unknown, faults: Faults): void {
    if (volumes === undefined) {
        return;
    }
    if (!Array.isArray(volumes)) {
        faults.add(path, `must be a list, got ${show(volumes)}; give [{ name: "data", path: "/data" }]`);
        return;
    }
    const seen = { name: new Set<unknown>(), path: new Set<unknown>() };
    for (const [index, volume] of volumes.entries()) {
        const at = `${path}[${index}]`;
        if (!isRecord(volume)) {
            faults.add(at, `must be an object, got ${show(volume)}; give { name: "data", path: "/data" }`);
            continue;
        }
        if (typeof volume.name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,39}$/.test(volume.name)) {
            faults.add(
                `${at}.name`,
                `is no name of a volume: ${show(volume.name)}; use up to 40 letters, digits, ".", "_" and "-"`,
            );
        }
        checkPath(`${at}.path`, volume.path, faults);
        if (volume.hostPath !== undefined) {
            checkPath(`${at}.hostPath`, volume.hostPath, faults);
        }
        for (const key of ["name", "path"] as const) {
            if (seen[key].has(volume[key])) {
                faults.add(`${at}.${key}`, `is another volume's already: ${show(volume[key])}; give each its own`);
            }
            seen[key].add(volume[key]);
        }
    }
}

/** An absolute path of a container or its host, in which Docker reads nothing else. */
export function checkPath(path: string, value: unknown, faults: Faults): void {
    if (typeof value !== "string" || !/^(\/[A-Za-z0-9_@+=.,-]+)+$/.test(value) || value.split("/").includes("..")) {
        faults.add(path, `is no plain absolute path: ${show(value)}; give one such as "/var/lib/data"`);
    }
}

/** Whether one container at a time may use what it is: the next one can only start when it has stopped. */
export const hasOneWriter = ({ shared, readOnly }: VolumeArgs): boolean => !shared && !readOnly;

/** A volume without what is no matter of the containers. */
export const asMounted = ({ protect: _, ...volume }: VolumeArgs): Omit<VolumeArgs, "protect"> => volume;
