import { FusionInputError } from "../inputError";
import { Board, NOWHERE } from "./board";
import { canonicalise, type Problem } from "./canonical";
import { missedBy, objectiveValue } from "./objective";
import { named, shown } from "./read";
import { labelReasons, reasonAgainst } from "./reasons";
import { excessSkew } from "./skew";
import type { PlacementAnswer, PlacementExplanation, PlacementGoal, PlacementProblem } from "./types";

/** What is asked of a placement by {@link explain}. */
type Answered = Pick<PlacementAnswer, "assignment" | "moved">;

/**
 * Why a replica is where it is, and why not elsewhere. Each reason is computed from the placement as it is, without the
 * replica itself: what a host has left, which rule forbids it, which preference it would miss, by which figure the objective
 * would be worse. A host of which it is said that it "would work" keeps every requirement if the replica alone moves there;
 * one of which it is not said does not.
 *
 * @param problem what `place` was asked
 * @param answer what it answered
 * @throws FusionInputError where the problem is wrong, or has no such replica (path `replica`)
 */
export function explain(problem: PlacementProblem, answer: Answered, replica: string): PlacementExplanation {
    return explainer(problem, answer)(replica);
}

/** As {@link explain}, for asking about many replicas of one placement. */
export function explainer(problem: PlacementProblem, { assignment, moved }: Answered) {
    const canonical = canonicalise(problem);
    const numbers = new Map<string, number>();
    for (const { first, replicaNames } of canonical.services) {
        for (const [i, name] of replicaNames.entries()) numbers.set(name, first + i);
    }
    const hosts = new Map(canonical.hosts.map(({ name }, host) => [name, host]));
    const hostOf = new Int32Array(canonical.serviceOf.length).fill(NOWHERE);
    for (const [name, host] of Object.entries(assignment)) {
        const number = numbers.get(name);
        if (number !== undefined) hostOf[number] = hosts.get(host) ?? NOWHERE;
    }
    const board = new Board(canonical);
    board.restore(hostOf);
    const moves = new Map(moved.map((move) => [move.replica, move]));
    return (replica: string): PlacementExplanation => {
        const number = numbers.get(replica);
        if (number === undefined) {
            const reason = `there is no replica ${shown(replica)}; there is ${named(numbers.keys())}`;
            throw new FusionInputError([{ propertyPath: "replica", reason }]);
        }
        return explained(board, number, moves.get(replica));
    };
}

type Move = PlacementAnswer["moved"][number] | undefined;

function explained(board: Board, replica: number, move: Move): PlacementExplanation {
    const { hosts } = board.problem;
    const at = board.hostOf[replica] ?? NOWHERE;
    const here = at === NOWHERE ? undefined : figuresOf(board);
    if (at !== NOWHERE) board.take(replica);
    const elsewhere = new Map<string, string>();
    let choices = 0;
    for (const [host, { name }] of hosts.entries()) {
        if (host === at) continue;
        const against = pinReason(board.problem, replica, host) || obstacle(board, replica, at, host);
        if (against === "") choices++;
        elsewhere.set(name, against || `would work; ${whyNot(board, replica, at, host, here, move)}`);
    }
    if (at !== NOWHERE) board.put(replica, at);
    const host = hosts[at]?.name;
    return {
        ...(host !== undefined && { host }),
        why: whyHere(board, replica, at, choices, here, move),
        elsewhere: Object.fromEntries(elsewhere),
    };
}

function pinReason({ pins, hosts }: Problem, replica: number, host: number): string {
    const pin = pins[replica] ?? NOWHERE;
    return pin === NOWHERE || pin === host ? "" : `pinned to ${hosts[pin]?.name}`;
}

/** Which requirement forbids the host, "" where none does. The replica is on no host. */
function obstacle(board: Board, replica: number, from: number, host: number): string {
    const s = board.service(replica);
    const against = reasonAgainst(board, s, host);
    if (against !== "") return against;
    const { services, topologies } = board.problem;
    board.put(replica, host);
    const left = (services[s]?.followers ?? []).find(({ service, topology }) => {
        const domain = from === NOWHERE ? -1 : board.domain(from, topology);
        return domain >= 0 && board.count(service, domain, topology) > 0 && board.count(s, domain, topology) === 0;
    });
    const isSkewed = excessSkew(board) > 0;
    board.take(replica);
    if (left !== undefined) {
        const topology = topologies[left.topology];
        const where = `${topology?.label} ${topology?.values[board.domain(from, left.topology)]}`;
        return `affinity: ${services[left.service]?.name} would be without ${services[s]?.name} on ${where}`;
    }
    return isSkewed ? "spreadOver: where it is now would have too few" : "";
}

interface Shown {
    readonly missed: number;
    readonly value: number;
}

const figuresOf = (board: Board): Shown => ({ missed: missedBy(board), value: objectiveValue(board) });

/** Why a replica that could be on a host is not. */
function whyNot(board: Board, replica: number, at: number, host: number, here: Shown | undefined, move: Move): string {
    const { goal, hosts, previous, services } = board.problem;
    if (here === undefined) return "the search ended before it found that (effort)";
    board.put(replica, host);
    const there = figuresOf(board);
    board.take(replica);
    if (there.missed > here.missed) {
        const wants = services[board.service(replica)]?.prefer ?? new Map();
        return `not preferred (${labelReasons(wants, hosts[host]?.labels).join("; ").replaceAll("needs", "prefers")})`;
    }
    const isBetter = there.missed < here.missed || there.value < here.value;
    const figures =
        there.missed < here.missed
            ? "it is preferred"
            : `${goal}: ${figureOf(goal, there.value)} instead of ${figureOf(goal, here.value)}`;
    if (previous[replica] === at) {
        const what = "stays where it is (least movement)";
        return isBetter ? `${figures}, but it ${what}; move.improve lets it move` : what;
    }
    if (isBetter) return `${figures}; a longer search would find it (effort)`;
    if (there.value > here.value) return figures;
    if (move !== undefined && move.from === hosts[host]?.name) return `it ran there; ${move.why}`;
    return `as good by ${goal}: ${figureOf(goal, here.value)} either way`;
}

function whyHere(
    { problem }: Board,
    replica: number,
    at: number,
    choices: number,
    here: Shown | undefined,
    move: Move,
): string {
    const { pins, previous, goal } = problem;
    if (here === undefined) return "fits on no host";
    if ((pins[replica] ?? NOWHERE) !== NOWHERE) return "is pinned there";
    if (previous[replica] === at) return "ran there before and stays (least movement)";
    const chosen =
        choices === 0
            ? "the only host that fits"
            : `chosen of ${choices + 1} hosts that fit by ${goal}: ${figureOf(goal, here.value)}`;
    return move === undefined ? chosen : `moved from ${move.from} (${move.why}); ${chosen}`;
}

/** A value of the objective in words; see `PlacementObjective`. */
export function figureOf(goal: PlacementGoal, value: number): string {
    if (goal === "spread") return `${value} pair${value === 1 ? "" : "s"} on one host`;
    if (goal === "fewest-hosts") return `${value} host${value === 1 ? "" : "s"} in use`;
    const share = `${(value / 10_000).toFixed(1)} %`;
    return goal === "balance" ? `the fullest host ${share} full` : `${share} of the capacity in use`;
}
