import { FAINT, LINE, PANEL, PAPER, TRACK } from "./colours";
import type { Drawing } from "./drawing";
import { groupLine } from "./graphRows";
import { shortenAll } from "./measure";
import { groupNames, meanShare, percent, type Scene, type SceneHost, type SceneService } from "./scene";
import { HOSTS_X, type Target } from "./targets";

const HEADER = 32;
const GAP = 5;
const MOST_BARS = 4;

interface Tile {
    readonly width: number;
    readonly height: number;
    /** Size of the name's letters; 0 where there is no room for names. */
    readonly letters: number;
}

/** Each host as a tile with its name and a bar a dimension; hosts of a group on one panel, to which the edges go. */
export function drawTiles(scene: Scene, drawing: Drawing, top: number, width: number) {
    const right = width - 24;
    const inner = right - HOSTS_X - 28;
    const least = tileOf(scene.hosts.length);
    const across = Math.floor((inner + GAP) / (least.width + GAP));
    const tile = { ...least, width: (inner + GAP) / across - GAP };
    const targets: Target[] = [];
    let y = top;
    const names = shortenAll(groupNames(scene), 180, 12, true);
    for (const [g, group] of scene.groups.entries()) {
        const lines = Math.ceil(group.hosts.length / across);
        const height = HEADER + lines * (tile.height + GAP) + 7;
        drawing.rect(HOSTS_X, y, right - HOSTS_X, height, PANEL, { r: 6, stroke: LINE });
        drawHeader(drawing, scene, { ...group, name: names[g] ?? "" }, y + 18, right - 14);
        for (const [i, host] of group.hosts.entries()) {
            const x = HOSTS_X + 14 + (i % across) * (tile.width + GAP);
            drawTile(drawing, scene, host, x, y + HEADER + Math.floor(i / across) * (tile.height + GAP), tile);
        }
        targets.push({
            name: group.name,
            y: y + height / 2,
            height: Math.min(height, 220),
            runs: sumOfRuns(group.hosts),
        });
        y += height + 12;
    }
    return { targets, bottom: y - 12 };
}

function tileOf(hosts: number): Tile {
    if (hosts <= 120) return { width: 90, height: 46, letters: 10 };
    if (hosts <= 400) return { width: 57, height: 32, letters: 9 };
    return hosts <= 1200 ? { width: 31, height: 16, letters: 0 } : { width: 15, height: 10, letters: 0 };
}

function drawHeader(drawing: Drawing, scene: Scene, group: Scene["groups"][number], y: number, right: number) {
    drawing.text(HOSTS_X + 14, y, group.name, { size: 12, bold: true, width: 180 });
    drawing.text(HOSTS_X + 210, y, groupLine(group.hosts), { size: 11, colour: FAINT, width: 190 });
    const loads = scene.dimensions.map((dimension, i) => `${dimension} ${percent(meanShare(group.hosts, i))}`);
    drawing.text(right, y, loads.slice(0, MOST_BARS).join(", "), {
        size: 11,
        colour: FAINT,
        anchor: "end",
        width: right - HOSTS_X - 420,
    });
}

function drawTile(drawing: Drawing, scene: Scene, host: SceneHost, x: number, y: number, tile: Tile) {
    const told = host.loads.map((load, i) => load && `${scene.dimensions[i]} ${percent(load.share)}`);
    const runs = host.runs.map(({ service, replicas }) => `${service.name} × ${replicas.length}`);
    drawing.group([host.name, ...told, ...runs].filter((line) => line !== undefined).join("\n"), () => {
        drawing.rect(x, y, tile.width, tile.height, PAPER, { r: 2, stroke: LINE });
        const head = tile.letters === 0 ? 3 : tile.letters + 6;
        if (tile.letters > 0) {
            drawing.text(x + 4, y + head / 2 + 1, host.label, { size: tile.letters, width: tile.width - 8 });
        }
        const bars = host.loads.slice(0, MOST_BARS);
        const height = (tile.height - head - 3) / Math.max(1, bars.length);
        for (const [i, load] of bars.entries()) {
            if (load === undefined) continue;
            const [left, upper, track] = [x + 4, y + head + i * height, tile.width - 8];
            drawing.rect(left, upper, track, height - 1.5, TRACK);
            let at = 0;
            for (const [p, part] of load.parts.entries()) {
                const wide = Math.min(part, 1 - at) * track;
                if (wide > 0)
                    drawing.rect(left + at * track, upper, wide, height - 1.5, host.runs[p]?.service.colour ?? "");
                at = Math.min(1, at + part);
            }
        }
    });
}

function sumOfRuns(hosts: readonly SceneHost[]): Map<SceneService, number> {
    const sums = new Map<SceneService, number>();
    for (const { service, replicas } of hosts.flatMap(({ runs }) => runs)) {
        sums.set(service, (sums.get(service) ?? 0) + replicas.length);
    }
    return sums;
}
