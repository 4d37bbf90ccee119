/** Which images a set runs, as it is remembered from one completed deployment to the next. */
export interface ReleaseMemory {
    /** What all replicas run, those of a canary apart. */
    image: string;
    /** What they ran before; a rollback goes there. */
    previous?: string;
    /** What a canary runs: the next deployment of the same image brings it to all. */
    trial?: string;
    /** What a rollback went back from; it holds the older image as long as it is asked for. */
    heldBack?: string;
}

/** Which images a deployment runs. */
export interface Release {
    /** What all replicas run, those of a canary apart. */
    image: string;
    /** What a canary runs; undefined where there is none. */
    trial: string | undefined;
    /** What is to be remembered once it is done. */
    memory: ReleaseMemory;
    kind: "first" | "same" | "new" | "canary" | "confirmed" | "back" | "held back";
}

/** What a record in the state says; undefined where it is none. */
export function readRelease(outputs: Readonly<Record<string, unknown>> | undefined): ReleaseMemory | undefined {
    const { image, previous, trial, heldBack } = outputs ?? {};
    const more = Object.entries({ previous, trial, heldBack }).filter(([, value]) => typeof value === "string");
    return typeof image === "string" ? { image, ...Object.fromEntries(more) } : undefined;
}

/** Whether there is something to go back to. */
export const canGoBack = (last: ReleaseMemory | undefined, brings: ReleaseMemory | undefined): boolean =>
    last !== undefined && (unfinished(last, brings) ?? last.heldBack ?? last.trial ?? last.previous) !== undefined;

/** What the last deployment was to bring, where it was not completed. */
const unfinished = (last: ReleaseMemory, brings: ReleaseMemory | undefined): ReleaseMemory | undefined =>
    brings === undefined ||
    (["image", "previous", "trial", "heldBack"] as const).every((key) => brings[key] === last[key])
        ? undefined
        : brings;

/**
 * Decides which images run.
 *
 * @param wanted the image that the program names
 * @param how whether it is tried with a canary first, and whether the one before is wanted instead
 * @param last what the last completed deployment has remembered
 * @param brings what the last deployment was to have remembered, completed or not
 */
export function nextRelease(
    wanted: string,
    { canary, rollback }: { canary: boolean; rollback: boolean },
    last: ReleaseMemory | undefined,
    brings?: ReleaseMemory,
): Release {
    const run = (kind: Release["kind"], memory: ReleaseMemory): Release => ({
        image: memory.image,
        trial: memory.trial,
        memory,
        kind,
    });
    if (last === undefined) {
        return run("first", { image: wanted });
    }
    const previous = last.previous === undefined ? {} : { previous: last.previous };
    const broken = unfinished(last, brings);
    // A rollback that was not completed goes to where it went.
    if (rollback && broken?.heldBack !== undefined) {
        return run("back", broken);
    }
    if (rollback && last.heldBack !== undefined) {
        return run("held back", last);
    }
    const failed = broken === undefined ? last.trial : (broken.trial ?? broken.image);
    if (rollback && failed !== undefined) {
        return run("back", { image: last.image, ...previous, heldBack: failed });
    }
    if (rollback && last.previous !== undefined) {
        return run("back", { image: last.previous, heldBack: last.image });
    }
    if (wanted === last.image) {
        return run("same", { image: wanted, ...previous });
    }
    if (canary && last.trial !== wanted) {
        return run("canary", { image: last.image, ...previous, trial: wanted });
    }
    return run(canary ? "confirmed" : "new", { image: wanted, previous: last.image });
}

/** The most that a server weighs in HAProxy. */
const MOST = 256;

/**
 * The weights by which a canary gets its share of the requests, as near as whole numbers from 1 to 256 come.
 *
 * @param share of the requests, in per cent
 * @param canaries replicas that run the new image
 * @param others replicas that run the old one
 */
export function canaryWeights(share: number, canaries: number, others: number): { canary: number; other: number } {
    // canaries * canary / (canaries * canary + others * other) = share / 100
    const ratio = (share * others) / ((100 - share) * canaries);
    const scaled = (value: number) => Math.max(1, Math.round(value));
    return ratio <= 1 ? { canary: scaled(MOST * ratio), other: MOST } : { canary: MOST, other: scaled(MOST / ratio) };
}
