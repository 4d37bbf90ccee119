// How Pulumi marks values on the wire.
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
export type Values = { [key: string]: Value };

/** A value not known before its resource exists. */
export const unknown: Value = UNKNOWN;

/** A value that the engine encrypts in its state and hides in its output. */
export const secret = (value: Value): Value => ({ [SIGNATURE]: SECRET, value });

const isSecret = (value: Value): value is { value: Value } =>
    typeof value === "object" && value !== null && !Array.isArray(value) && value[SIGNATURE] === SECRET;

/** The value without the marks of its secrets. */
export function reveal(value: Value): Value {
    if (isSecret(value)) {
        return reveal(value.value);
    }
    if (Array.isArray(value)) {
        return value.map(reveal);
    }
    return typeof value === "object" && value !== null
        ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, reveal(item)]))
        : value;
}

/** Whether the value or anything in it fulfils the test. */
function some(value: Value, test: (value: Value) => boolean): boolean {
    return (
        test(value) || (typeof value === "object" && value !== null && Object.values(value).some((v) => some(v, test)))
    );
}

export const hasSecret = (value: Value): boolean => some(value, isSecret);

export const hasUnknown = (value: Value): boolean => some(value, (item) => item === UNKNOWN);

/** Whether two values are the same, the order of keys aside. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
    if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
        return a === b;
    }
    const keys = Object.keys(a);
    const [left, right] = [a as Values, b as Values];
    return (
        Array.isArray(a) === Array.isArray(b) &&
        keys.length === Object.keys(b).length &&
        keys.every((key) => equal(left[key], right[key]))
    );
}
