/** Tells a person what a long step does, how far it is and how long it has taken. Writes to standard error. */
export interface Progress {
    /** Replaces the line that says how far the step is. */
    update(detail: string): void;
}

const seconds = (since: number): string => `${Math.round((Date.now() - since) / 1000)} s`;

/**
 * Runs one long step. On a terminal the line is redrawn each second; elsewhere a line is written every 15 seconds, so that
 * a CI log shows that the step lives.
 *
 * @param title what is done, in the present tense: "building the guest image"
 */
export async function step<T>(title: string, work: (progress: Progress) => Promise<T>): Promise<T> {
    const start = Date.now();
    const terminal = process.stderr.isTTY === true;
    let detail = "";
    const line = () => `  ${title}${detail ? `: ${detail}` : ""} (${seconds(start)})`;
    const timer = setInterval(
        () => process.stderr.write(terminal ? `\r\x1b[K${line().slice(0, process.stderr.columns - 1)}` : `${line()}\n`),
        terminal ? 1000 : 15_000,
    );
    const clear = terminal ? "\r\x1b[K" : "";
    try {
        const result = await work({ update: (text) => (detail = text) });
        process.stderr.write(`${clear}✓ ${title} (${seconds(start)})\n`);
        return result;
    } catch (error) {
        process.stderr.write(`${clear}✗ ${title} (${seconds(start)})\n`);
        throw error;
    } finally {
        clearInterval(timer);
    }
}
