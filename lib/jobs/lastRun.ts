import type { HeldPorts } from "../containers/assignPorts";
import { isRecord } from "../isRecord";

/** What the trigger of a job's command says where the job has no schedule. */
export const ONCE = "once";

/** What the last deployments say of a job without a schedule. */
export interface LastRun {
    /** The number of the run that was begun last. It is written down before, so a run that was interrupted has one as well. */
    begun: number;
    /** Where that was; undefined where none was begun. */
    begunOn: string | undefined;
    /** The run that has ended well last. */
    done: DoneRun | undefined;
}

interface DoneRun {
    number: number;
    /** As {@link versionOf} has it. */
    version: string;
    /** Where the command would remove what is there of the job. */
    host: string;
    /** The command's triggers. */
    triggers: readonly string[];
}

/**
 * Reads what is remembered of a job's runs.
 *
 * @param command outputs of the command, which have changed only when it ended well
 * @param held what the job's record says; its turn is the number of a run
 */
export function readLastRun(
    command: Readonly<Record<string, unknown>> | undefined,
    held: Pick<HeldPorts, "vm" | "turn"> | undefined,
): LastRun {
    const environment = isRecord(command?.environment) ? command.environment : {};
    const triggers = Array.isArray(command?.triggers) ? command.triggers.map(String) : [];
    const isOnce = triggers[0] === ONCE;
    return {
        begun: held?.turn ?? 0,
        // What a schedule has on a host goes with its command.
        begunOn: command === undefined || isOnce ? held?.vm : undefined,
        done: isOnce
            ? {
                  number: Number(environment.FUSION_RUN ?? 0),
                  version: String(environment.FUSION_JOB),
                  host: String(environment.FUSION_HOST ?? held?.vm),
                  triggers,
              }
            : undefined,
    };
}

/** Whether a run was begun of which no deployment has seen a good end: it has failed, or goes on since its deployment was interrupted. */
export const isOpen = ({ begun, begunOn, done }: LastRun): boolean => begunOn !== undefined && begun !== done?.number;

/**
 * The number of the run of a version: that of the last one where there is nothing to run, and nothing left to look for. Another
 * number is a change of the command.
 */
export function runNumber(last: LastRun, version: string): number {
    const { begun, done } = last;
    return done?.version === version && !isOpen(last) ? done.number : Math.max(begun, done?.number ?? 0) + 1;
}

/**
 * The triggers of the command. What an interrupted run has left on another host goes when the command is replaced, as its deletion
 * removes it there.
 */
export function runTriggers(last: LastRun, host: string): string[] {
    const { done } = last;
    if (done === undefined) {
        return [ONCE];
    }
    return isOpen(last) && done.host !== host ? [ONCE, String(last.begun + 1)] : [...done.triggers];
}

/** The host where a run may go on that neither the command nor its deletion reaches; undefined where there is none. */
export const strayHost = (last: LastRun, host: string): string | undefined =>
    isOpen(last) && last.begunOn !== host && last.begunOn !== last.done?.host ? last.begunOn : undefined;
