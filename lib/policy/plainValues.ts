import { isRecord } from "../isRecord";
import { SECRET } from "../review/mask";

/**
 * What a policy is given as properties, as a preview shows it: secrets masked, what is known only later as the engine marks it.
 * `@pulumi/policy` hands out objects that unwrap secrets and throw at unknown values when one is looked at; the values below are as they are.
 *
 * @param names of those that are wanted; by default all
 */
export function plainValues(properties: object, names = Object.keys(properties)): Record<string, unknown> {
    const keys = names.filter((key) => !key.startsWith("__") && Object.hasOwn(properties, key));
    return Object.fromEntries(keys.map((key) => [key, plain(Object.getOwnPropertyDescriptor(properties, key)?.value)]));
}

function plain(value: unknown): unknown {
    if (isSecret(value)) return SECRET;
    if (Array.isArray(value)) return value.map(plain);
    if (!isRecord(value)) return value;
    // An asset or an archive, of other providers.
    if (Object.getPrototypeOf(value) !== Object.prototype) return {};
    return plainValues(value);
}

/** By name: the pack may have another copy of `@pulumi/policy` than this library finds. */
const isSecret = (value: unknown): boolean => value instanceof Object && value.constructor.name === "Secret";
