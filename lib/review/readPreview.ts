import { FusionInputError } from "../inputError";
import { isRecord } from "../isRecord";
import { at, Faults, shown } from "../placement/read";

/** A resource as a preview shows it; what is secret of it is `[secret]`. */
export interface ShownState {
    readonly type: string;
    /** The URN; "" for one without. */
    readonly parent: string;
    readonly protect: boolean;
    /** The URN that it has there; left out where that is the step's. */
    readonly urn?: string;
    /** Whether a provider has it, which is so for all but components. */
    readonly custom?: boolean;
    /** Whether the stack has not made it, but reads it. */
    readonly external?: boolean;
    /** Whether it stays where it is when the stack has it no longer. */
    readonly retainOnDelete?: boolean;
    /** The name of the resource's provider. */
    readonly provider: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly outputs: Readonly<Record<string, unknown>>;
    /** Input to the URNs that it comes from. */
    readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

/** One operation on one resource, in the engine's words. */
export interface PreviewStep {
    readonly op: string;
    readonly urn: string;
    readonly old: ShownState | undefined;
    readonly new: ShownState | undefined;
    /** The properties that make the engine replace it. */
    readonly replaceReasons: readonly string[];
    /** The properties that differ. */
    readonly diffReasons: readonly string[];
}

/** What `pulumi preview --json` prints, as far as it is read here. */
export interface Preview {
    readonly steps: readonly PreviewStep[];
    readonly diagnostics: readonly { readonly urn: string; readonly message: string; readonly severity: string }[];
}

const EVENTS = ["resourcePreEvent", "resOutputsEvent", "summaryEvent", "preludeEvent", "diagnosticEvent"];
const REMEDY = "give what `pulumi preview --json` prints";

/**
 * Reads a preview.
 *
 * @throws FusionInputError for what is none, with what it seems to be, or with the path of each part that cannot be read
 */
export function readPreview(value: unknown): Preview {
    const faults = new Faults();
    const other = otherThan(value);
    if (other !== undefined) faults.add("", `${other}; ${REMEDY}`);
    const preview = isRecord(value) && other === undefined ? value : {};
    const steps = list(preview.steps, "steps", faults).flatMap((step, i) => readStep(step, `steps[${i}]`, faults));
    const diagnostics = list(preview.diagnostics, "diagnostics", faults).flatMap((one) => {
        if (!isRecord(one) || typeof one.message !== "string") return [];
        return [{ urn: text(one.urn), message: one.message, severity: text(one.severity) }];
    });
    if (faults.list.length > 0) throw new FusionInputError(faults.list.slice(0, 50));
    return { steps, diagnostics };
}

/** What a value is that is no preview; undefined where it may be one. */
function otherThan(value: unknown): string | undefined {
    if (!isRecord(value)) return `is no preview but ${shown(value)}`;
    if (isRecord(value.deployment) || isRecord(value.checkpoint)) return "is the state of a stack and no preview";
    if (EVENTS.some((event) => event in value)) {
        return "is one of the engine's events and no preview; unset PULUMI_ENABLE_STREAMING_JSON_PREVIEW";
    }
    if (value.hosts !== undefined && value.services !== undefined) return "is a placement problem and no preview";
    // An engine that has failed early prints no steps, only why.
    const known = ["steps", "diagnostics", "changeSummary"].some((key) => value[key] !== undefined);
    if (known) return undefined;
    const keys = Object.keys(value);
    return keys.length === 0
        ? "is an empty object and no preview"
        : `is no preview: it has ${keys.slice(0, 5).join(", ")}`;
}

function readStep(step: unknown, path: string, faults: Faults): PreviewStep[] {
    if (!isRecord(step)) {
        faults.add(path, `must be an object, got ${shown(step)}; ${REMEDY}`);
        return [];
    }
    for (const key of ["op", "urn"]) {
        if (typeof step[key] !== "string" || step[key] === "") {
            faults.add(at(path, key), `must be a text that is not empty, got ${shown(step[key])}; ${REMEDY}`);
        }
    }
    return [
        {
            op: text(step.op),
            urn: text(step.urn),
            old: readState(step.oldState),
            new: readState(step.newState),
            replaceReasons: texts(step.replaceReasons),
            diffReasons: texts(step.diffReasons),
        },
    ];
}

const readState = (value: unknown): ShownState | undefined => (isRecord(value) ? stateOf(value) : undefined);

/** A resource as the engine writes it, in a preview or in a state. */
export function stateOf(value: Readonly<Record<string, unknown>>): ShownState {
    const { urn, custom, external, retainOnDelete } = value;
    const dependencies = Object.entries(isRecord(value.propertyDependencies) ? value.propertyDependencies : {});
    return {
        type: text(value.type),
        parent: text(value.parent),
        protect: value.protect === true,
        ...(typeof urn === "string" && { urn }),
        ...(custom === true && { custom }),
        ...(external === true && { external }),
        ...(retainOnDelete === true && { retainOnDelete }),
        provider: text(value.provider).split("::")[3] ?? "",
        inputs: isRecord(value.inputs) ? value.inputs : {},
        outputs: isRecord(value.outputs) ? value.outputs : {},
        dependencies: Object.fromEntries(dependencies.map(([key, urns]) => [key, texts(urns)])),
    };
}

function list(value: unknown, path: string, faults: Faults): readonly unknown[] {
    if (value === undefined || value === null) return [];
    if (Array.isArray(value)) return value;
    faults.add(path, `must be a list, got ${shown(value)}; ${REMEDY}`);
    return [];
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
