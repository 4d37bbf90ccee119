import { createHash } from "node:crypto";
import type { Turn } from "./servicePorts";

/** A version of a service as it was brought to the swarm. */
export interface Brought {
    /** Hash of what its tasks are made of. */
    version: string;
    /** Which port of each pair it has. */
    turn: Turn;
    /** How often the version has been tried again: what makes Swarm begin anew. */
    attempt: number;
    /** Whether old tasks stop first this once, since those of two versions run and have both ports. */
    mixed: boolean;
}

/** What a manager says of a service whose last deployment was not completed. */
export interface InSwarm {
    /** The versions that may have tasks, that of the service first; none: there is no such service. */
    running: readonly Pick<Brought, "version" | "turn">[];
}

/**
 * The version of a service with files: a content that comes back is another secret, for which Swarm replaces the tasks, so that they
 * need other ports.
 *
 * @param counts file to the number of its secret
 */
export function withFiles(version: string, counts: readonly (readonly [string, number])[]): string {
    if (counts.every(([, count]) => count === 0)) return version;
    return createHash("sha256")
        .update(JSON.stringify([version, counts]))
        .digest("hex")
        .slice(0, 8);
}

const other = (turn: Turn): Turn => (turn === 0 ? 1 : 0);

/**
 * What is brought to the swarm now. A version that serves stays as it is. Any other gets the ports that the serving one has not
 * got, also when it was tried before and failed, and when the last deployment's has failed and the serving one comes back: for the
 * provider, which then changes the service, Swarm replaces all tasks.
 *
 * @param wanted the version of the program
 * @param last what the last deployment was to bring
 * @param served what the last completed deployment has brought
 * @param inSwarm undefined where no manager was asked, or none has answered
 */
export function nextBrought(
    wanted: string,
    last: Brought | undefined,
    served: Brought | undefined,
    inSwarm?: InSwarm,
): Brought {
    if (last === undefined) return { version: wanted, turn: 0, attempt: 0, mixed: false };
    if (isSame(last, served) && last.version === wanted) return last;
    const [running, ...more] = inSwarm === undefined ? [served ?? last] : inSwarm.running;
    if (running?.version === wanted && more.length === 0 && last.version === wanted && last.turn === running.turn)
        return last;
    // What is tried again is another attempt, also where the served version comes back: what waits for it must run again.
    const again = !isSame(last, served) && [last.version, served?.version].includes(wanted);
    const attempt = again ? Math.max(last.attempt, served?.attempt ?? 0) + 1 : 0;
    const turn = running === undefined ? last.turn : other(running.turn);
    return { version: wanted, turn, attempt, mixed: more.length > 0 };
}

/** Whether what was to be brought serves. */
export const isSame = (last: Brought | undefined, served: Brought | undefined): boolean =>
    last === undefined
        ? served === undefined
        : served !== undefined &&
          last.version === served.version &&
          last.turn === served.turn &&
          last.attempt === served.attempt;

/** What a record in the state says; undefined where it is none. */
export function readBrought(value: Readonly<Record<string, unknown>> | undefined): Brought | undefined {
    const { version, turn, attempt, mixed } = value ?? {};
    if (typeof version !== "string" || (turn !== 0 && turn !== 1)) return undefined;
    return { version, turn, attempt: typeof attempt === "number" ? attempt : 0, mixed: mixed === true };
}
