import * as pulumi from "@pulumi/pulumi";
import type { Faults } from "./faults";

/**
 * Refuses, in arguments that are passed through to a provider's resource, what the component's own arguments say.
 *
 * @param owned what the library itself sets, and which argument says it
 */
export function checkOwned<T extends object>(
    path: string,
    given: Partial<T>,
    owned: Readonly<Partial<Record<keyof T, string>>>,
    faults: Faults,
): void {
    for (const key of Object.keys(given)) {
        const argument = Object.entries<string | undefined>(owned).find(([name]) => name === key)?.[1];
        if (argument !== undefined) {
            faults.add(`${path}.${key}`, `is what the library itself sets; use ${argument}`);
        }
    }
}

/**
 * A resource's arguments with what the user adds: a list goes behind the library's own, any other value takes its place.
 *
 * @param own what the library gives, on which its promises rest
 * @param more what {@link checkOwned} has let through
 */
export function mergeArgs<T extends object>(own: T, more: Partial<T> = {}): T {
    const merged: T = { ...own };
    for (const [key, value] of Object.entries(more)) {
        const before: unknown = Reflect.get(own, key);
        Reflect.set(merged, key, Array.isArray(before) ? behind(before, value) : value);
    }
    return merged;
}

function behind(own: readonly unknown[], more: unknown): unknown {
    // What of a plain list is not known yet must not make the rest of it unknown.
    return Array.isArray(more)
        ? [...own, ...more]
        : pulumi.output({ more }).apply(({ more: list }) => (Array.isArray(list) ? [...own, ...list] : own));
}
