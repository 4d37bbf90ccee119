import type { Preview, PreviewStep, ShownState } from "./readPreview";

/** What becomes of a resource. */
export type Operation = "create" | "update" | "replace" | "delete" | "same";

/** A resource with all that a preview does to it. */
export interface Change {
    readonly urn: string;
    /** `docker:index/container:Container`. */
    readonly type: string;
    readonly name: string;
    /** The parent's URN; "" for the stack itself. */
    readonly parent: string;
    readonly operation: Operation;
    readonly old: ShownState | undefined;
    readonly new: ShownState | undefined;
    /** The properties that differ, those that make the engine replace it first. */
    readonly reasons: readonly string[];
}

/** All resources of a preview by their URN, in the engine's order. */
export class Changes {
    private readonly byUrn = new Map<string, Change>();
    private readonly below = new Map<string, Change[]>();
    /** Whether resources that nothing happens to are shown: `--show-sames`. The stack itself always is. */
    readonly showsSames: boolean;

    constructor({ steps }: Pick<Preview, "steps">) {
        // Whatever is asked for, Pulumi shows what it reads, and what is protected from now on or no more.
        this.showsSames = steps.some(
            (step) =>
                step.op === "same" &&
                !/::pulumi:pulumi:Stack::/.test(step.urn) &&
                (step.old === undefined || step.new === undefined || step.old.protect === step.new.protect),
        );
        const renamed = new Map(steps.flatMap(({ urn, old }) => (old?.urn && old.urn !== urn ? [[old.urn, urn]] : [])));
        const all = new Map<string, PreviewStep[]>();
        for (const step of steps) {
            const known = all.get(step.urn);
            if (known === undefined) all.set(step.urn, [step]);
            else known.push(step);
        }
        for (const [urn, mine] of all) {
            const found = merged(urn, mine);
            // What goes of a component with another name has its earlier one as its parent.
            const change = { ...found, parent: renamed.get(found.parent) ?? found.parent };
            // A default provider is nothing that anybody asked for.
            if (change.type.startsWith("pulumi:providers:") && change.name.startsWith("default")) continue;
            this.byUrn.set(urn, change);
            const siblings = this.below.get(change.parent);
            if (siblings === undefined) this.below.set(change.parent, [change]);
            else siblings.push(change);
        }
    }

    get all(): Change[] {
        return [...this.byUrn.values()];
    }

    get(urn: string): Change | undefined {
        return this.byUrn.get(urn);
    }

    ofType(type: string): Change[] {
        return this.all.filter((change) => change.type === type);
    }

    /** Components of a type, those included that the preview does not show since only their children change. */
    components(type: string): Change[] {
        const hidden = [...this.below.keys()].filter((urn) => !this.byUrn.has(urn) && typeOf(urn) === type);
        const as = (urn: string): Change => ({
            ...{ urn, type, name: nameOf(urn), parent: "", operation: "same" as const },
            ...{ old: undefined, new: undefined, reasons: [] },
        });
        return [...this.ofType(type), ...hidden.map(as)];
    }

    childrenOf(urn: string): readonly Change[] {
        return this.below.get(urn) ?? [];
    }
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
    ...{ create: "create", import: "create", update: "update", delete: "delete", same: "same", read: "same" },
    ...{ replace: "replace", "create-replacement": "replace", "delete-replaced": "replace", refresh: "same" },
    // What the stack has never made is only forgotten.
    discard: "same",
    ...{ "import-replacement": "replace", "read-replacement": "replace", "discard-replaced": "replace" },
};

/** A resource that is replaced has up to three steps. */
function merged(urn: string, steps: readonly PreviewStep[]): Change {
    const operations = steps.map(({ op }) => OPERATIONS[op] ?? "update");
    const isReplaced =
        operations.includes("replace") || (operations.includes("delete") && operations.includes("create"));
    const last = steps.findLast((step) => step.new !== undefined);
    const first = steps.find(({ old }) => old !== undefined);
    const reasons = steps.flatMap(({ replaceReasons, diffReasons }) => [...replaceReasons, ...diffReasons]);
    const state = last?.new ?? first?.old;
    return {
        urn,
        type: typeOf(urn),
        name: nameOf(urn),
        parent: state?.parent ?? "",
        operation: isReplaced ? "replace" : (operations.find((one) => one !== "same") ?? "same"),
        old: first?.old,
        new: operations.every((one) => one === "delete") ? undefined : last?.new,
        reasons: [...new Set(reasons)],
    };
}

/** The type in a URN, without those of its parents. */
export const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

/** The name in a URN. */
export const nameOf = (urn: string): string => urn.split("::").slice(3).join("::");
