import { setTimeout as pause } from "node:timers/promises";

/** What reading a file says that has been begun, and is written yet. */
const CUT_OFF = /\bEOF\b|unexpected end of JSON input/;
const TRIES = 20;
const PAUSE_MS = 100;

/**
 * Reads a stack's state, again where the engine was just writing it down. In a folder of files, and only there, each file has one beside
 * it with its attributes that is written in place, so it is empty for a moment (`setAttrs` in `blob/fileblob` of the Go CDK).
 *
 * @throws what the last try throws
 */
export async function untilWritten<T>(read: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries++) {
        try {
            return await read();
        } catch (error) {
            if (tries === TRIES || !CUT_OFF.test(String(error))) throw error;
            await pause(PAUSE_MS);
        }
    }
}
