import { main } from "../../lib/cli/main";

export interface CliResult {
    code: number;
    out: string;
    err: string;
}

/** Runs the command `fusion` in this process, with 100 characters a line. */
export async function runCli(
    argv: readonly string[],
    given: { stdin?: string; colour?: boolean } = {},
): Promise<CliResult> {
    const result: CliResult = { code: 0, out: "", err: "" };
    result.code = await main(argv, {
        stdin: async () => Buffer.from(given.stdin ?? ""),
        out: (text) => {
            result.out += text;
        },
        err: (text) => {
            result.err += text;
        },
        width: 100,
        colour: given.colour ?? false,
    });
    return result;
}
