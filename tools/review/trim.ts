import { createHash } from "node:crypto";
import { isRecord } from "../../lib/isRecord";

/** Fields of a step's states that say when and where the program ran, or repeat what other fields say. */
const DROPPED = new Set([
    ...["created", "modified", "sourcePosition", "stackTrace", "resourceHooks", "customTimeouts", "replacementTrigger"],
    ...["additionalSecretOutputs", "dependencies", "ignoreChanges", "replaceOnChanges", "deletedWith", "replaceWith"],
    ...[
        "__defaults",
        "__meta",
        "__pulumi_raw_state_delta",
        "refreshBeforeUpdate",
        "taint",
        "hideDiff",
        "propertyDependencies",
    ],
]);
const LONG = 120;

/**
 * What the engine printed, without what differs from one machine to the next, and with scripts cut, so that it can be kept.
 *
 * @param replaced texts of this machine to what stands for them, the longest first
 */
export function trimPreview(text: string, replaced: ReadonlyMap<string, string>): string {
    let plain = text;
    for (const [from, to] of [...replaced].sort(([a], [b]) => b.length - a.length)) plain = plain.replaceAll(from, to);
    plain = plain
        .replace(/ssh-ed25519 [A-Za-z0-9+/=]{60,}/g, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample")
        .replace(/\/run\/fusion-[0-9a-f]+/g, "/run/fusion")
        .replace(/fusion-test-\w+/g, "project");
    const preview: unknown = JSON.parse(plain);
    if (!isRecord(preview) || !Array.isArray(preview.steps)) throw new Error("the engine printed no preview");
    const { steps, diagnostics, changeSummary } = preview;
    const lines = steps.map((step) => JSON.stringify(isRecord(step) ? trimStep(step) : step));
    const tail = JSON.stringify({ diagnostics: diagnostics ?? [], changeSummary: changeSummary ?? {} }).slice(1);
    return `{"steps":[\n${lines.join(",\n")}\n],${tail}\n`;
}

function trimStep(step: Record<string, unknown>): Record<string, unknown> {
    const isOurs = String(step.urn).includes("fusion:index:") && !String(step.urn).split("::")[2]?.includes("$command");
    const state = (value: unknown) => {
        if (!isRecord(value)) return value;
        const { outputs, ...rest } = value;
        const kept = isOurs && /\$?fusion:index:\w+$/.test(String(value.type)) ? { outputs } : {};
        return trimmed({ ...rest, ...kept });
    };
    const { provider: _, detailedDiff: __, oldState, newState, ...rest } = step;
    return {
        ...rest,
        ...(oldState !== undefined && { oldState: state(oldState) }),
        ...(newState !== undefined && { newState: state(newState) }),
    };
}

function trimmed(value: unknown): unknown {
    if (typeof value === "string") return cut(value);
    if (Array.isArray(value)) return value.map(trimmed);
    if (!isRecord(value)) return value;
    const kept = Object.entries(value).filter(([key]) => !DROPPED.has(key));
    return Object.fromEntries(kept.map(([key, one]) => [key, trimmed(one)]));
}

/** Scripts by their beginning and a hash; what says how a machine is made, and HAProxy's text, as they are. */
function cut(text: string): string {
    if (text.length <= LONG || text.startsWith("global\n")) return text;
    const hash = createHash("sha256").update(text).digest("hex").slice(0, 8);
    const made = /^MADE='.*'$/m.exec(text)?.[0];
    return `${made === undefined ? text.slice(0, 60) : `\n${made}\n`}... (cut, ${hash})`;
}
