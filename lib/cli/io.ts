/** What the command reads and writes; tests have their own. */
export interface CliIo {
    /** Standard input, to its end. */
    stdin(): Promise<Uint8Array>;
    out(text: string): void;
    err(text: string): void;
    /** Characters a line, from 60 to 120. */
    readonly width: number;
    /** Whether the output is a terminal that shows colours. */
    readonly colour: boolean;
}

/** Wrong use of the command: the message says what to do instead. Exit code 2. */
export class UsageError extends Error {
    constructor(message: string) {
        super(message);
        this.name = "UsageError";
    }
}
