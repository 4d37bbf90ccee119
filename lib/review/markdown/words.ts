/** A text within a line: what Markdown and HTML would take for their own is escaped, and nobody is mentioned. */
export function inline(text: string): string {
    return oneLine(text)
        .replace(/[\\*_[\]#~|]/g, "\\$&")
        .replace(/&/g, "&amp;")
        .replace(/</g, "&lt;")
        .replace(/>/g, "&gt;")
        .replace(/@/g, "&#64;");
}

/** As {@link inline}, where names may stand between single backticks already. */
export function withCode(text: string): string {
    return text
        .split(/(`[^`]*`)/)
        .map((part) => (/^`[^`]+`$/.test(part) ? code(part.slice(1, -1)) : inline(part.replaceAll("`", "'"))))
        .join("");
}

/** A name as code; in a table a bar would end the cell even there. */
export function code(text: string): string {
    const plain = oneLine(text).trim().replaceAll("|", "¦");
    if (plain === "") return "";
    return plain.includes("`") ? `\`\` ${plain} \`\`` : `\`${plain}\``;
}

/** Names that a cell has at the most. */
const MOST = 20;

/** Cells' names, the first of many with a word of how many more there are. */
export function some(names: readonly string[]): string {
    const more = names.length > MOST ? ` and ${names.length - MOST} more` : "";
    return `${names.slice(0, MOST).join(", ")}${more}`;
}

/** Lines between fences that nothing in them ends. */
export function fenced(language: string, lines: readonly string[]): string[] {
    const longest = Math.max(
        2,
        ...lines.map((line) => Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length))),
    );
    const fence = "`".repeat(longest + 1);
    return [`${fence}${language}`, ...lines, fence];
}

export function tableLines(
    head: readonly string[],
    rows: readonly (readonly string[])[],
): { head: string[]; lines: string[] } {
    const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    return { head: [row(head), row(head.map(() => "---"))], lines: rows.map(row) };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
const oneLine = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
