import { isRecord } from "../isRecord";

/** What the engine puts in the place of a secret. */
export const SECRET = "[secret]";
/** What the engine puts in the place of a value that is known only later. */
const UNKNOWN = new Set([
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);
const NAMES = /pass(word|wd|phrase)?$|secret|token|credential|private|^auth$|authorization|api_?key|chpasswd/i;

/** Whether a value, or a part of it, is known only later. */
export function isUnknown(value: unknown): boolean {
    if (typeof value === "string") return UNKNOWN.has(value);
    if (Array.isArray(value)) return value.some(isUnknown);
    return isRecord(value) && Object.values(value).some(isUnknown);
}

/** Whether a value, or a part of it, is masked by the engine. */
export function isMasked(value: unknown): boolean {
    if (typeof value === "string") return value.includes(SECRET);
    if (Array.isArray(value)) return value.some(isMasked);
    return isRecord(value) && Object.values(value).some(isMasked);
}

/**
 * A text that is shown as it is but for what looks like a secret that nobody has marked as one: private keys, passwords in URLs
 * and in HAProxy's own words, and what stands behind a word such as `password`, unless that is what {@link tellSecrets} says of it.
 */
export function maskText(text: string): string {
    return (
        text
            .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, SECRET)
            .replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, `$1${SECRET}@`)
            .replace(
                /\b(stats auth|insecure-password|authorization|x-api-key|bearer|basic)(["']?[ :=]+["']?)[^\s"']+.*$/gim,
                `$1$2${SECRET}`,
            )
            .replace(
                /(["']?[\w.-]*(?:passw(?:or)?d|passphrase|secret|token|api_?key|credential)s?["']?[ \t]*[:=][ \t]*)(?!\[secret\]|(?:changes|is new|goes)$)("[^"]*"|'[^']*'|\S+)/gim,
                `$1${SECRET}`,
            )
            .replace(
                /(?<![\w-])(--?[\w-]*(?:password|passphrase|secret|token|key|credentials?) +)("[^"]*"|'[^']*'|\S+)/gi,
                `$1${SECRET}`,
            )
            // HAProxy's list of users.
            .replace(/^(\s*user \S+ password )\S+/gm, `$1${SECRET}`)
    );
}

/** Lines of one text as {@link maskText} has them. */
export const maskLines = (lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : maskText(lines.join("\n")).split("\n");

/** A value with all its texts as {@link maskText} has them, and without what stands under a name such as `password`. */
export function maskValue(value: unknown): unknown {
    if (typeof value === "string") return maskText(value);
    if (Array.isArray(value)) return value.map(maskValue);
    if (!isRecord(value)) return value;
    return Object.fromEntries(
        Object.entries(value).map(([key, one]) => [key, NAMES.test(key) ? SECRET : maskValue(one)]),
    );
}
