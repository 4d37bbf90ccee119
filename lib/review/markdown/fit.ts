/** A part of a review that can be folded and cut. */
export interface Section {
    /** Its title; "" for the one that begins the review. */
    readonly title: string;
    /** Before the lines, never cut: a table's head, a fence. */
    readonly head: readonly string[];
    readonly lines: readonly string[];
    /** Behind the lines: what closes a fence. */
    readonly foot: readonly string[];
    /** Whether it is folded; a long one is, whatever this says, where `folds`. */
    readonly folded: boolean;
    readonly folds: boolean;
    /** Whether it is cut as a whole, since a part of it would mean nothing. */
    readonly whole?: boolean;
    /** The lower, the earlier it is cut. */
    readonly weight: number;
}

/** What a comment may have on GitHub, less some for what is added around it. */
export const MOST_CHARACTERS = 65_000;
/** Lines from which on a section that may is folded. */
const LONG = 40;
/** What the note of sections that are left out has at most. */
const NOTE_CHARACTERS = 200;
/** A line that is longer is cut in any case. */
const LONGEST_LINE = 2_000;

/** Writes the sections, with the details cut first that weigh least, so that all of it has at most so many characters. */
export function fitted(sections: readonly Section[], most = MOST_CHARACTERS): string {
    const all = sections.map((one) => ({ ...one, lines: one.lines.map(cutLine), cut: 0 }));
    const size = () => all.reduce((sum, one) => sum + write(one).length, 0);
    for (const section of [...all].sort((a, b) => a.weight - b.weight)) {
        const excess = size() - most;
        if (excess <= 0) break;
        let saved = -200;
        while ((saved < excess || section.whole) && section.lines.length > 0) {
            saved += (section.lines.pop()?.length ?? 0) + 1;
            section.cut += 1;
        }
    }
    return withoutSections(
        all.map((section) => ({ section, text: write(section) })),
        most,
    );
}

/** Leaves out sections that have been cut to nothing, the last of those that weigh least first, where even their titles are too many. */
function withoutSections(all: readonly { section: Section; text: string }[], most: number): string {
    const order = [...all].reverse().sort((a, b) => a.section.weight - b.section.weight);
    let size = all.reduce((sum, { text }) => sum + text.length, 0);
    if (size <= most) return all.map(({ text }) => text).join("");
    const left = new Set(all);
    for (const one of order.filter(({ section }) => section.lines.length === 0)) {
        if (size + NOTE_CHARACTERS <= most) break;
        left.delete(one);
        size -= one.text.length;
    }
    const count = all.length - left.size;
    const note = `\n_${count} section${count === 1 ? " is" : "s are"} left out here, to fit into a comment: \`pulumi preview --diff\` has all._\n`;
    return `${[...left].map(({ text }) => text).join("")}${note}`;
}

const cutLine = (line: string): string => (line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line);

function write({ title, head, lines, foot, folded, folds, cut }: Section & { cut: number }): string {
    const note =
        cut === 0
            ? []
            : [
                  "",
                  `_${cut} more line${cut === 1 ? " is" : "s are"} cut here, to fit into a comment: \`pulumi preview --diff\` has all._`,
              ];
    const shown = lines.length === 0 && cut > 0 ? note : [...head, ...lines, ...foot, ...note];
    const body = shown.join("\n");
    if (title === "") return `${body}\n`;
    const fold = folded || (folds && lines.length > LONG);
    return fold
        ? `\n<details><summary><b>${asHtml(title)}</b> (${lines.length + cut} line${lines.length + cut === 1 ? "" : "s"})</summary>\n\n${body}\n\n</details>\n`
        : `\n### ${title}\n\n${body}\n`;
}

/** Markdown is not read within a summary. */
const asHtml = (title: string): string =>
    title
        .replace(/&/g, "&amp;")
        .replace(/</g, "&lt;")
        .replace(/>/g, "&gt;")
        .replace(/`([^`]*)`/g, "<code>$1</code>");
