/** What must be remembered of a machine from one deployment to the next, whatever comes of the deployment. */
export interface MachineMemory {
    /** How often it has been made anew because it, or its disk, was lost. */
    generation: number;
    /** How often its domain has been made anew over its disk. */
    definitions: number;
    /** How often it was found standing still and has been started. */
    starts: number;
    /** Whether the program says that it is lost. */
    lost: boolean;
    /** What cloud-init was told when its disk was made: hashes of the user data and of the other documents. */
    userData: string;
    identity: string;
    image: string;
}

/** What a look at the hypervisor and at the state shows of a machine. */
export interface MachineSight {
    /** Whether the state has its domain, or the command that has started it. */
    known: boolean;
    domain: "running" | "stopped" | "gone" | "not seen";
    /** Whether its disk is gone. */
    diskGone: boolean;
}

const nothing: MachineMemory = {
    ...{ generation: 0, definitions: 0, starts: 0, lost: false },
    ...{ userData: "", identity: "", image: "" },
};

/** Whether a value from the state is such a memory. */
export function isMachineMemory(
    value: Readonly<Record<string, unknown>>,
): value is Readonly<Record<string, unknown>> & MachineMemory {
    return Object.entries(nothing).every(([key, example]) => typeof value[key] === typeof example);
}

/**
 * What is to be remembered from now on. A machine that the program says is lost, or whose disk is gone, is another generation;
 * one whose domain alone is gone, or whose disks are to be mounted elsewhere, is defined once more: that shuts the guest down and
 * starts it. One that stands still is started once more.
 */
export function nextMemory(
    last: MachineMemory | undefined,
    wanted: Pick<MachineMemory, "lost" | "userData" | "identity" | "image"> & {
        onUserDataChange: "replace" | "ignore";
        moves: boolean;
    },
    sight: MachineSight,
): MachineMemory {
    const { onUserDataChange, moves, ...now } = wanted;
    const before = last ?? { ...nothing, lost: now.lost };
    const lost = (now.lost && !before.lost) || (sight.known && sight.diskGone);
    const gone = sight.known && !lost && sight.domain === "gone";
    const stopped = sight.known && !lost && sight.domain === "stopped";
    const sameDisk = last !== undefined && !lost && now.identity === last.identity && now.image === last.image;
    return {
        ...now,
        generation: before.generation + (lost ? 1 : 0),
        definitions: before.definitions + (gone || (moves && !lost) ? 1 : 0),
        starts: before.starts + (stopped ? 1 : 0),
        userData: sameDisk && onUserDataChange === "ignore" ? last.userData : now.userData,
    };
}
