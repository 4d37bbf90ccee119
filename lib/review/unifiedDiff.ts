interface Line {
    readonly mark: " " | "+" | "-";
    readonly text: string;
}

/** Pairs of lines that are compared at most; of texts with more, what is between their common ends counts as changed. */
const MOST = 4_000_000;

/**
 * The difference of two texts as `diff -u` writes it, without the two lines of file names; "" where there is none.
 *
 * @param context lines shown around each change
 */
export function unifiedDiff(before: string, after: string, context = 3): string {
    const lines = compare(split(before), split(after));
    const changed = lines.flatMap(({ mark }, i) => (mark === " " ? [] : [i]));
    const hunks: [number, number][] = [];
    for (const i of changed) {
        const from = Math.max(0, i - context);
        const to = Math.min(lines.length, i + context + 1);
        const last = hunks.at(-1);
        if (last !== undefined && from <= last[1]) last[1] = to;
        else hunks.push([from, to]);
    }
    return hunks.map(([from, to]) => hunk(lines, from, to)).join("");
}

const split = (text: string): string[] => (text === "" ? [] : text.replace(/\n$/, "").split("\n"));

function hunk(lines: readonly Line[], from: number, to: number): string {
    const shown = lines.slice(from, to);
    const range = (other: string) => {
        const above = lines.slice(0, from).filter(({ mark }) => mark !== other).length;
        const count = shown.filter(({ mark }) => mark !== other).length;
        return `${count === 0 ? above : above + 1},${count}`;
    };
    return `@@ -${range("+")} +${range("-")} @@\n${shown.map(({ mark, text }) => `${mark}${text}\n`).join("")}`;
}

/** By the longest common subsequence (Wagner and Fischer, 1974) of what is between the common beginning and end. */
function compare(a: readonly string[], b: readonly string[]): Line[] {
    let head = 0;
    while (head < a.length && head < b.length && a[head] === b[head]) head++;
    let tail = 0;
    while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail++;
    const as =
        (mark: Line["mark"]) =>
        (text: string): Line => ({ mark, text });
    return [
        ...a.slice(0, head).map(as(" ")),
        ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
        ...a.slice(a.length - tail).map(as(" ")),
    ];
}

function middle(a: readonly string[], b: readonly string[]): Line[] {
    if (a.length * b.length > MOST) {
        return [...a.map((text): Line => ({ mark: "-", text })), ...b.map((text): Line => ({ mark: "+", text }))];
    }
    const width = b.length + 1;
    const common = new Uint32Array((a.length + 1) * width);
    for (let i = a.length - 1; i >= 0; i--) {
        for (let j = b.length - 1; j >= 0; j--) {
            common[i * width + j] =
                a[i] === b[j]
                    ? (common[(i + 1) * width + j + 1] ?? 0) + 1
                    : Math.max(common[(i + 1) * width + j] ?? 0, common[i * width + j + 1] ?? 0);
        }
    }
    const lines: Line[] = [];
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
        if (i < a.length && j < b.length && a[i] === b[j]) {
            lines.push({ mark: " ", text: a[i] ?? "" });
            i++;
            j++;
        } else if (
            i < a.length &&
            (j === b.length || (common[(i + 1) * width + j] ?? 0) >= (common[i * width + j + 1] ?? 0))
        ) {
            lines.push({ mark: "-", text: a[i++] ?? "" });
        } else {
            lines.push({ mark: "+", text: b[j++] ?? "" });
        }
    }
    return lines;
}
