import type { InputFault } from "../inputError";
import { at, shown } from "../placement/read";

/** Where a text is no JSON. Lines and columns count from 1. */
export class JsonSyntaxError extends Error {
    constructor(
        message: string,
        readonly line: number,
        readonly column: number,
    ) {
        super(message);
        this.name = "JsonSyntaxError";
    }
}

/** A value as JSON.parse would give it, and what JSON.parse would have kept silent about. */
export interface JsonReading {
    readonly value: unknown;
    /** Keys that are there twice, and numbers that would have been rounded, each with its path. */
    readonly faults: readonly InputFault[];
}

/** Deeper nesting than any input needs; the stack would end at some thousands. */
const DEEPEST = 200;

/**
 * Reads JSON strictly. JSON.parse takes the last of two equal keys and rounds 9007199254740993 without a word: both would
 * give a wrong answer to a question that nobody asked.
 *
 * @throws JsonSyntaxError where the text is no JSON
 */
export function readJson(text: string): JsonReading {
    const reader = new Reader(text);
    const value = reader.value("", 0);
    reader.end();
    return { value, faults: reader.faults };
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE: ReadonlySet<string | undefined> = new Set([" ", "\t", "\r", "\n"]);

class Reader {
    readonly faults: InputFault[] = [];
    private position = 0;

    constructor(private readonly text: string) {}

    value(path: string, depth: number): unknown {
        if (depth > DEEPEST) this.fail(`is nested more than ${DEEPEST} deep`);
        this.skipSpace();
        const first = this.text[this.position];
        if (first === "{") return this.object(path, depth);
        if (first === "[") return this.list(path, depth);
        if (first === '"') return this.string();
        for (const [word, value] of [
            ["true", true],
            ["false", false],
            ["null", null],
        ] as const) {
            if (this.text.startsWith(word, this.position)) {
                this.position += word.length;
                return value;
            }
        }
        return this.number(path);
    }

    end(): void {
        this.skipSpace();
        if (this.position < this.text.length) this.fail(`has ${this.found()} after its end`);
    }

    private object(path: string, depth: number): unknown {
        const entries = new Map<string, unknown>();
        this.position++;
        this.skipSpace();
        while (!this.take("}")) {
            if (entries.size > 0) this.expect(",", 'a comma or "}"');
            this.skipSpace();
            if (this.text[this.position] !== '"')
                this.fail(`has ${this.found()} where a name in double quotes must be`);
            const key = this.string();
            const where = at(path, key);
            if (entries.has(key))
                this.faults.push({ propertyPath: where, reason: "is given twice; leave one of them out" });
            this.expect(":", "a colon");
            entries.set(key, this.value(where, depth + 1));
            this.skipSpace();
        }
        return Object.fromEntries(entries);
    }

    private list(path: string, depth: number): unknown[] {
        const items: unknown[] = [];
        this.position++;
        this.skipSpace();
        while (!this.take("]")) {
            if (items.length > 0) this.expect(",", 'a comma or "]"');
            items.push(this.value(`${path}[${items.length}]`, depth + 1));
            this.skipSpace();
        }
        return items;
    }

    private string(): string {
        const start = this.position;
        let end = start + 1;
        for (; end < this.text.length && this.text[end] !== '"'; end++) {
            if (this.text[end] === "\\") end++;
        }
        try {
            const value: string = JSON.parse(this.text.slice(start, end + 1));
            this.position = end + 1;
            return value;
        } catch {
            this.fail("has a text that does not end on its line, or with a character that must be escaped");
        }
    }

    private number(path: string): number {
        NUMBER.lastIndex = this.position;
        const token = NUMBER.exec(this.text)?.[0];
        if (token === undefined) this.fail(`has ${this.found()} where a value must be`);
        this.position += token.length;
        const value = Number(token);
        if (isRounded(token, value)) {
            const reason = `is a number that would be rounded, got ${token.length > 40 ? `${token.slice(0, 40)}...` : token}`;
            this.faults.push({ propertyPath: path, reason: `${reason}; give a whole number up to 2^53 - 1` });
        }
        return value;
    }

    private skipSpace(): void {
        while (SPACE.has(this.text[this.position])) this.position++;
    }

    private take(char: string): boolean {
        if (this.text[this.position] !== char) return false;
        this.position++;
        return true;
    }

    private expect(char: string, what: string): void {
        this.skipSpace();
        if (!this.take(char)) this.fail(`has ${this.found()} where ${what} must be`);
    }

    private found(): string {
        const char = this.text.codePointAt(this.position);
        return char === undefined ? "its end" : shown(String.fromCodePoint(char));
    }

    private fail(message: string): never {
        const before = this.text.slice(0, this.position).split("\n");
        throw new JsonSyntaxError(message, before.length, [...(before.at(-1) ?? "")].length + 1);
    }
}

/** Whether a number is another than its text says, where that can matter: amounts and counts are whole numbers. */
function isRounded(token: string, value: number): boolean {
    if (!Number.isFinite(value) || Math.abs(value) > Number.MAX_SAFE_INTEGER) return true;
    if (!Number.isInteger(value)) return false;
    const [, whole = "", fraction = "", exponent = "0"] = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
    const digits = whole + fraction;
    const zeros = /0*$/.exec(digits)?.[0].length ?? 0;
    return zeros < digits.length && Number(exponent) - fraction.length + zeros < 0;
}
