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

/** Whether there is something to go back to. */
export const canGoBack = (last: ReleaseMemory | undefined, brought: string | undefined): boolean =>
    last !== undefined && (unfinished(last, brought) ?? last.heldBack ?? last.trial ?? last.previous) !== undefined;

/** The image that the last deployment was to bring, where it was not completed. */
const unfinished = ({ image, trial }: ReleaseMemory, brought: string | undefined): string | undefined =>
    brought === undefined || brought === (trial ?? image) ? undefined : brought;

/** The image that a deployment brings. */
export const broughtBy = ({ image, trial }: Pick<Release, "image" | "trial">): string => trial ?? image;

/**
 * Decides which images run.
 *
 * @param wanted the image that the program names
 * @param how whether it is tried with a canary first, and whether the one before is wanted instead
 * @param last what the last completed deployment has remembered
 * @param brought the image that the last deployment was to bring, completed or not
 */
export function nextRelease(
    wanted: string,
    { canary, rollback }: { canary: boolean; rollback: boolean },
    last: ReleaseMemory | undefined,
    brought?: string,
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
    if (rollback && last.heldBack !== undefined) {
        return run("held back", last);
    }
    const failed = unfinished(last, brought) ?? last.trial;
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
