import { isRecord } from "../isRecord";

/** What a machine is made of, as it was last made with success; plain and sorted, since previews show it. */
export interface MachineFacts {
    hypervisor: string;
    /** SHA-256 of the base image. */
    image: string;
    diskGiB: number;
    vcpus: number;
    maxVcpus: number;
    memoryMiB: number;
    maxMemoryMiB: number;
    autostart: boolean;
    description: string;
    labels: string;
    firmware: string;
    /** Hash of what the user adds to the domain. */
    domain: string;
    domainType: string;
    /** The machine's interfaces. */
    network: string;
    address: string;
    /** Hash of cloud-init's user data. */
    userData: string;
    /** Hash of cloud-init's other documents. */
    identity: string;
    /** Argument of the guest to a hash of its value; undefined in the facts of older versions. Says only why `userData` is another. */
    guest?: Readonly<Record<string, string>>;
    /** Name to GiB. */
    dataDisks: Readonly<Record<string, number>>;
    /** Name of a data disk to what is on it and where it is mounted; undefined in the facts of older versions. */
    mounts?: Readonly<Record<string, MountFacts>>;
    /** How often the machine has been made anew because it was lost. */
    generation: number;
    /** How often its domain has been made anew because it was gone. */
    definitions: number;
}

/** A data disk in the guest. */
export interface MountFacts {
    filesystem: string;
    path: string;
}

/** What happens to a machine when a fact changes, the mildest first. */
export const effects = ["in place", "restart", "new disk"] as const;
export type Effect = (typeof effects)[number];

/** How one argument's change is told. */
interface Rule {
    /** The argument as users know it. */
    argument: string;
    effect: Effect;
    /** Its values where the fact counts something. */
    shown?: readonly [before: string, after: string];
}

const rules: Readonly<Record<Exclude<keyof MachineFacts, "dataDisks" | "mounts" | "guest">, Rule>> = {
    hypervisor: { argument: "hypervisor", effect: "new disk" },
    image: { argument: "image.sha256", effect: "new disk" },
    diskGiB: { argument: "diskGiB", effect: "in place" },
    vcpus: { argument: "vcpus", effect: "in place" },
    maxVcpus: { argument: "maxVcpus", effect: "restart" },
    memoryMiB: { argument: "memoryMiB", effect: "in place" },
    maxMemoryMiB: { argument: "maxMemoryMiB", effect: "restart" },
    autostart: { argument: "autostart", effect: "in place" },
    description: { argument: "description", effect: "in place" },
    labels: { argument: "labels", effect: "in place" },
    firmware: { argument: "firmware", effect: "restart" },
    domain: { argument: "domain", effect: "restart" },
    domainType: { argument: "hypervisor's domainType", effect: "restart" },
    network: { argument: "interfaces", effect: "restart" },
    address: { argument: "address", effect: "new disk" },
    userData: { argument: "guest's configuration", effect: "new disk" },
    identity: { argument: "guest's network configuration", effect: "new disk" },
    generation: { argument: "lost", effect: "new disk", shown: ["false", "true"] },
    definitions: { argument: "its domain", effect: "restart", shown: ["gone", "put back"] },
};

/** One difference between what a machine is and what it is to be. */
export interface Reason {
    argument: string;
    /** Undefined, as `after`, where no more is known than that it has changed. */
    before?: string;
    after?: string;
    effect: Effect;
}

/** What is to happen to a machine that is there, and why. */
export interface MachineChange {
    /** The strongest of the reasons' effects; undefined when nothing changes. */
    effect: Effect | undefined;
    reasons: readonly Reason[];
}

/** Compares what a machine is with what it is to be. */
export function machineChange(before: MachineFacts, after: MachineFacts): MachineChange {
    const reasons: Reason[] = [];
    for (const [fact, { argument, effect, shown }] of Object.entries(rules)) {
        const [was, is] = [Reflect.get(before, fact), Reflect.get(after, fact)].map(String);
        const known = fact === "userData" ? guestReasons(before, after) : [];
        if (was !== is && known.length > 0) {
            reasons.push(...known.map((guest) => ({ argument: guest, effect })));
        } else if (was !== is) {
            reasons.push({ argument, before: shown?.[0] ?? was, after: shown?.[1] ?? is, effect });
        }
    }
    for (const name of [...new Set([...Object.keys(before.dataDisks), ...Object.keys(after.dataDisks)])].sort()) {
        const [was, is] = [before.dataDisks[name], after.dataDisks[name]];
        if (was !== is) {
            const effect = was === undefined || is === undefined ? "restart" : "in place";
            const size = (gib: number | undefined) => (gib === undefined ? "none" : `${gib} GiB`);
            reasons.push({ argument: `data disk ${name}`, before: size(was), after: size(is), effect });
        }
        const [from, to] = [before.mounts?.[name]?.path, after.mounts?.[name]?.path];
        if (from !== undefined && to !== undefined && from !== to) {
            reasons.push({ argument: `path of data disk ${name}`, before: from, after: to, effect: "restart" });
        }
    }
    const strongest = Math.max(-1, ...reasons.map(({ effect }) => effects.indexOf(effect)));
    return { effect: effects[strongest], reasons };
}

/** Whether a disk is in both and is to be mounted elsewhere. */
export function mountsMove(before: MachineFacts["mounts"], after: MachineFacts["mounts"]): boolean {
    return Object.entries(before ?? {}).some(([name, { path }]) => (after?.[name]?.path ?? path) !== path);
}

/** The arguments of the guest that have changed; empty where nothing is known of them before. */
function guestReasons({ guest: before }: MachineFacts, { guest: after }: MachineFacts): string[] {
    if (before === undefined || after === undefined) {
        return [];
    }
    const changed = Object.keys({ ...before, ...after }).filter((argument) => before[argument] !== after[argument]);
    return changed.length > 0 ? changed.sort() : ["what the library itself puts into the guest"];
}

/** The facts as they stand in the machine's script, which the state keeps. */
export function writeFacts(facts: MachineFacts): string {
    const sorted = Object.entries(facts).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify(Object.fromEntries(sorted));
}

/** The facts that a text of the last deployment has; undefined where it has none, or those of an older form. */
export function readFacts(text: unknown): MachineFacts | undefined {
    const json = typeof text === "string" ? /^MADE='(.*)'$/m.exec(text)?.[1] : undefined;
    if (json === undefined) {
        return undefined;
    }
    const facts: unknown = JSON.parse(json.replaceAll(`'\\''`, "'"));
    return isMachineFacts(facts) ? facts : undefined;
}

function isMachineFacts(value: unknown): value is MachineFacts {
    return (
        isRecord(value) &&
        isRecord(value.dataDisks) &&
        Object.values(value.dataDisks).every((size) => typeof size === "number") &&
        (value.mounts === undefined || (isRecord(value.mounts) && Object.values(value.mounts).every(isRecord))) &&
        (value.guest === undefined || isRecord(value.guest)) &&
        Object.keys(rules).every((fact) => fact in value)
    );
}
