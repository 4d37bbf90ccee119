import { isRecord } from "../isRecord";
import { untilWritten } from "../untilWritten";
import { UsageError } from "./io";
import { type JsonFile, parsePrinted } from "./jsonFile";
import { runPulumi } from "./runPulumi";

/** Where and how pulumi is asked; by default in the current folder. */
export interface Asked {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
}

/**
 * Runs the preview of a stack, `""` for the selected one. A preview that fails says why in what it prints.
 *
 * @throws UsageError where it prints nothing, or fails and does not say why
 */
export async function askPreview(stack: string, where: Asked = {}): Promise<JsonFile> {
    const args = ["preview", "--json", "--show-sames", "--non-interactive", ...stackArgs(stack)];
    const { code, stdout, stderr } = await runPulumi(args, where);
    if (code !== 0 && !stdout.trimStart().startsWith("{")) {
        throw new UsageError(failed(args, stderr.trim() || stdout.trim() || `it ended with ${code}`));
    }
    const printed = parsePrinted(told(args), stdout);
    // A policy that refuses is not in what is printed.
    if (code !== 0 && !tellsError(printed.value)) {
        throw new UsageError(failed(args, stderr.trim() || `it ended with ${code}`));
    }
    return printed;
}

const tellsError = (value: unknown): boolean =>
    isRecord(value) &&
    Array.isArray(value.diagnostics) &&
    value.diagnostics.some((one: unknown) => isRecord(one) && one.severity === "error");

/** Asks for the state of a stack, `""` for the selected one, secrets encrypted. @throws UsageError where it cannot be had */
export async function askState(stack: string, where: Asked = {}): Promise<JsonFile> {
    const args = ["stack", "export", "--non-interactive", ...stackArgs(stack)];
    return untilWritten(async () => {
        const { code, stdout, stderr } = await runPulumi(args, where);
        if (code !== 0) throw new UsageError(failed(args, stderr.trim() || `it ended with ${code}`));
        return parsePrinted(told(args), stdout);
    });
}

const stackArgs = (stack: string): string[] => (stack === "" ? [] : ["--stack", stack]);
const told = (args: readonly string[]): string => `pulumi ${args.join(" ")}`;
const failed = (args: readonly string[], why: string): string => `${told(args)} failed: ${why}`;
