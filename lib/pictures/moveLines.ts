import { serviceOf } from "../placement/serviceOf";
import { OTHER } from "./colours";
import { compareNames, type Scene } from "./scene";

/** A replica that is on another host now, as an answer of `place` has it in `moved`. */
export interface PictureMove {
    readonly replica: string;
    readonly from: string;
    readonly to: string;
    readonly why: string;
}

/** One line of the picture: one move, or several alike. */
export interface MoveLine {
    readonly label: string;
    readonly service: string;
    readonly from: string;
    readonly to: string;
    readonly why: string;
    readonly colour: string;
    readonly moves: number;
}

/** More lines than this cannot be followed. */
export const MOST_LINES = 40;

/** Each move by itself while they are few; else by service and hosts, or by service and groups of hosts. */
export function linesOf(scene: Scene, moved: readonly PictureMove[]): MoveLine[] {
    const groups = new Map(scene.hosts.map(({ name, group }) => [name, group]));
    const groupName = (host: string): string => {
        const group = groups.get(host);
        if (group === undefined) return "hosts that are gone";
        return scene.groupBy === undefined ? "hosts" : `${scene.groupBy} ${group || "(none)"}`;
    };
    const single = moved.map((move) => lineOf(scene, [move], move.from, move.to));
    if (single.length <= MOST_LINES) return sorted(single);
    const byHost = fold(scene, moved, ({ from, to }) => [from, to]);
    if (byHost.length <= MOST_LINES) return sorted(byHost.map(({ from, to, moves }) => lineOf(scene, moves, from, to)));
    const byGroup = fold(scene, moved, ({ from, to }) => [groupName(from), groupName(to)]);
    return sorted(byGroup.map(({ from, to, moves }) => lineOf(scene, moves, from, to)));
}

function fold(scene: Scene, moved: readonly PictureMove[], ends: (move: PictureMove) => readonly [string, string]) {
    const names = namesOf(scene);
    const folded = new Map<string, { from: string; to: string; moves: PictureMove[] }>();
    for (const move of moved) {
        const [from, to] = ends(move);
        const key = JSON.stringify([serviceOf(move.replica, names), from, to]);
        const entry = folded.get(key) ?? { from, to, moves: [] };
        entry.moves.push(move);
        folded.set(key, entry);
    }
    return [...folded.values()];
}

const namesOf = ({ services }: Scene): ReadonlySet<string> => new Set(services.map(({ name }) => name));

function lineOf(scene: Scene, moves: readonly PictureMove[], from: string, to: string): MoveLine {
    const replica = moves[0]?.replica ?? "";
    const service = serviceOf(replica, namesOf(scene));
    const reasons = [...new Set(moves.map(({ why }) => why))].sort();
    const [why = ""] = reasons;
    return {
        label: moves.length === 1 ? replica : `${moves.length} × ${service}`,
        service,
        from,
        to,
        why: reasons.length > 1 ? foldReasons(reasons) : why,
        colour: scene.services.find(({ name }) => name === service)?.colour ?? OTHER,
        moves: moves.length,
    };
}

/** Several reasons as one: `3 hosts are gone`, or the first and how many others there are. */
function foldReasons(reasons: readonly string[]): string {
    const gone = reasons.filter((why) => why.endsWith(" is gone")).length;
    if (gone === reasons.length) return `${gone} hosts are gone`;
    const others = reasons.length - 1;
    return `${reasons[0]}; and ${others} other ${others === 1 ? "reason" : "reasons"}`;
}

/** The largest where there are too many, then by name. */
function sorted(lines: readonly MoveLine[]): MoveLine[] {
    const byName = (a: MoveLine, b: MoveLine): number =>
        compareNames(a.from, b.from) ||
        compareNames(a.service, b.service) ||
        compareNames(a.to, b.to) ||
        compareNames(a.label, b.label);
    const kept = [...lines].sort((a, b) => b.moves - a.moves || byName(a, b)).slice(0, MOST_LINES);
    return kept.sort(byName);
}
