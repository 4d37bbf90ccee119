import { replicasOf } from "./placeSets";
import type { RoundPlan } from "./planRound";

/** Moves that are told one by one. */
const MOST = 20;

/** What a preview says of a set whose replicas move, in words; undefined where none does. */
export function moveWords({ moved, sets }: Pick<RoundPlan, "moved" | "sets">, name: string): string | undefined {
    const set = sets.find((one) => one.name === name);
    const own = new Set(set === undefined ? [] : replicasOf(set));
    const moves = moved.filter(({ replica }) => own.has(replica));
    if (moves.length === 0) return undefined;
    const head = `${name}: ${moves.length} of ${own.size} replica${own.size === 1 ? "" : "s"} ${moves.length === 1 ? "moves" : "move"} to another host.`;
    const lines = moves.slice(0, MOST).map(({ replica, from, to, why }) => `  ${replica}: ${from} -> ${to} (${why})`);
    const rest = moves.length - lines.length;
    return [head, ...lines, ...(rest > 0 ? [`  and ${rest} more`] : [])].join("\n");
}
