import { readFile } from "node:fs/promises";
import type { InputFault } from "../inputError";
import { type CliIo, UsageError } from "./io";
import { JsonSyntaxError, readJson } from "./readJson";

/** A file as it was read. */
export interface JsonFile {
    /** As messages call it. */
    readonly name: string;
    readonly value: unknown;
    /** Rounded numbers and keys that are there twice: see {@link strictly}. */
    readonly faults: readonly InputFault[];
}

/** Faults of a file that are shown; more would scroll away. */
const MOST_FAULTS = 50;

/**
 * Reads a JSON file, `-` for standard input.
 *
 * @throws UsageError that names the file, and line and column of what is no JSON
 */
export async function readJsonFile(file: string, io: Pick<CliIo, "stdin">): Promise<JsonFile> {
    const name = file === "-" ? "standard input" : file;
    return parseJsonFile(name, decode(name, file === "-" ? await io.stdin() : await readBytes(file)));
}

/** As {@link readJsonFile}, without the faults that only matter in a question; several times as fast. */
export async function readPrintedFile(file: string, io: CliIo): Promise<JsonFile> {
    const name = file === "-" ? "standard input" : file;
    return parsePrinted(name, decode(name, file === "-" ? await io.stdin() : await readBytes(file)));
}

/** As {@link readPrintedFile}, of a text that is there already. */
export function parsePrinted(name: string, text: string): JsonFile {
    try {
        return { name, value: JSON.parse(text), faults: [] };
    } catch {
        // It knows line and column.
        return parseJsonFile(name, text);
    }
}

/** As {@link readJsonFile}, of a text that is there already. */
export function parseJsonFile(name: string, text: string): JsonFile {
    if (text.trim() === "") throw new UsageError(`${name}: is empty; give a JSON object`);
    try {
        return { name, ...readJson(text) };
    } catch (error) {
        if (!(error instanceof JsonSyntaxError)) throw error;
        throw new UsageError(`${name}:${error.line}:${error.column}: ${error.message}`);
    }
}

/** The value of a file that a person or a program wrote as a question: no number of it may have been rounded. */
export function strictly({ name, value, faults }: JsonFile): unknown {
    if (faults.length > 0) throw new UsageError(faultLines(name, faults));
    return value;
}

/** A line a fault: file, path, what is wrong, remedy. */
export function faultLines(name: string, faults: readonly InputFault[]): string {
    const lines = faults
        .slice(0, MOST_FAULTS)
        .map(({ propertyPath, reason }) => [name, propertyPath, reason].filter((part) => part !== "").join(": "));
    if (faults.length > MOST_FAULTS) lines.push(`${name}: and ${faults.length - MOST_FAULTS} more`);
    return lines.join("\n");
}

async function readBytes(file: string): Promise<Uint8Array> {
    try {
        return await readFile(file);
    } catch (error) {
        const code = error instanceof Error && "code" in error ? error.code : undefined;
        if (code === "ENOENT")
            throw new UsageError(`${file}: is not there; give the path of a JSON file, or - for standard input`);
        if (code === "EISDIR") throw new UsageError(`${file}: is a folder; give the path of a JSON file`);
        throw new UsageError(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
}

function decode(name: string, bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    } catch {
        throw new UsageError(`${name}: is not UTF-8; save it in that encoding`);
    }
}
