import { locked } from "../lab/lock";
import { projectDir } from "../paths";

/**
 * Runs a command that works on this checkout's farm, one at a time. An error is shown by its message, and the exit code says
 * that there was one.
 */
export function main(work: () => Promise<void>): void {
    const waiting = () => console.error("  another npm start or npm stop of this checkout is at work; waiting for it");
    locked(`farm ${projectDir}`, waiting, work).catch((error: unknown) => {
        console.error(`\n${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
    });
}
