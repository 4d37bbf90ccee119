/** Runs a command of this repository: an error is shown by its message, and the exit code says that there was one. */
export function main(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
        console.error(`\n${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
    });
}
