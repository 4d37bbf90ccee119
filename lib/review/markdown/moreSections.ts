import type { OperationNode, Review } from "../types";
import type { Section } from "./fit";
import { section } from "./mainSections";
import { code, fenced, inline, some, tableLines } from "./words";

export function haproxy({ balancers }: Review): Section[] {
    return balancers
        .filter(({ diff }) => diff !== "")
        .map(({ name, diff }) => fencedSection(`HAProxy: ${code(name)}`, 50, "diff", diff));
}

export function guests({ guests: all }: Review): Section[] {
    return all.map(({ machines, policy, diff }) => {
        const title = `cloud-init: ${machines.slice(0, 5).map(code).join(", ")}${machines.length > 5 ? ` and ${machines.length - 5} more` : ""}`;
        const one = fencedSection(title, 45, "diff", diff);
        return { ...one, head: [inline(policy), "", ...one.head] };
    });
}

function fencedSection(title: string, weight: number, language: string, text: string): Section {
    const [open = "", ...rest] = fenced(language, text.replace(/\n$/, "").split("\n"));
    const close = rest.pop() ?? "";
    return section(title, weight, { head: [open], lines: rest, foot: [close], folds: true });
}

export function environment({ environment: all }: Review): Section[] {
    if (all.length === 0) return [];
    const groups = new Map<string, string[]>();
    for (const { component, name, change, secret } of all) {
        const key = `${component}\n${change}`;
        groups.set(key, [...(groups.get(key) ?? []), `${code(name)}${secret ? " (secret)" : ""}`]);
    }
    const { head, lines } = tableLines(
        ["of", "", "names; no value is shown"],
        [...groups].map(([key, names]) => {
            const [component = "", change = ""] = key.split("\n");
            return [code(component), change, some(names)];
        }),
    );
    return [section("Environment and secrets", 70, { head, lines, folds: true })];
}

export function unknowns({ unknowns: all }: Review): Section[] {
    if (all.length === 0) return [];
    const { head, lines } = tableLines(
        ["known only later", "", "comes from"],
        all.map(({ resource, property, from }) => [
            code(resource),
            code(property),
            from.length > 0 ? from.map(code).join(", ") : "what is made in this deployment",
        ]),
    );
    return [section("Not known yet", 40, { head, lines, folds: true })];
}

/** @param picture where it is as a picture; "" for nowhere */
export function graph({ graph: text }: Review, picture: string): Section[] {
    if (text === "") return [];
    const drawn = {
        ...fencedSection("Afterwards", 30, "mermaid", text),
        whole: true,
        folded: text.split("\n").length > 40,
    };
    if (picture === "") return [drawn];
    return [
        section("The graph as a picture", 30, { head: [`[Each host with what runs on it](<${picture}>)`], lines: [] }),
        drawn,
    ];
}

export function messages({ messages: all, services, machines }: Review): Section[] {
    const words = [...services, ...machines].flatMap((one) => one.words);
    const lines = [...words, ...all.flatMap((one) => one.split("\n"))];
    if (lines.length === 0) return [];
    return [{ ...fencedSection("In the program's own words", 20, "", lines.join("\n")), folded: true }];
}

const SIGNS: Readonly<Record<string, string>> = { create: "+", update: "~", replace: "±", delete: "-", same: " " };
/** Names of one node that are told. */
const MOST = 6;

export function operations({ operations: all, counts }: Review): Section[] {
    if (all.length === 0) return [];
    const told = Object.entries(counts).map(([operation, many]) => `${many} ${operation}`);
    const one = fencedSection(`All operations: ${told.join(", ")}`, 10, "", treeLines(all, 0).join("\n"));
    return [{ ...one, folded: true }];
}

function treeLines(nodes: readonly OperationNode[], depth: number): string[] {
    return nodes.flatMap(({ operation, type, names, properties, children }) => {
        const some = names.slice(0, MOST).join(", ");
        const more = names.length > MOST ? ` and ${names.length - MOST} more` : "";
        const many = names.length > 1 ? `${names.length} x ` : "";
        const what = properties.length > 0 ? `  [${properties.join(", ")}]` : "";
        const line = `${SIGNS[operation] ?? "?"} ${"  ".repeat(depth)}${many}${type} ${some}${more}${what}`;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is replaced
        return [line.replace(/[\u0000-\u001f\u007f-\u009f]/g, " "), ...treeLines(children, depth + 1)];
    });
}
