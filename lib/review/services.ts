import { checkSurvives } from "../graph/checkSurvives";
import { FusionInputError } from "../inputError";
import type { Change } from "./changes";
import { causeOf } from "./losses";
import { maskLines, maskText } from "./mask";
import { isMoved, type SetFacts, type Side } from "./placements";
import type { ShownState } from "./readPreview";
import { imageOfService, isRolledBySwarm, tasksOf } from "./swarmServices";
import type { MachineReview, ServiceReview } from "./types";

/** What is known around a service. */
export interface Surroundings {
    readonly machines: readonly MachineReview[];
    readonly before: Side;
    readonly after: Side;
    /** What each component has said, by URN. */
    readonly said: ReadonlyMap<string, readonly string[]>;
    readonly complete: boolean;
    /** How many of its replicas a set does without while it is replaced; infinite where it does not serve. */
    readonly rolledAway: (set: SetFacts) => number;
}

/** A service before and after. */
export function serviceReview(set: SetFacts, around: Surroundings): ServiceReview {
    const words = around.said.get(set.change.urn) ?? [];
    const [old, fresh] = [imageOf(set, "old"), imageOf(set, "new")];
    const replaced = set.containers.filter((one) => one.operation === "replace" && !isMoved(one));
    const swarmed = isRolledBySwarm(set);
    const [count, all] = [countOf(set, "old", words), countOf(set, "new", words)];
    const before = survivalOf(set.name, around.before, around.complete);
    const after = survivalOf(set.name, around.after, around.complete);
    return {
        name: set.name,
        before: count,
        after: all,
        replaced: swarmed ? Math.min(all ?? 0, count ?? 0) : replaced.length,
        causes: [...new Set([...replaced, ...(swarmed && set.service ? [set.service] : [])].map(causeOf))].sort(),
        lowest: lowestOf(set, [count, all], around),
        moves: movesOf(set),
        release: releaseIn(words),
        imageBefore: old,
        imageAfter: fresh,
        survivesBefore: before.survives,
        survivesAfter: after.survives,
        weakness: after.why,
        words: maskLines(words),
    };
}

function movesOf({ service, before, after }: SetFacts): ServiceReview["moves"] {
    if (service?.operation === "create" && before.size > 0) return "to a swarm";
    return service?.operation === "delete" && after.size > 0 ? "to plain hosts" : "";
}

/** Whether a preview changes anything of a set. */
export const isChanged = ({ change, containers, service }: SetFacts): boolean =>
    [change, ...containers, ...(service === undefined ? [] : [service])].some(({ operation }) => operation !== "same");

/** Its replicas on one side of the change; undefined where they are not all shown. */
function countOf(set: SetFacts, side: "old" | "new", words: readonly string[]): number | undefined {
    const service = set.service?.[side];
    if (service !== undefined) return tasksOf(set, side) ?? tasksOnEachNode(set, side, words);
    return set.complete ? (side === "old" ? set.before : set.after).size : undefined;
}

/**
 * The fewest replicas that serve during the change. Which of them are replaced at once only the set knows, and says; beyond that the
 * replicas of one machine that is interrupted do not serve, and machines are interrupted one at a time.
 */
function lowestOf(
    set: SetFacts,
    [before, after]: readonly [number | undefined, number | undefined],
    { machines, rolledAway }: Surroundings,
): number | undefined {
    if (before === undefined || after === undefined || before === 0 || after === 0) return undefined;
    const most = Math.min(before, after);
    if (rolledAway(set) >= most) return 0;
    const interrupted = new Set(machines.filter(({ minutes }) => minutes > 0).map(({ name }) => name));
    // Only Swarm knows how many of its tasks are on one of its nodes.
    const isNode = (vm: string) => set.nodes?.includes(vm) ?? true;
    if (set.service?.old !== undefined && [...interrupted].some(isNode)) return undefined;
    const away = [...interrupted].map((vm) => [...set.before.values()].filter((host) => host === vm).length);
    return Math.max(0, most - Math.max(0, ...away) - rolledAway(set));
}

/** One on each node that may run it. How many these are afterwards only the set says, where it is another number; see `tellService`. */
function tasksOnEachNode({ nodes }: SetFacts, side: "old" | "new", words: readonly string[]): number | undefined {
    const [, from, to] = / has (\d+) replicas, and (\d+) from now on\.$/m.exec(words.join("\n")) ?? [];
    const told = side === "old" ? from : to;
    return told === undefined ? nodes?.length : Number(told);
}

/** How many replicas a set says it does without while it is replaced; see `tellRollout`, whose words a test holds to these. */
export function rolledAway(words: readonly string[]): number {
    const [, left, all] = /: (\d+) of (\d+) serve throughout\.$/m.exec(words.join("\n")) ?? [];
    if (left !== undefined && all !== undefined) return Number(all) - Number(left);
    return / (replaces \d+ of \d+ replicas?|may no longer run on ).*does not serve meanwhile\.$/m.test(words.join("\n"))
        ? Number.POSITIVE_INFINITY
        : 0;
}

/** See `tellRollout`, whose words a test holds to these. */
export function releaseIn(words: readonly string[]): ServiceReview["release"] {
    const line = words.find((one) => one.startsWith("  image: ")) ?? "";
    if (/ as a canary on .*; the next up brings it to all\.$/.test(line)) return "canary";
    if (line.endsWith(" (the canary is confirmed)")) return "confirmed";
    return line.endsWith(" (rollback)") ? "rollback" : "";
}

/** The images of a set's containers, by what the program says and the digest: `httpd:2.4 (1f3a9c2e77aa)`. */
function imageOf({ change, containers, service }: SetFacts, side: "old" | "new"): string {
    const states = containers.flatMap((one: Change) => one[side] ?? []);
    const swarmed = service?.[side];
    const given = change[side]?.inputs.image;
    const all = [
        ...new Set(states.map(({ inputs }: ShownState) => inputs.image).filter((one) => typeof one === "string")),
    ];
    const inSwarm = swarmed && imageOfService(swarmed);
    if (inSwarm !== undefined) all.push(inSwarm);
    if (all.length === 0 && typeof given === "string") all.push(given);
    return all
        .map((image) => shortImage(image, all.length === 1 ? given : undefined))
        .sort()
        .join(", ");
}

function shortImage(image: string, given: unknown): string {
    const [, name = image, digest] = /^(.*?)@?sha256:([0-9a-f]{12})[0-9a-f]*$/.exec(image) ?? [];
    if (digest === undefined) return maskImage(image);
    const tagged = typeof given === "string" && !given.includes("sha256:") ? given : name;
    return maskImage(tagged === "" ? digest : `${tagged}@${digest}`);
}

/** A reference to an image may have words such as `secrets` in front of its tag. */
const maskImage = (image: string): string =>
    /^[\w.-]+(:\d+)?(\/[\w.-]+)*(:[\w.-]+)?(@[0-9a-f]+)?$/.test(image) ? image : maskText(image);

function survivalOf(name: string, side: Side, complete: boolean): { survives: number | undefined; why: string } {
    if (!complete || !side.services.some((one) => one.name === name)) return { survives: undefined, why: "" };
    const known = new Set(side.services.map((one) => one.name));
    const services = side.services.map((one) => ({
        ...one,
        dependsOn: one.dependsOn?.filter((on) => known.has(on)) ?? [],
    }));
    try {
        const input = { ...side, services };
        const asked = (vms: number) => checkSurvives(input, name, { vms }).violations[0];
        const survives = asked(side.hosts.length)?.survives ?? side.hosts.length;
        return { survives, why: survives < 1 ? (asked(1)?.reason ?? "") : "" };
    } catch (error) {
        // Names that a placement cannot have, of a program that is not ours.
        if (!(error instanceof FusionInputError)) throw error;
        return { survives: undefined, why: "" };
    }
}
