import { type Faults, isOutput, show } from "./faults";
import { isRecord } from "./isRecord";

/**
 * What an argument is like, as far as that decides whether it can be read at all: a text, true or false, a list, an object of
 * these names. `record` is an object of any names; what begins with `input` may be an Output; `number` is judged by its bounds.
 */
export type Shape =
    | "any"
    | "text"
    | "number"
    | "boolean"
    | "record"
    | "input"
    | "inputList"
    | "inputObject"
    | readonly [Shape]
    | { readonly [name: string]: Shape };

/**
 * The arguments without what cannot be read, so that further checks find what they expect: that is undefined, `{}` or `""`
 * then. It goes to `faults`, as does an argument of an unknown name, with the nearest known one; of what is told here nothing more is.
 *
 * @param path of the value, from the component's name on
 */
export function shaped<T>(path: string, value: T, shape: Shape, faults: Faults): T {
    return (read(path, value, shape, faults) ?? empty(shape)) as T;
}

function read(path: string, value: unknown, shape: Shape, faults: Faults): unknown {
    const wrong = reason(value, shape);
    if (wrong !== undefined) {
        faults.add(path, wrong);
        faults.cover(path);
        return undefined;
    }
    if (Array.isArray(shape) && Array.isArray(value)) {
        const [inner] = shape;
        return value.map((one, index) => {
            const good = read(`${path}[${index}]`, one, inner, faults);
            return good === undefined ? empty(inner) : good;
        });
    }
    return isNamed(shape) && isRecord(value) ? readNamed(path, value, shape, faults) : value;
}

function readNamed(
    path: string,
    value: Record<string, unknown>,
    shape: Named,
    faults: Faults,
): Record<string, unknown> {
    const clean: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value)) {
        if (inner === undefined) {
            continue;
        }
        const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
        if (known === undefined) {
            faults.add(`${path}.${name}`, `is no argument that is known; ${remedyFor(name, Object.keys(shape))}`);
            continue;
        }
        const good = read(`${path}.${name}`, inner, known, faults);
        if (good !== undefined) {
            clean[name] = good;
        }
    }
    return clean;
}

type Named = { readonly [name: string]: Shape };
const isNamed = (shape: Shape): shape is Named => typeof shape === "object" && !Array.isArray(shape);
const empty = (shape: Shape): unknown => (typeof shape === "object" ? (isNamed(shape) ? {} : []) : "");

/** Why a value cannot be read; undefined where it can. */
function reason(value: unknown, shape: Shape): string | undefined {
    const kind = typeof shape === "string" ? shape : isNamed(shape) ? "object" : "list";
    if (kind === "any") {
        return isCircular(value, []) ? CIRCULAR : undefined;
    }
    if (isOutput(value) || value instanceof Promise) {
        return kind.startsWith("input")
            ? undefined
            : `is an ${isOutput(value) ? "Output" : "unsettled promise"}; give a plain ${words[kind]}, which is known at preview`;
    }
    switch (kind) {
        case "text":
        case "input":
            return typeof value === "string" ? undefined : `must be a text, got ${said(value, shape)}`;
        case "boolean":
            return typeof value === "boolean" ? undefined : `must be true or false, got ${show(value)}`;
        case "list":
        case "inputList":
            return Array.isArray(value)
                ? undefined
                : `must be a list, got ${said(value, shape)}; ${isSecret(shape) ? "put it into one" : `give ${show([value])}`}`;
        case "number":
            return isCircular(value, []) ? CIRCULAR : undefined;
        default:
            return notAnObject(value, shape);
    }
}

const words: Readonly<Record<string, string>> = {
    ...{ text: "text", number: "number", boolean: "true or false", list: "list", record: "object", object: "object" },
};

/** Whether something of what is expected may be a secret. */
const isSecret = (shape: Shape): boolean =>
    typeof shape === "string"
        ? shape.startsWith("input")
        : (isNamed(shape) ? Object.values(shape) : [shape[0]]).some((inner) => inner !== shape && isSecret(inner));

/** The value, but of what may have a secret in it no more than what it is. */
function said(value: unknown, shape: Shape): string {
    if (!isSecret(shape) || value === null || value === undefined || isOutput(value)) {
        return show(value);
    }
    return Array.isArray(value)
        ? "a list"
        : isRecord(value)
          ? "an object"
          : `a ${typeof value === "string" ? "text" : typeof value}`;
}

function notAnObject(value: unknown, shape: Shape): string | undefined {
    const names = isNamed(shape) ? Object.keys(shape) : [];
    if (!isRecord(value)) {
        const example = names.length > 0 ? `; give one such as { ${names.slice(0, 3).join(", ")} }` : "";
        return `must be an object, got ${said(value, shape)}${example}`;
    }
    return names.length === 0 && isCircular(value, []) ? CIRCULAR : undefined;
}

const CIRCULAR = "has itself in it; give plain values";

/** Whether a plain value has itself in it; components and the like are no plain values. */
function isCircular(value: unknown, above: readonly unknown[]): boolean {
    const isPlain = Array.isArray(value) || (isRecord(value) && Object.getPrototypeOf(value) === Object.prototype);
    if (!isPlain) {
        return false;
    }
    return above.includes(value) || Object.values(value).some((inner) => isCircular(inner, [...above, value]));
}

/** What to write instead of a name that is not known. */
function remedyFor(name: string, known: readonly string[]): string {
    const [best] = known
        .map((other) => ({ other, far: other.startsWith(name) || name.startsWith(other) ? 1 : distance(name, other) }))
        .sort((a, b) => a.far - b.far);
    if (best !== undefined && best.far <= Math.max(2, name.length / 4)) {
        return `did you mean ${best.other}?`;
    }
    return known.length > 8 ? "see the README for those that are" : `there is ${known.join(", ")}`;
}

/** Letters to change, insert or leave out to make one word of another, upper and lower case alike (Levenshtein's distance). */
function distance(a: string, b: string): number {
    const to = b.toLowerCase();
    let row = Array.from({ length: to.length + 1 }, (_, i) => i);
    for (const [i, letter] of [...a.toLowerCase()].entries()) {
        const next = [i + 1];
        for (let j = 1; j <= to.length; j++) {
            const same = (row[j - 1] ?? 0) + (to[j - 1] === letter ? 0 : 1);
            next.push(Math.min(same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
        }
        row = next;
    }
    return row[to.length] ?? 0;
}
