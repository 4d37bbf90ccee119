import { compareNames, count, type Scene, sceneOf } from "../pictures/scene";
import type { PlacementAnswer, PlacementGoal, PlacementMove } from "../placement";
import { hostLines } from "./hostTable";
import { type Paint, plain, table, wrapText } from "./paint";
import type { PlacementFacts } from "./placementFacts";
import { unplacedLines } from "./reasons";

/** How texts are to be written. */
export interface TextStyle {
    readonly paint: Paint;
    readonly width: number;
    /** Every host and every move, however many. */
    readonly all: boolean;
    readonly groupBy?: string | undefined;
}

/** Moves that are listed without `--all`. */
const MOST_MOVES = 30;

/** The answer of `place` for people. */
export function placeText(
    facts: PlacementFacts,
    goal: PlacementGoal,
    answer: PlacementAnswer,
    style: TextStyle,
): string {
    const scene = sceneOf({ ...facts, assignment: answer.assignment }, style.groupBy ? { groupBy: style.groupBy } : {});
    const sections = [
        summaryLines(scene, goal, answer, style),
        unplacedLines(answer.unplaced, style, new Set((facts.services ?? []).map(({ name }) => name))),
        conflictLines(answer, style),
        moveLines(answer, style),
        hostLines(scene, style),
    ];
    return `${sections
        .filter((lines) => lines.length > 0)
        .map((lines) => lines.join("\n"))
        .join("\n\n")}\n`;
}

function summaryLines(
    scene: Scene,
    goal: PlacementGoal,
    answer: PlacementAnswer,
    { paint, width }: TextStyle,
): string[] {
    const placed = Object.keys(answer.assignment).length;
    const missing = answer.unplaced.length;
    const used = scene.hosts.filter(({ runs }) => runs.length > 0).length;
    const head = `${placed} of ${count(placed + missing, "replica")} placed on ${used} of ${count(scene.hosts.length, "host")}`;
    const sentences = [objectiveSentence(goal, answer)];
    if (answer.preferences !== undefined) {
        const { missed, lowerBound } = answer.preferences;
        const bound =
            missed === lowerBound ? "no placement misses fewer" : `no placement misses fewer than ${lowerBound}`;
        sentences.push(`preferences: ${count(missed, "replica")} on a host that is not preferred; ${bound}`);
    }
    return [
        missing > 0 ? paint.bold(paint.bad(head)) : paint.bold(paint.good(head)),
        ...sentences.map((sentence) => wrapText(sentence, width, "  ")),
    ];
}

/** The objective's figures in words. */
export function objectiveSentence(goal: PlacementGoal, { objective, unplaced }: PlacementAnswer): string {
    const { value, lowerBound, gap, proven } = objective;
    const millionths = (amount: number): string => `${(amount / 10_000).toFixed(1)} %`;
    const said = (amount: number): string => {
        if (goal === "spread") return amount === 1 ? "1 pair" : `${amount} pairs`;
        return goal === "fewest-hosts" ? count(amount, "host") : millionths(amount);
    };
    const what: Record<PlacementGoal, string> = {
        spread:
            value === 0
                ? "no two replicas of a service share a host"
                : `${said(value)} of replicas of one service on the same host`,
        balance: `the fullest host is ${said(value)} full`,
        "fewest-hosts": `${said(value)} in use`,
        binpack: `the hosts in use are ${said(value)} of all capacity`,
    };
    const bound = proven
        ? "proven: no placement is better"
        : gap === 0
          ? unplaced.length > 0
              ? "the best that the placed replicas allow"
              : "no placement is better"
          : `no placement is below ${said(lowerBound)}, so rebalancing could win ${said(gap)} at most`;
    return `${goal}: ${what[goal]} (${bound})`;
}

function conflictLines({ conflict }: PlacementAnswer, { paint, width }: TextStyle): string[] {
    if (conflict === undefined) return [];
    const head = !conflict.smallest
        ? "These requirements cannot be kept together; perhaps not all of them are needed for that:"
        : conflict.requirements.length === 1
          ? "This requirement cannot be kept on these hosts:"
          : "These requirements cannot be kept together; without any one of them they can:";
    return [
        paint.bold(head),
        ...conflict.requirements.map(
            ({ says, path }) => `  - ${wrapText(`${plain(says)} (${plain(path)})`, width - 4, "    ")}`,
        ),
    ];
}

function moveLines({ moved, moves, fewestMoves }: PlacementAnswer, { paint, all }: TextStyle): string[] {
    if (moves === 0) return [];
    const bound =
        moves === fewestMoves ? "proven: no placement moves fewer" : `no placement moves fewer than ${fewestMoves}`;
    const byName = (a: PlacementMove, b: PlacementMove): number => compareNames(a.replica, b.replica);
    const shown = [...moved].sort(byName).slice(0, all ? moved.length : MOST_MOVES);
    const rows = shown.map(({ replica, from, to, why }) => [
        `  ${plain(replica)}`,
        plain(from),
        "→",
        plain(to),
        paint.faint(plain(why)),
    ]);
    const rest = moved.length - shown.length;
    return [
        `${paint.bold(`${count(moves, "replica")} moved`)} (${bound}):`,
        ...table(rows),
        ...(rest > 0 ? [paint.faint(`  and ${rest} more; --all lists them`)] : []),
    ];
}
