import type { InputFault } from "../inputError";

/** What was found wrong so far. Readers add to it and go on with a harmless value, so that all faults come at once. */
export class Faults {
    readonly list: InputFault[] = [];

    add(propertyPath: string, reason: string): void {
        this.list.push({ propertyPath, reason });
    }
}

/** The value as the caller wrote it, short enough for a message. */
export function shown(value: unknown): string {
    const text = typeof value === "object" && value !== null ? written(value) : undefined;
    const plain = text ?? (typeof value === "string" ? JSON.stringify(value) : String(value));
    return plain.length > 60 ? `${plain.slice(0, 57)}...` : plain;
}

/** As JSON, of a value of any kind: one that goes in a circle, or too deep, has none. */
function written(value: object): string {
    try {
        return JSON.stringify(value) ?? "an object";
    } catch {
        return Array.isArray(value) ? "a list" : "an object";
    }
}

/** The names that would have been good, short enough for a message. */
export function named(names: Iterable<string>): string {
    const sorted = [...names].sort();
    if (sorted.length === 0) return "none";
    return sorted.length > 8 ? `${sorted.slice(0, 8).join(", ")} and ${sorted.length - 8} more` : sorted.join(", ");
}

/** `path.key`, or `path["key"]` where the key is no identifier, as Pulumi writes property paths. */
export function at(path: string, key: string): string {
    if (!/^[A-Za-z_][\w]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
    return path === "" ? key : `${path}.${key}`;
}

export function isObject(value: unknown): value is object {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The fields of a JSON object; none where it is left out. */
export function readFields(value: unknown, path: string, faults: Faults): Map<string, unknown> {
    if (value === undefined) return new Map();
    if (isObject(value)) return new Map(Object.entries(value));
    faults.add(path, `must be an object, got ${shown(value)}; give names and values, e.g. {"cpu": 500}`);
    return new Map();
}

/** Fields of which only `known` have a meaning: a requirement that is misspelt must not be lost silently. */
export function readKnown(
    value: unknown,
    path: string,
    known: readonly string[],
    faults: Faults,
): Map<string, unknown> {
    const fields = readFields(value, path, faults);
    for (const key of fields.keys()) {
        if (!known.includes(key)) faults.add(at(path, key), `is not known here; what can be given is ${named(known)}`);
    }
    return fields;
}

/** The elements of a JSON array; none where it is left out. */
export function readList(value: unknown, path: string, faults: Faults): readonly unknown[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    faults.add(path, `must be a list, got ${shown(value)}; put it in brackets, e.g. ["web"]`);
    return [];
}

export function readText(value: unknown, path: string, faults: Faults): string {
    if (typeof value === "string" && value !== "") return value;
    faults.add(path, `must be a text that is not empty, got ${shown(value)}; give a name, e.g. "web"`);
    return "";
}

/** A whole number of at least `least`. 2^53 - 1 is the largest that a JSON number carries exactly. */
export function readWhole(value: unknown, path: string, least: number, remedy: string, faults: Faults): number {
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
    faults.add(path, `must be a whole number from ${least} to 2^53 - 1, got ${shown(value)}; ${remedy}`);
    return least;
}

/** One of a few words, the first where it is left out. */
export function readChoice<T extends string>(
    value: unknown,
    path: string,
    choices: readonly [T, ...T[]],
    faults: Faults,
): T {
    const found = value === undefined ? choices[0] : choices.find((choice) => choice === value);
    if (found === undefined) faults.add(path, `must be one of ${choices.join(", ")}, got ${shown(value)}`);
    return found ?? choices[0];
}

/** A table of amounts, e.g. a capacity. */
export function readAmounts(value: unknown, path: string, faults: Faults): Map<string, number> {
    const amounts = new Map<string, number>();
    for (const [key, amount] of readFields(value, path, faults)) {
        amounts.set(key, readWhole(amount, at(path, key), 0, "choose a smaller unit, e.g. 250 millicores", faults));
    }
    return amounts;
}

/** A table of texts, e.g. labels. A text may be empty: a label can be a mere mark. */
export function readTexts(value: unknown, path: string, faults: Faults): Map<string, string> {
    const texts = new Map<string, string>();
    for (const [key, text] of readFields(value, path, faults)) {
        if (typeof text !== "string") faults.add(at(path, key), `must be a text, got ${shown(text)}; put it in quotes`);
        texts.set(key, typeof text === "string" ? text : "");
    }
    return texts;
}

/** A list of host ports. */
export function readPorts(value: unknown, path: string, faults: Faults): number[] {
    return readList(value, path, faults).flatMap((port, i) => {
        if (typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65535) return [port];
        faults.add(`${path}[${i}]`, `must be a port from 1 to 65535, got ${shown(port)}; give one such as 8080`);
        return [];
    });
}
