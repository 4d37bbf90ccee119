import { FAINT, LINE, PANEL } from "./colours";
import { Drawing } from "./drawing";
import { shortenAll, textWidth, wrap } from "./measure";
import { linesOf, type MoveLine, type PictureMove } from "./moveLines";
import { compareNames, count, sceneOf, withoutDomain } from "./scene";
import type { PictureInput, PictureOptions } from "./types";

const TOP = 100;
const FROM = { x: 24, width: 230 };
const TO = { x: 480, width: 230 };
/** The reasons have a column as wide as they need, up to this. */
const WHY = { x: 734, width: 400 };
const HEADER = 26;
const ROW = 28;
const GAP = 12;

/** Where the ends of the lines are, and how far down the boxes reach. */
interface Side {
    readonly boxes: readonly { readonly name: string; readonly y: number; readonly lines: readonly MoveLine[] }[];
    readonly at: ReadonlyMap<MoveLine, number>;
    readonly bottom: number;
}

/**
 * What moves between two placements as SVG: from where, to where, and why. More than 40 moves are drawn by service and
 * hosts, or by service and groups of hosts.
 *
 * @param input the placement after the moves
 * @param moved as an answer of `place` has it
 * @returns the text of an SVG file, the same for any order of the input
 */
export function drawMoves(input: PictureInput, moved: readonly PictureMove[], options: PictureOptions = {}): string {
    const scene = sceneOf(input, options);
    const lines = linesOf(scene, moved);
    const tallest = Math.max(
        heightOf(lines, ({ from }) => from),
        heightOf(lines, ({ to }) => to),
    );
    const left = sideOf(lines, ({ from }) => from, compareNames, tallest);
    const order = barycentres(lines, left);
    const right = sideOf(
        [...lines].sort((a, b) => (left.at.get(a) ?? 0) - (left.at.get(b) ?? 0)),
        ({ to }) => to,
        (a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || compareNames(a, b),
        tallest,
    );
    const shown = (host: string): string => withoutDomain(host, scene.domain);
    const told = lines.reduce((sum, line) => sum + line.moves, 0);
    const height = Math.max(left.bottom, right.bottom, TOP + 20) + (told < moved.length ? 40 : 20);
    const reasons = Math.min(WHY.width, Math.max(160, ...lines.map(({ why }) => textWidth(why, 11))));
    const width = WHY.x + reasons + 24;
    const drawing = new Drawing();
    const stay = Math.max(0, Object.keys(input.assignment).length - moved.length);
    const title = moved.length === 0 ? "Nothing moves" : `${count(moved.length, "replica")} moved`;
    drawing.text(24, 32, title, { size: 20, bold: true, width: width - 48 });
    drawing.text(24, 58, othersOf(input, stay), { size: 12, colour: FAINT, width: width - 48 });
    if (moved.length > 0) {
        for (const [x, head] of [
            [FROM.x, "from"],
            [TO.x, "to"],
            [WHY.x, "why"],
        ] as const) {
            drawing.text(x, TOP - 14, head, { size: 12, bold: true, colour: FAINT });
        }
    }
    drawSide(drawing, left, FROM, shown);
    drawSide(drawing, right, TO, shown);
    for (const line of lines) drawLine(drawing, line, left.at.get(line) ?? 0, right.at.get(line) ?? 0);
    if (told < moved.length) {
        const text = `and ${count(moved.length - told, "move")} more in smaller groups`;
        drawing.text(24, height - 24, text, { size: 12, colour: FAINT, width: width - 48 });
    }
    return drawing.svg(width, height, title, describe(lines));
}

/** What did not move: what was there before, and what is new. Without an earlier placement the two are one. */
function othersOf({ assignment, previous }: PictureInput, stay: number): string {
    const others = (number: number): string => (number === 1 ? "1 other" : `${number} others`);
    if (previous === undefined) return `${others(stay)} did not move.`;
    const fresh = Object.keys(assignment).filter((replica) => !Object.hasOwn(previous, replica)).length;
    const kept = Math.max(0, stay - fresh);
    const where = `${others(kept)} ${kept === 1 ? "is where it was" : "are where they were"}`;
    return `${where}, ${fresh} ${fresh === 1 ? "is" : "are"} new.`;
}

function describe(lines: readonly MoveLine[]): string {
    return lines.map(({ label, from, to, why }) => `${label} from ${from} to ${to}: ${why}.`).join(" ");
}

/** How tall a side is with its boxes as near to each other as they may be. */
function heightOf(lines: readonly MoveLine[], end: (line: MoveLine) => string): number {
    return new Set(lines.map(end)).size * (HEADER + 4 + GAP) + lines.length * ROW - GAP;
}

/** Puts the boxes of one side below each other, spread over `tall`. */
function sideOf(
    lines: readonly MoveLine[],
    end: (line: MoveLine) => string,
    compare: (a: string, b: string) => number,
    tall: number,
): Side {
    const at = new Map<MoveLine, number>();
    const names = [...new Set(lines.map(end))].sort(compare);
    const spare = (tall - heightOf(lines, end)) / Math.max(1, names.length);
    let y = TOP + spare / 2;
    const boxes = names.map((name) => {
        const box = { name, y, lines: lines.filter((line) => end(line) === name) };
        for (const [i, line] of box.lines.entries()) at.set(line, y + HEADER + (i + 0.5) * ROW);
        y += HEADER + box.lines.length * ROW + 4 + GAP + spare;
        return box;
    });
    return { boxes, at, bottom: y - GAP - spare / 2 };
}

/** For each host on the right the mean height of what comes to it, so that few lines cross. */
function barycentres(lines: readonly MoveLine[], left: Side): Map<string, number> {
    const names = [...new Set(lines.map(({ to }) => to))];
    return new Map(
        names.map((name) => {
            const arriving = lines.filter(({ to }) => to === name);
            return [name, arriving.reduce((sum, line) => sum + (left.at.get(line) ?? 0), 0) / arriving.length];
        }),
    );
}

function drawSide(
    drawing: Drawing,
    side: Side,
    { x, width }: { x: number; width: number },
    shown: (host: string) => string,
) {
    const names = side.boxes.map(({ name }) => shown(name));
    const short = shortenAll(names, width - 24, 12, true);
    for (const [i, { y, lines }] of side.boxes.entries()) {
        drawing.rect(x, y, width, HEADER + lines.length * ROW + 4, PANEL, { r: 6, stroke: LINE });
        drawing.text(x + 12, y + 15, short[i] ?? "", { size: 12, bold: true, width: width - 24 });
        for (const line of lines) {
            const middle = side.at.get(line) ?? 0;
            drawing.rect(x + 12, middle - 6, 12, 12, line.colour, { r: 3 });
            drawing.text(x + 32, middle, line.label, { size: 12, width: width - 44 });
        }
    }
}

function drawLine(drawing: Drawing, line: MoveLine, from: number, to: number) {
    drawing.group(`${line.label} from ${line.from} to ${line.to}: ${line.why}`, () => {
        const wide = 1.5 + Math.min(6, Math.log2(line.moves));
        const end = TO.x - 4;
        drawing.curve({ x: FROM.x + FROM.width, y: from }, { x: end - 8, y: to }, wide, line.colour, 0.75);
        drawing.arrow(end, to, 10, line.colour);
    });
    const lines = wrap(line.why, WHY.width, 11);
    const [first = "", second] = lines;
    if (second === undefined) {
        drawing.text(WHY.x, to, first, { size: 11, colour: FAINT, width: WHY.width });
    } else {
        const rest = lines.length > 2 ? `${lines.slice(1).join(" ")}` : second;
        drawing.text(WHY.x, to - 6.5, first, { size: 11, colour: FAINT, width: WHY.width });
        drawing.text(WHY.x, to + 6.5, rest, { size: 11, colour: FAINT, width: WHY.width });
    }
}
