import type { Bounds } from "./types";

/** Nine decimals: what is beyond is rounding, and would differ from machine to machine. */
export function tidy(value: number): number {
    return Math.round(value * 1e9) / 1e9 + 0;
}

/** The same of bounds, rounded outwards unless both are equal. */
export function tidyBounds({ low, high }: Bounds): Bounds {
    if (tidy(low) === tidy(high)) return { low: tidy(low), high: tidy(high) };
    return { low: Math.floor(low * 1e9) / 1e9 + 0, high: Math.ceil(high * 1e9) / 1e9 + 0 };
}

/** A figure for a sentence: `0.5`, `12`, or `4.1 to 4.6`. */
export function figure({ low, high }: Bounds): string {
    const [a, b] = [short(low), short(high)];
    return a === b ? a : `${a} to ${b}`;
}

/** Three digits, at least the whole part. */
export function short(value: number): string {
    return String(Number(value >= 100 ? value.toFixed(0) : value.toPrecision(3)));
}

/** `33 %` */
export function percent(share: number): string {
    return `${Math.round(share * 100)} %`;
}

/** `vm1, vm2 and vm3`; of more than four the first three and how many others. */
export function listed(names: readonly string[], word: string, total = names.length): string {
    if (total > 4) return `${names.slice(0, 3).join(", ")} ${word} ${total - 3} others`;
    return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
}

/** `1 replica`, `2 replicas` */
export function counted(count: number, what: string): string {
    return `${count} ${what}${count === 1 ? "" : "s"}`;
}
