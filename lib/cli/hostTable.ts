import { count, meanShare, type Scene, type SceneHost } from "../pictures/scene";
import { bar, columns, cut, cutAll, plain, table } from "./paint";
import type { TextStyle } from "./placeText";

/** More hosts than this are told by group, without `--all`. */
const MOST_HOSTS = 40;
/** The longest name that is written out. */
const NAME = 24;

/** A line a host: its group, a bar a dimension, its replicas by service. Many hosts are told by group. */
export function hostLines(scene: Scene, style: TextStyle): string[] {
    const { paint, width } = style;
    const few = style.all || scene.hosts.length <= MOST_HOSTS;
    const rows = few ? hostRows(scene, style) : groupRows(scene, style);
    const first = few
        ? ["host", ...(scene.groupBy === undefined ? [] : [scene.groupBy])]
        : [scene.groupBy ?? "", "hosts"];
    const header = [...first, ...scene.dimensions.map((dimension) => cut(plain(dimension), 16)), "replicas"];
    // The last column is cut where the others leave no room.
    const [head = "", ...lines] = table([header, ...rows.map((row) => row.slice(0, -1))]);
    const at = Math.max(columns(head) - columns("replicas"), ...lines.map((line) => columns(line) + 2));
    const room = Math.max(12, width - at);
    const last = rows.map((row) => row.at(-1) ?? "");
    return [
        paint.bold(head),
        ...lines.map((line, i) => `${line}${" ".repeat(at - columns(line))}${fitWords(last[i] ?? "", room)}`.trimEnd()),
        ...(few ? [] : [paint.faint(`${fullest(scene)}; --all lists all hosts`)]),
    ];
}

function hostRows(scene: Scene, style: TextStyle): string[][] {
    const zones = cutAll(
        scene.groups.map(({ name }) => plain(name)),
        12,
    );
    const names = cutAll(
        scene.hosts.map(({ label }) => plain(label)),
        NAME,
    );
    const zoneOf = new Map(scene.groups.map(({ name }, i) => [name, zones[i] ?? ""]));
    return scene.hosts.map((host, i) => {
        const zone = scene.groupBy === undefined ? [] : [zoneOf.get(host.group) ?? ""];
        return [names[i] ?? "", ...zone, ...hostRow(host, style)];
    });
}

function hostRow(host: SceneHost, { paint }: TextStyle): string[] {
    const replicas = host.runs.map(({ service, replicas: names }) => {
        const numbers = names.map((name) => name.slice(service.name.length + 1));
        return `${plain(service.name)}-${numbers.map(plain).join(",")}`;
    });
    return [
        ...host.loads.map((load) => (load === undefined ? paint.faint("not offered") : bar(load.share, paint))),
        replicas.length === 0 ? "-" : replicas.join(" "),
    ];
}

function groupRows(scene: Scene, { paint }: TextStyle): string[][] {
    const names = cutAll(
        scene.groups.map(({ name }) => plain(name === "" ? "all" : name)),
        NAME,
    );
    return scene.groups.map(({ hosts }, g) => {
        const replicas = hosts.reduce(
            (sum, { runs }) => sum + runs.reduce((all, run) => all + run.replicas.length, 0),
            0,
        );
        return [
            names[g] ?? "",
            String(hosts.length),
            ...scene.dimensions.map((_, i) => bar(meanShare(hosts, i), paint)),
            String(replicas),
        ];
    });
}

/** Which host is nearest to its limit. */
function fullest(scene: Scene): string {
    const loads = scene.hosts.flatMap((host) =>
        host.loads.map((load, i) => ({
            host: host.name,
            dimension: scene.dimensions[i] ?? "",
            share: load?.share ?? 0,
        })),
    );
    const most = loads.reduce((best, load) => (load.share > best.share ? load : best), {
        host: "",
        dimension: "",
        share: -1,
    });
    const idle = scene.hosts.filter(({ runs }) => runs.length === 0).length;
    const spare = idle > 0 ? `, ${count(idle, "host")} without replicas` : "";
    if (most.share < 0) return `${count(scene.hosts.length, "host")}${spare}`;
    return `fullest: ${plain(most.host)}, ${plain(most.dimension)} ${Math.round(most.share * 100)} %${spare}`;
}

/** As many words as fit, and how many more there are. */
function fitWords(text: string, room: number): string {
    if (columns(text) <= room) return text;
    const words = text.split(" ");
    for (let kept = words.length - 1; kept > 0; kept--) {
        const shown = `${words.slice(0, kept).join(" ")} +${words.length - kept}`;
        if (columns(shown) <= room) return shown;
    }
    // Not the whole text: what is left out of its middle could be a whole service.
    const rest = words.length > 1 ? ` +${words.length - 1}` : "";
    return `${cut(words[0] ?? "", Math.max(4, room - rest.length))}${rest}`;
}
