/**
 * The one place where values become shell text. A word of safe characters stays readable; everything else is put in single
 * quotes, in which a POSIX shell interprets nothing.
 *
 * @throws Error for a NUL character, which no argument of a program can carry
 */
export function quote(word: string): string {
    if (word.includes("\0")) {
        throw new Error(`a shell word cannot contain a NUL character: ${JSON.stringify(word)}`);
    }
    return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** The words as one command line, each quoted. */
export function commandLine(words: readonly string[]): string {
    return words.map(quote).join(" ");
}

/**
 * A script for `sh`: assignments of the given variables, each quoted, before the body. The body refers to values by
 * variable only, so no value is ever read as shell text.
 *
 * @param variables name to value; written in the order of their names
 */
export function script(variables: Readonly<Record<string, string | number>>, body: string): string {
    const assignments = Object.keys(variables)
        .sort()
        .map((name) => `${name}=${quote(String(variables[name]))}\n`);
    return `set -eu\n${assignments.join("")}${body.trim()}\n`;
}
