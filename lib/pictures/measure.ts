/** Widths of the characters from space to tilde in hundredths of the font size, of DejaVu Sans: the widest of usual fonts. */
const WIDTHS = [
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84,
    84, 84, 53, 100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61,
    69, 39, 34, 39, 84, 50, 50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59,
    82, 59, 59, 52, 64, 34, 64, 84,
];
/** Bold letters of the same font are at most this much wider. */
const BOLD = 1.15;

/** How wide a text is at most, in the units of `size`. A picture must not depend on the fonts of who looks at it. */
export function textWidth(text: string, size: number, bold = false): number {
    let hundredths = 0;
    for (const char of text) {
        const code = char.codePointAt(0) ?? 0;
        hundredths += WIDTHS[code - 32] ?? (code < 0x500 ? 85 : 100);
    }
    return (hundredths / 100) * size * (bold ? BOLD : 1);
}

/** The text, or as much of its beginning and end as is no wider than `width`: names differ most at their ends. */
export function shorten(text: string, width: number, size: number, bold = false): string {
    if (textWidth(text, size, bold) <= width) return text;
    const chars = [...text];
    for (let kept = chars.length - 1; kept >= 2; kept--) {
        const tail = Math.floor(kept / 2);
        const short = `${chars.slice(0, kept - tail).join("")}…${chars.slice(chars.length - tail).join("")}`;
        if (textWidth(short, size, bold) <= width) return short;
    }
    return textWidth("…", size, bold) <= width ? "…" : "";
}

/** Each text shortened, with a number at its end where different ones would else look the same. */
export function shortenAll(texts: readonly string[], width: number, size: number, bold = false): string[] {
    const short = texts.map((text) => shorten(text, width, size, bold));
    const meant = new Map<string, Set<string>>();
    for (const [i, text] of texts.entries())
        meant.set(short[i] ?? "", (meant.get(short[i] ?? "") ?? new Set()).add(text));
    return texts.map((text, i) => {
        const same = [...(meant.get(short[i] ?? "") ?? [])];
        if (same.length < 2) return short[i] ?? "";
        const end = ` (${same.indexOf(text) + 1})`;
        return `${shorten(text, width - textWidth(end, size, bold), size, bold)}${end}`;
    });
}

/** Breaks a text at its spaces into lines no wider than `width`. */
export function wrap(text: string, width: number, size: number): string[] {
    const lines: string[] = [];
    let line = "";
    for (const word of text.split(" ")) {
        const longer = line === "" ? word : `${line} ${word}`;
        if (line !== "" && textWidth(longer, size) > width) {
            lines.push(line);
            line = word;
        } else {
            line = longer;
        }
    }
    return [...lines, line].map((one) => shorten(one, width, size));
}
