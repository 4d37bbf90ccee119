import { ALARM, FAINT, INK, LINE, OTHER } from "./colours";
import { Drawing } from "./drawing";
import { drawRows } from "./graphRows";
import { drawTiles } from "./graphTiles";
import { count, type Scene, type SceneService, sceneOf } from "./scene";
import { HOSTS_X, type Target } from "./targets";
import type { PictureInput, PictureOptions } from "./types";

/** A node of the left side. Services without a colour of their own share one. */
interface Node {
    readonly name: string;
    /** Where there is little room: our own label has a shorter one. */
    readonly short: string;
    readonly services: readonly SceneService[];
    readonly colour: string;
    readonly placed: number;
    readonly missing: number;
}

const WIDTH = 1160;
const TOP = 92;
const NODE = { x: 24, width: 176 };
/** Up to so many hosts each has a row of its own with its edges. */
const MOST_ROWS = 40;

/**
 * The bipartite graph of services and hosts as SVG: lines say which service runs where, bars what it takes of the hosts'
 * capacity. Up to 40 hosts each one has its edges; above, the edges go to groups of hosts.
 *
 * @returns the text of an SVG file, the same for any order of the input
 */
export function drawGraph(input: PictureInput, options: PictureOptions = {}): string {
    const scene = sceneOf(input, options);
    const drawing = new Drawing();
    const nodes = nodesOf(scene);
    const rows = scene.hosts.length <= MOST_ROWS;
    const { targets, bottom } = (rows ? drawRows : drawTiles)(scene, drawing, TOP, WIDTH);
    const height = Math.max(bottom, TOP + nodes.length * 30) + 24;
    drawNodes(drawing, nodes, targets, TOP, height - 24);
    const placed = scene.services.reduce((sum, service) => sum + service.placed, 0);
    const missing = scene.services.reduce((sum, service) => sum + service.missing, 0);
    const title = `${count(placed, "replica")} of ${count(scene.services.length, "service")} on ${count(scene.hosts.length, "host")}`;
    drawing.text(24, 32, title, { size: 20, bold: true, width: WIDTH - 48 });
    const lines = rows ? "Lines and squares are replicas" : "Lines are replicas, as wide as they are many";
    const bars = rows ? "Bars" : `Bars (${scene.dimensions.slice(0, 4).join(", ")})`;
    drawing.text(24, 58, `${lines}. ${bars} are what they take of a host's capacity. Colours are services.`, {
        size: 12,
        colour: FAINT,
        width: WIDTH - (missing > 0 ? 320 : 48),
    });
    if (missing > 0) {
        const told = `${count(missing, "replica")} without a host`;
        drawing.text(WIDTH - 24, 58, told, { size: 13, bold: true, colour: ALARM, anchor: "end", width: 250 });
    }
    return drawing.svg(WIDTH, height, title, describe(scene));
}

/** What a person hears who cannot see the picture. */
function describe(scene: Scene): string {
    return scene.services
        .map(({ name, placed, missing }) => {
            const on = scene.hosts.filter(({ runs }) => runs.some(({ service }) => service.name === name)).length;
            const lacking = missing > 0 ? `, ${missing} without a host` : "";
            return `${name}: ${count(placed, "replica")} on ${count(on, "host")}${lacking}.`;
        })
        .join(" ");
}

function nodesOf(scene: Scene): Node[] {
    const own = scene.services.filter(({ colour }) => colour !== OTHER);
    const others = scene.services.filter(({ colour }) => colour === OTHER);
    const nodes: Node[] = own.map((service) => ({ ...service, short: service.name, services: [service] }));
    const [only] = others;
    if (only === undefined) return nodes;
    return [
        ...nodes,
        {
            name: others.length === 1 ? only.name : `${others.length} other services`,
            short: others.length === 1 ? only.name : `${others.length} others`,
            services: others,
            colour: OTHER,
            placed: others.reduce((sum, { placed }) => sum + placed, 0),
            missing: others.reduce((sum, { missing }) => sum + missing, 0),
        },
    ];
}

/** The services on the left, near the middle of where they run, and their edges. */
function drawNodes(drawing: Drawing, nodes: readonly Node[], targets: readonly Target[], top: number, bottom: number) {
    const runsOn = (node: Node, target: Target): number =>
        node.services.reduce((sum, service) => sum + (target.runs.get(service) ?? 0), 0);
    const middle = (node: Node): number => {
        const weight = targets.reduce((sum, target) => sum + runsOn(node, target), 0);
        const sum = targets.reduce((total, target) => total + runsOn(node, target) * target.y, 0);
        return weight === 0 ? bottom : sum / weight;
    };
    const middles = new Map(nodes.map((node) => [node, middle(node)]));
    const sorted = [...nodes].sort((a, b) => (middles.get(a) ?? 0) - (middles.get(b) ?? 0));
    const step = Math.min(96, (bottom - top) / Math.max(1, sorted.length));
    const first = top + (bottom - top - step * sorted.length) / 2;
    const most = Math.max(1, ...targets.flatMap((target) => sorted.map((node) => runsOn(node, target))));
    const height = Math.min(44, step - 6);
    for (const [i, node] of sorted.entries()) {
        const y = first + step * (i + 0.5);
        const edges = targets.filter((target) => runsOn(node, target) > 0);
        for (const [e, target] of edges.entries()) {
            const runs = runsOn(node, target);
            const from = y + ((e + 0.5) / edges.length - 0.5) * height * 0.7;
            const to = target.y + ((i + 0.5) / sorted.length - 0.5) * target.height * 0.7;
            drawing.group(`${node.name}: ${count(runs, "replica")} on ${target.name}`, () =>
                drawing.curve(
                    { x: NODE.x + NODE.width, y: from },
                    { x: HOSTS_X, y: to },
                    1.5 + (most > 1 ? ((runs - 1) / (most - 1)) * Math.min(8, most) : 0),
                    node.colour,
                    targets.length > 16 ? 0.5 : 0.7,
                ),
            );
        }
        drawNode(drawing, node, y - height / 2, height);
    }
}

function drawNode(drawing: Drawing, node: Node, y: number, height: number) {
    const { x, width } = NODE;
    drawing.rect(x, y, width, height, "#ffffff", { r: 6, stroke: LINE });
    drawing.rect(x, y, 7, height, node.colour, { r: 3 });
    const told = node.missing > 0 ? `${node.placed} of ${node.placed + node.missing}` : count(node.placed, "replica");
    const colour = node.missing > 0 ? ALARM : FAINT;
    if (height >= 38) {
        drawing.text(x + 18, y + height / 2 - 8, node.name, { size: 13, bold: true, colour: INK, width: width - 26 });
        const line = node.missing > 0 ? `${told} replicas placed` : told;
        drawing.text(x + 18, y + height / 2 + 9, line, { size: 11, colour, width: width - 26 });
    } else {
        const short = node.missing > 0 ? told : `× ${node.placed}`;
        drawing.text(x + 16, y + height / 2, node.short, { size: 11, bold: true, width: width - 84 });
        drawing.text(x + width - 8, y + height / 2, short, { size: 11, colour, anchor: "end", width: 56 });
    }
}
