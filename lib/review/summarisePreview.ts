import { drawGraph, mermaidGraph } from "../pictures";
import { Changes, typeOf } from "./changes";
import { environmentOf } from "./environment";
import { guestsOf } from "./guests";
import { headlineOf } from "./headline";
import { weigh } from "./judged";
import { maskText } from "./mask";
import { movesOf } from "./moves";
import { operationsOf } from "./operations";
import type { Side } from "./placements";
import { type Preview, readPreview } from "./readPreview";
import { judge, type ReviewRules, readRules } from "./rules";
import { rolledAway } from "./services";
import { isRolledBySwarm, tasksAway } from "./swarmServices";
import type { Review } from "./types";
import { unknownsOf } from "./unknowns";

/** What the library's components say in a preview, which the review tells by itself. */
const TOLD = /^fusion:index:Fusion(ContainerSet|Vm)$/;

/**
 * What a preview does to the service, for a reviewer: what is lost, who serves meanwhile, what moves, what HAProxy and cloud-init are
 * told, and which rules it breaks. No value of an environment, a file or a secret is in it.
 *
 * @param preview the value that `pulumi preview --json` prints; with `--show-sames` survival and load are known too
 * @param rules what is not to happen
 * @throws FusionInputError for what is no preview, and for wrong rules
 */
export function summarisePreview(preview: unknown, rules: ReviewRules = {}): Review {
    return reviewPreview(preview, rules).review;
}

/** As {@link summarisePreview}, with the graph as SVG, however many hosts there are; "" where the review has none. */
export function reviewPreview(preview: unknown, rules: ReviewRules): { review: Review; picture: () => string } {
    const settled = readRules(rules);
    const read = readPreview(preview);
    const changes = new Changes(read);
    const said = saidBy(read);
    const { judged, sets, before, after, complete } = weigh(changes, said, (set) =>
        Math.max(rolledAway(said.get(set.change.urn) ?? []), isRolledBySwarm(set) ? tasksAway(set) : 0),
    );
    const errors = read.diagnostics
        .filter(({ severity }) => severity === "error")
        .map(({ message }) => maskText(message.trim()));
    const counts = countsOf(changes);
    const unchanged = errors.length === 0 && Object.keys(counts).every((operation) => operation === "same");
    const moves = movesOf(sets, said);
    const graph = unchanged || !complete ? "" : graphOf(before, after);
    const review = {
        stack: stackOf(changes),
        headline: headlineOf({ ...judged, moves, unchanged, errors, counts }),
        ...{ unchanged, errors, stops: judge(judged, settled), rules: settled, ...judged, moves },
        guests: guestsOf(changes, judged.machines),
        environment: environmentOf(changes, said),
        unknowns: unknownsOf(changes),
        graph,
        operations: operationsOf(changes),
        ...{ counts, complete },
        messages: read.diagnostics
            .filter(({ severity, urn }) => severity !== "error" && !TOLD.test(typeOf(urn)))
            .map(({ message }) => maskText(message.trim()))
            .filter((message) => message !== ""),
    };
    return { review, picture: () => (graph === "" ? "" : drawGraph({ ...after, previous: before.assignment })) };
}

/** What each component has said, by URN: as it was, to be read. Where it is shown it is masked. */
function saidBy({ diagnostics }: Preview): Map<string, string[]> {
    const said = new Map<string, string[]>();
    for (const { urn, message, severity } of diagnostics) {
        if (severity === "error") continue;
        // The engine puts the severity before what it shows.
        const text = message.replace(/^(info|warning): /, "").trim();
        said.set(urn, [...(said.get(urn) ?? []), ...text.split("\n")]);
    }
    return said;
}

function stackOf(changes: Changes): string {
    const [, stack = "", project = ""] = /^urn:pulumi:([^:]+)::([^:]+)::/.exec(changes.all[0]?.urn ?? "") ?? [];
    return stack === "" ? "" : `${project}/${stack}`;
}

function countsOf(changes: Changes): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { operation, type } of changes.all) {
        if (type !== "pulumi:pulumi:Stack") counts[operation] = (counts[operation] ?? 0) + 1;
    }
    return Object.fromEntries(Object.entries(counts).sort());
}

/** Drawn where something runs, and where or what runs has changed. */
function graphOf(before: Side, after: Side): string {
    const same = JSON.stringify([before.hosts, before.assignment]) === JSON.stringify([after.hosts, after.assignment]);
    return same || Object.keys(after.assignment).length === 0
        ? ""
        : mermaidGraph({ ...after, previous: before.assignment });
}
