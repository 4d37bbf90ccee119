import { isRecord } from "../isRecord";
import { Changes, type Operation } from "./changes";
import { isUnknown, SECRET } from "./mask";
import type { PreviewStep, ShownState } from "./readPreview";

/** A resource as the last deployment has left it. */
export interface LastResource {
    readonly urn: string;
    readonly state: ShownState;
    /** What the provider calls it; "" for a component. */
    readonly id: string;
}

/** A resource as the program has asked for it. */
export interface WantedResource {
    readonly urn: string;
    /** Its outputs are what they are before it is made: of what is to be made, the id is known only later. */
    readonly state: ShownState;
    /** URNs that it may have had. */
    readonly aliases: readonly string[];
}

/** What a deployment does, seen from a policy pack: it is told what is wanted, and reads what is there. */
export interface Deployment {
    readonly last: readonly LastResource[];
    readonly wanted: readonly WantedResource[];
}

/**
 * The changes of a deployment. What becomes of a resource follows from both sides: the engine tells its provider's answer to nobody,
 * but an id that will be another shows that a resource is replaced, whatever makes it so.
 */
export function changesOf({ last, wanted }: Deployment): Changes {
    const before = new Map(last.map((one) => [one.urn, one]));
    const kept = new Set<string>();
    const steps = wanted.map((one): PreviewStep => {
        const old = [one.urn, ...one.aliases].map((urn) => before.get(urn)).find((found) => found !== undefined);
        if (old !== undefined) kept.add(old.urn);
        const reasons = old === undefined ? [] : differences(old.state.inputs, one.state.inputs);
        return step(one.urn, operation(old, one, reasons), old?.state, one.state, reasons);
    });
    const gone = last
        // What the stack has never made is only forgotten.
        .filter(({ urn, state }) => !kept.has(urn) && state.external !== true)
        // Those that have others below them go last, as with the engine.
        .map(({ urn, state }) => step(urn, "delete", state, undefined, []));
    return new Changes({ steps: [...steps, ...gone] });
}

function step(
    urn: string,
    op: Operation,
    old: ShownState | undefined,
    fresh: ShownState | undefined,
    reasons: readonly string[],
): PreviewStep {
    return { urn, op, old, new: fresh, replaceReasons: [], diffReasons: reasons };
}

function operation(old: LastResource | undefined, { state }: WantedResource, reasons: readonly string[]): Operation {
    if (old === undefined) return "create";
    const { id } = state.outputs;
    if (old.id !== "" && (isUnknown(id) || (typeof id === "string" && id !== old.id))) return "replace";
    return reasons.length > 0 ? "update" : "same";
}

/** The properties that differ. Of two secrets nothing is known. */
function differences(old: Readonly<Record<string, unknown>>, fresh: Readonly<Record<string, unknown>>): string[] {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].sort();
    return keys.filter((key) => canonical(old[key]) !== canonical(fresh[key]));
}

/** JSON whose keys are sorted. */
function canonical(value: unknown): string {
    return JSON.stringify(value, (_, one: unknown) =>
        isRecord(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
    );
}

/** What marks a value in the state, or on its way to a provider, as something else than it looks. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET_SIGNATURE = "1b47061264138c4ac30d75fd1eb44270";

/**
 * Values of the state as a preview shows them: secrets masked, and without what the bridge to Terraform's providers keeps beside them.
 */
export function shownValues(values: unknown): Record<string, unknown> {
    const shown = shownValue(values);
    return isRecord(shown) ? shown : {};
}

function shownValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(shownValue);
    if (!isRecord(value)) return value;
    if (value[SIGNATURE] === SECRET_SIGNATURE) return SECRET;
    const kept = Object.entries(value).filter(([key, one]) => !key.startsWith("__") && one !== undefined);
    return Object.fromEntries(kept.map(([key, one]) => [key, shownValue(one)]));
}
