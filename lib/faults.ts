import * as ipaddr from "ipaddr.js";
import { FusionInputError, type InputFault } from "./inputError";

/** Collects what is wrong with arguments, so that all of it is told at once. */
export class Faults {
    private readonly list: InputFault[] = [];
    private readonly covered: string[] = [];
    /** Whether one of the faults is a change that is refused: what it is about is there, and stays. */
    refusesChange = false;

    /**
     * @param propertyPath the argument, from the component's name on: `vm1.address`
     * @param reason what is wrong, the value, and the remedy
     */
    add(propertyPath: string, reason: string): void {
        const told = this.covered.some(
            (path) => propertyPath.startsWith(path) && /^($|[.[])/.test(propertyPath.slice(path.length)),
        );
        if (!told) {
            this.list.push({ propertyPath, reason });
        }
    }

    /** Of an argument and what is in it nothing more is to be told: what it is has been, and all else would follow from that. */
    cover(propertyPath: string): void {
        this.covered.push(propertyPath);
    }

    /** Adds what another check threw, its paths below `prefix`. */
    addFrom(error: FusionInputError, prefix: string): void {
        for (const fault of error.errors) {
            this.add(`${prefix}.${fault.propertyPath}`, fault.reason);
        }
    }

    get size(): number {
        return this.list.length;
    }

    /** The error that tells all faults, sorted by path. */
    error(): FusionInputError {
        return new FusionInputError([...this.list].sort((a, b) => (a.propertyPath < b.propertyPath ? -1 : 1)));
    }

    throwIfAny(): void {
        if (this.list.length > 0) {
            throw this.error();
        }
    }

    /** A whole number within bounds. */
    integer(path: string, value: unknown, least: number, most: number, example: string): void {
        if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
            this.add(path, `must be a whole number from ${least} to ${most}, got ${show(value)}; ${example}`);
        }
    }

    port(path: string, value: unknown): void {
        this.integer(path, value, 1, 65535, "give a TCP port such as 80");
    }

    /** A name that the field's programs (libvirt, Docker, HAProxy) all take. */
    name(path: string, value: unknown): void {
        if (typeof value !== "string" || !/^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$/.test(value)) {
            this.add(
                path,
                `is a name that libvirt, Docker or HAProxy would not take: ${show(value)}; use up to 50 letters, digits, '.', '_' and '-', beginning with a letter or digit`,
            );
        }
    }

    /** A text, or what Pulumi knows only later. */
    input(path: string, value: unknown): void {
        if (typeof value !== "string" && !isOutput(value) && !(value instanceof Promise)) {
            this.add(path, `must be a text, got ${show(value)}; put it into quotes`);
        }
    }

    /** Something else than the component that is wanted. */
    noComponent(path: string, value: unknown, type: string): void {
        this.add(path, `must be a ${type}, got ${show(value)}; give what new ${type}(...) has made`);
    }

    /** Text on one line, without control characters. */
    line(path: string, value: unknown, what: string): void {
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
        if (typeof value !== "string" || value === "" || /[\u0000-\u001f\u007f]/.test(value)) {
            this.add(path, `must be ${what} on one line, got ${show(value)}`);
        }
    }

    oneOf<T extends string>(path: string, value: unknown, choices: readonly T[]): void {
        if (!choices.some((choice) => choice === value)) {
            this.add(path, `is not known: ${show(value)}; use one of ${choices.map((c) => `"${c}"`).join(", ")}`);
        }
    }

    /** An IPv4 address in dotted form. Returns whether it is one. */
    ipv4(path: string, value: unknown): value is string {
        if (typeof value === "string" && ipaddr.IPv4.isValidFourPartDecimal(value)) {
            return true;
        }
        this.add(path, `is not an IPv4 address: ${show(value)}; give one such as "10.77.0.11"`);
        return false;
    }
}

/** Whether a value is one that Pulumi knows only later. */
export const isOutput = (value: unknown): boolean =>
    typeof value === "object" && value !== null && Reflect.get(value, "__pulumiOutput") === true;

/** A value as it stands in a message: JSON, shortened. */
export function show(value: unknown): string {
    if (isOutput(value)) {
        return "an Output";
    }
    if (typeof value === "number" || typeof value === "bigint") {
        return String(value);
    }
    const text = typeof value === "function" ? "a function" : (json(value) ?? String(value));
    return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

function json(value: unknown): string | undefined {
    try {
        return JSON.stringify(value, (_, inner) => (isOutput(inner) ? "an Output" : inner));
    } catch {
        return "an object that has itself in it";
    }
}
