import { FAINT, heat, INK, inkOn, PANEL, TRACK } from "./colours";
import { Drawing } from "./drawing";
import { shortenAll, textWidth } from "./measure";
import { count, groupNames, meanShare, percent, type Scene, type SceneHost, sceneOf } from "./scene";
import type { PictureInput, PictureOptions } from "./types";

/** A line of the table: a host, or the name of a group. */
type Line = { readonly host: SceneHost } | { readonly group: string };

interface Sizes {
    readonly lineHeight: number;
    readonly letters: number;
    readonly nameWidth: number;
    readonly cellWidth: number;
}

const TOP = 96;
const LEFT = 24;
const GAP = 22;
const LEGEND = 250;

/**
 * A heat map as SVG: a line a host, a column a dimension, light for empty and dark for full. Many hosts are set in
 * several columns of lines.
 *
 * @returns the text of an SVG file, the same for any order of the input
 */
export function drawLoad(input: PictureInput, options: PictureOptions = {}): string {
    const scene = sceneOf(input, options);
    const lines: Line[] = scene.groups.flatMap((group) => [
        ...(scene.groupBy === undefined ? [] : [{ group: `${scene.groupBy} ${group.name || "(none)"}` }]),
        ...group.hosts.map((host) => ({ host })),
    ]);
    const natural = sizesOf(scene);
    const blockWidth = natural.nameWidth + scene.dimensions.length * natural.cellWidth;
    const blocks = blocksOf(lines, natural.lineHeight, blockWidth + GAP);
    const width = Math.max(640, LEFT * 2 + blocks.length * (blockWidth + GAP) - GAP);
    const spare = width - LEFT * 2 - blocks.length * (blockWidth + GAP) + GAP;
    const wider = spare / blocks.length / Math.max(1, scene.dimensions.length);
    const sizes = { ...natural, cellWidth: natural.cellWidth + Math.min(200, wider) };
    const stride = sizes.nameWidth + scene.dimensions.length * sizes.cellWidth + GAP;
    const height = TOP + 24 + Math.max(...blocks.map((block) => block.length)) * sizes.lineHeight + 24;
    const drawing = new Drawing();
    const title = `Load of ${count(scene.hosts.length, "host")}`;
    drawing.text(LEFT, 32, title, { size: 20, bold: true, width: width - LEFT * 2 });
    drawing.text(LEFT, 58, summary(scene), { size: 12, colour: FAINT, width: width - LEFT * 2 - LEGEND - 16 });
    drawLegend(drawing, width - LEFT - LEGEND, 50);
    for (const [i, block] of blocks.entries()) drawBlock(drawing, scene, block, LEFT + i * stride, sizes);
    return drawing.svg(width, height, title, summary(scene));
}

function summary(scene: Scene): string {
    if (scene.dimensions.length === 0) return "No host names a capacity.";
    return scene.dimensions
        .map((dimension, i) => `${dimension} ${percent(meanShare(scene.hosts, i))}`)
        .join(", ")
        .concat(" of all that there is.");
}

function sizesOf(scene: Scene): Sizes {
    const n = scene.hosts.length;
    const [lineHeight, letters, least] = n <= 12 ? [30, 13, 96] : n <= 60 ? [22, 11, 60] : [15, 9, 36];
    const head = Math.min(letters, 11);
    const cells = scene.dimensions.map((dimension) => Math.min(110, textWidth(dimension, head) + 8));
    const names = scene.hosts.map(({ label }) => Math.min(140, textWidth(label, letters) + 10));
    return {
        lineHeight,
        letters,
        nameWidth: Math.max(48, textWidth(`${scene.groupBy ?? ""} `, letters) + 20, ...names),
        cellWidth: Math.max(least, ...cells),
    };
}

/** Cuts the lines into columns so that the picture is about half as wide again as it is high. */
function blocksOf(lines: readonly Line[], lineHeight: number, blockWidth: number): Line[][] {
    const ratio = (blocks: number): number =>
        Math.abs(Math.log((blocks * blockWidth) / (Math.ceil(lines.length / blocks) * lineHeight + 100) / 1.6));
    let best = 1;
    for (let blocks = 2; blocks <= lines.length / 8; blocks++) if (ratio(blocks) < ratio(best)) best = blocks;
    const size = Math.ceil(lines.length / best);
    const cut: Line[][] = [];
    for (let at = 0; at < lines.length; ) {
        let end = Math.min(lines.length, at + size);
        // A group's name does not stand alone at the foot of a column.
        const last = lines[end - 1];
        if (end < lines.length && end - at > 1 && last !== undefined && "group" in last) end--;
        cut.push(lines.slice(at, end));
        at = end;
    }
    return cut.length === 0 ? [[]] : cut;
}

function drawBlock(drawing: Drawing, scene: Scene, block: readonly Line[], x: number, sizes: Sizes) {
    const { lineHeight, letters, nameWidth, cellWidth } = sizes;
    const wide = nameWidth + scene.dimensions.length * cellWidth;
    for (const [d, dimension] of scene.dimensions.entries()) {
        const middle = x + nameWidth + (d + 0.5) * cellWidth;
        const size = Math.min(letters, 11);
        drawing.text(middle, TOP + 6, dimension, { size, colour: FAINT, anchor: "middle", width: cellWidth - 4 });
    }
    const names = groupNames(scene);
    const short = shortenAll(names, wide - 8, letters, true);
    for (const [i, line] of block.entries()) {
        const y = TOP + 20 + i * lineHeight;
        const middle = y + lineHeight / 2;
        if ("group" in line) {
            drawing.rect(x, y + 1, wide, lineHeight - 2, PANEL);
            drawing.text(x + 4, middle, short[names.indexOf(line.group)] ?? line.group, {
                size: letters,
                bold: true,
                width: wide - 8,
            });
            continue;
        }
        drawing.text(x + 4, middle, line.host.label, { size: letters, width: nameWidth - 8 });
        for (const [d, load] of line.host.loads.entries()) {
            const left = x + nameWidth + d * cellWidth;
            const dimension = scene.dimensions[d] ?? "";
            const told = load === undefined ? "not offered" : `${load.used} of ${load.capacity}`;
            drawing.group(`${line.host.name}, ${dimension}: ${told}`, () => {
                const colour = load === undefined ? TRACK : heat(load.share);
                drawing.rect(left + 1, y + 1, cellWidth - 2, lineHeight - 2, colour, { r: 2 });
                const style = { size: letters, colour: load === undefined ? FAINT : inkOn(colour) };
                const shown = load === undefined ? "–" : percent(load.share);
                drawing.text(left + cellWidth / 2, middle, shown, { ...style, anchor: "middle", width: cellWidth - 4 });
            });
        }
    }
}

function drawLegend(drawing: Drawing, x: number, y: number) {
    const steps = 9;
    const wide = (LEGEND - 90) / steps;
    drawing.text(x + 38, y + 8, "empty", { size: 11, colour: FAINT, anchor: "end", width: 38 });
    for (let i = 0; i < steps; i++) {
        drawing.rect(x + 46 + i * wide, y, wide, 16, heat((i + 0.5) / steps), { stroke: TRACK });
    }
    drawing.text(x + 46 + steps * wide + 8, y + 8, "full", { size: 11, colour: INK, width: 32 });
}
