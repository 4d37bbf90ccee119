import { Secret } from "@pulumi/policy";
import { isRecord } from "../isRecord";
import { SECRET } from "../review/mask";

/**
 * What a policy is given as properties, as a preview shows it: secrets masked, what is known only later as the engine marks it.
 * `@pulumi/policy` hands out objects that unwrap secrets and throw at unknown values when one is looked at; the values below are as they are.
 */
export function plainValues(properties: object): Record<string, unknown> {
    const keys = Object.keys(properties).filter((key) => !key.startsWith("__"));
    return Object.fromEntries(keys.map((key) => [key, plain(rawValue(properties, key))]));
}

/** One property of a policy's properties. */
export function rawValue(properties: object, key: string): unknown {
    return Object.getOwnPropertyDescriptor(properties, key)?.value;
}

function plain(value: unknown): unknown {
    if (value instanceof Secret) return SECRET;
    if (Array.isArray(value)) return value.map(plain);
    if (!isRecord(value)) return value;
    // An asset or an archive, of other providers.
    if (Object.getPrototypeOf(value) !== Object.prototype) return {};
    return plainValues(value);
}
