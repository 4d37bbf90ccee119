import { percent } from "../../pictures/scene";
import type { HostLoad, Loss, Review, ServiceReview } from "../types";
import type { Section } from "./fit";
import { code, inline, some, tableLines, withCode } from "./words";

export const section = (title: string, weight: number, more: Partial<Section>): Section => ({
    ...{ title, weight, head: [], lines: [], foot: [], folded: false, folds: false },
    ...more,
});

/** What is decided on: one line, what stops it, and what failed. */
export function decisions({ headline, stack, stops, errors, complete, unchanged, machines }: Review): Section {
    const away = machines.some(({ minutes }) => minutes > 0);
    const judged = away ? ", nor what serves while a machine is away (rule `leastServing`)" : "";
    const title = stack === "" ? "## Review" : `## Review of ${code(stack)}`;
    const line = inline(headline);
    const head = [title, "", `**${line.length > 1_500 ? `${line.slice(0, 1_499)}…` : line}.**`];
    const lines = [
        ...(errors.length > 0
            ? ["", "> [!CAUTION]", ...errors.flatMap((one) => one.split("\n").map((text) => `> ${inline(text)}`))]
            : []),
        ...(stops.length > 0
            ? [
                  "",
                  "> [!CAUTION]",
                  `> **Stop**: ${stops.length === 1 ? "a rule is" : `${stops.length} rules are`} broken.`,
                  ">",
              ]
            : []),
        ...stops.map(({ rule, what, remedy }) => `> - ${withCode(what)} → ${inline(remedy)} (rule ${code(rule)})`),
        ...(complete || unchanged || errors.length > 0
            ? []
            : [
                  "",
                  `_What stays as it is is not in this preview, so survival and load are not told${judged}: add \`--show-sames\` to it._`,
              ]),
    ];
    return section("", 100, { head, lines });
}

const MARKS: Readonly<Record<Loss["operation"], string>> = {
    deleted: "❌ deleted",
    replaced: "🔁 replaced",
    restarted: "🔄 restarted",
};

export function losses({ losses: all }: Review): Section[] {
    if (all.length === 0) return [];
    const { head, lines } = tableLines(
        ["", "what", "because of", "lost"],
        all.map(({ what, operation, cause, lost, data, refused }) => [
            data ? "⚠️ **DATA** " + MARKS[operation] : MARKS[operation],
            data ? `**${withCode(what)}**` : withCode(what),
            withCode(cause),
            [data ? `**${withCode(lost)}**` : withCode(lost), refused ? "_protected: Pulumi refuses_" : ""]
                .filter(Boolean)
                .join("; "),
        ]),
    );
    return [section("Destroyed or replaced", 90, { head, lines })];
}

export function services({ services: all }: Review): Section[] {
    if (all.length === 0) return [];
    const { head, lines } = tableLines(
        ["service", "replicas", "serving meanwhile, at least", "image", "survives the loss of"],
        all.map((one) => [code(one.name), arrow(one.before, one.after), low(one), imageCell(one), survivalCell(one)]),
    );
    const weak = all.flatMap(({ weakness }) => (weakness === "" ? [] : [`- ${inline(weakness)}`]));
    return [section("Services", 85, { head, lines: [...lines, ...(weak.length > 0 ? ["", ...weak] : [])] })];
}

const arrow = (before: number | undefined, after: number | undefined): string =>
    before === after ? told(before) : `${told(before)} → ${told(after)}`;
const told = (value: number | undefined): string => (value === undefined ? "?" : String(value));
const low = ({ lowest, before, after }: ServiceReview): string =>
    before === 0 ? "new" : after === 0 ? "goes" : lowest === undefined ? "?" : lowest === 0 ? "**0**" : String(lowest);

function imageCell({ imageBefore, imageAfter }: ServiceReview): string {
    if (imageBefore === imageAfter || imageBefore === "" || imageAfter === "") return code(imageAfter || imageBefore);
    return `${code(imageBefore)} → ${code(imageAfter)}`;
}

function survivalCell({ survivesBefore: was, survivesAfter: is, after }: ServiceReview): string {
    if (after === 0) return "–";
    const words = (hosts: number | undefined) =>
        hosts === undefined ? "?" : hosts < 1 ? "no host" : hosts === 1 ? "any 1 host" : `any ${hosts} hosts`;
    if (was === undefined || was === is) return words(is);
    return is !== undefined && is < was ? `${words(was)} → **${words(is)}**` : `${words(was)} → ${words(is)}`;
}

export function placement({ moves, loads, machines }: Review): Section[] {
    const found: Section[] = [];
    if (machines.length > 0) {
        const { head, lines } = tableLines(
            ["machine", "", "because of", "away"],
            machines.map(({ name, effect, reasons, minutes }) => [
                code(name),
                effect,
                reasons.map(inline).join("<br>"),
                minutes > 0 ? `at most ${minutes} min, one machine at a time` : "–",
            ]),
        );
        found.push(section("Machines", 80, { head, lines }));
    }
    if (moves.length > 0) {
        // Equal ones as one row.
        const groups = new Map<string, { replicas: string[]; from: string; to: string; why: string }>();
        for (const { replica, from, to, why } of moves) {
            const group = groups.get(`${from} ${to} ${why}`) ?? { replicas: [], from, to, why };
            group.replicas.push(replica);
            groups.set(`${from} ${to} ${why}`, group);
        }
        const { head, lines } = tableLines(
            ["moves", "from", "to", "why"],
            [...groups.values()].map(({ replicas, from, to, why }) => [
                some(replicas.map(code)),
                code(from),
                code(to),
                inline(why),
            ]),
        );
        found.push(section("Placement", 75, { head, lines, folds: true }));
    }
    if (loads.length > 0) {
        const dimensions = [...new Set(loads.map(({ dimension }) => dimension))].sort();
        const { head, lines } = tableLines(
            ["host", ...dimensions.map((one) => `${inline(one)} taken, left`)],
            [...new Set(loads.map(({ host }) => host))].map((host) => [
                code(host),
                ...dimensions.map((dimension) =>
                    loadCell(loads.find((one) => one.host === host && one.dimension === dimension)),
                ),
            ]),
        );
        found.push(section("Load", 60, { head, lines, folds: true }));
    }
    return found;
}

function loadCell(load: HostLoad | undefined): string {
    if (load === undefined) return "as before";
    const { dimension, before, after, left } = load;
    const share = (value: number | undefined, none: string) => (value === undefined ? none : percent(value));
    const unit = { cpu: " millicores", memory: " MiB" }[dimension] ?? "";
    const rest = left === undefined ? "" : `, ${left}${unit} left`;
    return `${share(before, "new")} → ${share(after, "gone")}${rest}`;
}
