import { stripVTControlCharacters } from "node:util";

/** Writes text with or without the colours of a terminal. */
export interface Paint {
    readonly bold: (text: string) => string;
    readonly faint: (text: string) => string;
    readonly bad: (text: string) => string;
    readonly warning: (text: string) => string;
    readonly good: (text: string) => string;
}

/** @param colour without it all text stays as it is */
export function paintOf(colour: boolean): Paint {
    const style = (on: number, off: number) => (text: string) =>
        colour && text !== "" ? `\u001b[${on}m${text}\u001b[${off}m` : text;
    return { bold: style(1, 22), faint: style(2, 22), bad: style(31, 39), warning: style(33, 39), good: style(32, 39) };
}

/** A name as a terminal may be given it: without characters that would steer it. */
export function plain(text: string): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
    return stripVTControlCharacters(text).replace(/[\u0000-\u001f\u007f-\u009f]/g, "\ufffd");
}

/** How many characters a text takes on a terminal, its colours left out. */
export const columns = (text: string): number => [...stripVTControlCharacters(text)].length;

/** The text, shortened in its middle to a number of characters. */
export function cut(text: string, width: number): string {
    const chars = [...text];
    if (chars.length <= width) return text;
    const tail = Math.floor((width - 1) / 2);
    return `${chars.slice(0, width - 1 - tail).join("")}…${chars.slice(chars.length - tail).join("")}`;
}

/** Each text shortened, to more than `width` where different ones would else look the same. */
export function cutAll(texts: readonly string[], width: number): string[] {
    const different = new Set(texts).size;
    const longest = Math.max(width, ...new Set(texts.map((text) => [...text].length)));
    for (let wide = width; wide < longest; wide++) {
        const short = texts.map((text) => cut(text, wide));
        if (new Set(short).size === different) return short;
    }
    return [...texts];
}

/** Breaks a text at spaces into lines; all but the first begin with `indent`. A word that is too long keeps its line. */
export function wrapText(text: string, width: number, indent = ""): string {
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(/ (?!%)/)) {
        const longer = line === "" ? word : `${line} ${word}`;
        if (line !== "" && columns(longer) > width - (lines.length > 0 ? indent.length : 0)) {
            lines.push(line);
            line = word;
        } else {
            line = longer;
        }
    }
    return [...lines, line].join(`\n${indent}`);
}

/** Rows as columns of equal width, two spaces between them; the last column is not filled up. */
export function table(rows: readonly (readonly string[])[], rightAligned: readonly number[] = []): string[] {
    const count = Math.max(0, ...rows.map((row) => row.length));
    const widths = Array.from({ length: count }, (_, i) => Math.max(0, ...rows.map((row) => columns(row[i] ?? ""))));
    return rows.map((row) =>
        row
            .map((cell, i) => {
                const fill = " ".repeat(Math.max(0, (widths[i] ?? 0) - columns(cell)));
                if (rightAligned.includes(i)) return fill + cell;
                return i === row.length - 1 ? cell : cell + fill;
            })
            .join("  ")
            .trimEnd(),
    );
}

/** A bar of ten characters in steps of an eighth, and the share in per cent. */
export function bar(share: number, paint: Paint): string {
    // Neither empty nor full where it is only nearly so.
    const eighths = share >= 1 ? 80 : share <= 0 ? 0 : Math.min(79, Math.max(1, Math.round(share * 80)));
    const full = "█".repeat(Math.floor(eighths / 8));
    const part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8] ?? "";
    const rest = "·".repeat(10 - columns(full + part));
    const colour = share > 1 ? paint.bad : share > 0.9 ? paint.warning : (text: string) => text;
    const rounded =
        share > 1 ? Math.max(101, Math.round(share * 100)) : share < 1 ? Math.min(99, Math.round(share * 100)) : 100;
    return `${colour(full + part)}${paint.faint(rest)} ${String(rounded).padStart(3)} %`;
}
