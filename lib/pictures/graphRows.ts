import { ALARM, FAINT, INK, inkOn, LINE, PANEL, PAPER, TRACK } from "./colours";
import type { Drawing } from "./drawing";
import { shortenAll, textWidth } from "./measure";
import { count, groupNames, percent, type Scene, type SceneHost } from "./scene";
import { HOSTS_X, type Target } from "./targets";

const HEADER = 30;
/** Names of hosts have a column as wide as they need, up to this. */
const NAME = 150;
/** More bars than this in a row cannot be read. */
const MOST_BARS = 4;
const PERCENT = 44;

/** What stands on a replica's square. */
type Label = (replica: string) => string;
/** The first with which all squares have room in their rows. */
const LABELS: readonly Label[] = [(replica) => replica, (replica) => replica.slice(replica.lastIndexOf("-") + 1)];

interface Columns {
    readonly name: number;
    readonly rowHeight: number;
    readonly chips: { readonly x: number; readonly width: number; readonly label: Label | undefined };
    readonly bars: readonly { readonly dimension: number; readonly x: number; readonly width: number }[];
}

/** Each host as a row: its name, its replicas as squares, a bar a dimension; hosts of a group on one panel. */
export function drawRows(scene: Scene, drawing: Drawing, top: number, width: number) {
    const right = width - 24;
    const columns = columnsOf(scene, right);
    const targets: Target[] = [];
    let y = top;
    const wide = columns.name + columns.chips.width;
    const names = shortenAll(groupNames(scene), wide, 12, true);
    for (const [g, group] of scene.groups.entries()) {
        const height = HEADER + group.hosts.length * columns.rowHeight + 6;
        drawing.rect(HOSTS_X, y, right - HOSTS_X, height, PANEL, { r: 6, stroke: LINE });
        drawing.text(HOSTS_X + 14, y + 17, names[g] ?? "", { size: 12, bold: true, width: wide });
        for (const { dimension, x, width: most } of columns.bars) {
            drawing.text(x, y + 17, scene.dimensions[dimension] ?? "", { size: 11, colour: FAINT, width: most });
        }
        for (const [i, host] of group.hosts.entries()) {
            const middle = y + HEADER + (i + 0.5) * columns.rowHeight;
            drawHost(drawing, host, middle, columns);
            targets.push({
                name: host.name,
                y: middle,
                height: columns.rowHeight,
                runs: new Map(host.runs.map(({ service, replicas }) => [service, replicas.length])),
            });
        }
        y += height + 12;
    }
    return { targets, bottom: y - 12 };
}

function columnsOf(scene: Scene, right: number): Columns {
    const n = scene.hosts.length;
    const rowHeight = n <= 6 ? 46 : n <= 16 ? 34 : 25;
    const shown = scene.dimensions.slice(0, MOST_BARS).map((_, dimension) => dimension);
    const barWidth = shown.length <= 2 ? 150 : 110;
    const barsX = right - 14 - shown.length * (barWidth + 10);
    const name = Math.min(NAME, Math.max(60, ...scene.hosts.map((host) => textWidth(host.label, 12))));
    const chipsX = HOSTS_X + 14 + name + 14;
    const chipsWidth = barsX - chipsX - 14;
    const label = LABELS.find((shown) =>
        scene.hosts.every(({ runs }) => {
            const widths = runs.flatMap(({ replicas }) => replicas.map((replica) => chipWidth(shown(replica)) + 4));
            return widths.reduce((sum, width) => sum + width, 0) <= chipsWidth;
        }),
    );
    return {
        rowHeight,
        name,
        chips: { x: chipsX, width: chipsWidth, label },
        bars: shown.map((dimension) => ({ dimension, x: barsX + dimension * (barWidth + 10), width: barWidth })),
    };
}

const chipWidth = (label: string): number => textWidth(label, 10) + 10;

function drawHost(drawing: Drawing, host: SceneHost, y: number, { name, chips, bars }: Columns) {
    drawing.text(HOSTS_X + 14, y, host.label, { size: 12, colour: INK, width: name });
    drawChips(drawing, host, y, chips);
    for (const { dimension, x, width } of bars) {
        const load = host.loads[dimension];
        const track = width - PERCENT;
        if (load === undefined) {
            drawing.text(x, y, "–", { size: 11, colour: FAINT });
            continue;
        }
        drawing.group(`${host.name}: ${load.used} of ${load.capacity}`, () => {
            drawing.rect(x, y - 5, track, 10, TRACK, { r: 2 });
            let at = 0;
            for (const [i, part] of load.parts.entries()) {
                const wide = Math.min(part, 1 - at) * track;
                if (wide > 0) drawing.rect(x + at * track, y - 5, wide, 10, host.runs[i]?.service.colour ?? "");
                at = Math.min(1, at + part);
            }
            const colour = load.share > 1 ? ALARM : INK;
            drawing.text(x + width - 4, y, percent(load.share), {
                size: 11,
                colour,
                anchor: "end",
                width: PERCENT - 6,
            });
        });
    }
}

function drawChips(drawing: Drawing, host: SceneHost, y: number, chips: Columns["chips"]) {
    const all = host.runs.flatMap(({ service, replicas }) =>
        replicas.map((replica) => ({ replica, colour: service.colour })),
    );
    if (all.length === 0) {
        drawing.text(chips.x, y, "nothing", { size: 11, colour: FAINT, width: chips.width });
        return;
    }
    let x = chips.x;
    const fits = Math.floor((chips.width - 34) / 15);
    const { label } = chips;
    const shown = label !== undefined || all.length <= fits + 2 ? all : all.slice(0, fits);
    for (const { replica, colour } of shown) {
        const wide = label === undefined ? 12 : chipWidth(label(replica));
        const high = label === undefined ? 12 : 18;
        drawing.group(`${replica} on ${host.name}`, () => {
            drawing.rect(x, y - high / 2, wide, high, colour, { r: 3, stroke: PAPER });
            if (label === undefined) return;
            drawing.text(x + wide / 2, y, label(replica), { size: 10, colour: inkOn(colour), anchor: "middle" });
        });
        x += wide + (label === undefined ? 3 : 4);
    }
    if (shown.length < all.length) {
        drawing.text(x + 2, y, `+${all.length - shown.length}`, { size: 10, colour: FAINT, width: 30 });
    }
}

/** What a group of hosts has in sum, in one line. */
export function groupLine(hosts: readonly SceneHost[]): string {
    const replicas = hosts.reduce((sum, { runs }) => sum + runs.reduce((all, run) => all + run.replicas.length, 0), 0);
    return `${count(hosts.length, "host")}, ${count(replicas, "replica")}`;
}
