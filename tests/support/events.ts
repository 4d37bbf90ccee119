import { readFileSync } from "node:fs";

/** One operation on one resource. */
export interface Step {
    /** `create`, `update`, `replace`, `create-replacement`, `delete-replaced`, `delete`, `same`, `read`, `refresh`... */
    op: string;
    urn: string;
    type: string;
    /** The resource's name: the last part of its URN. */
    name: string;
    /** The properties that differ. */
    diffs: string[];
    old?: ResourceState;
    new?: ResourceState;
}

/** A resource as an event shows it; secrets are shown as `[secret]`. */
export interface ResourceState {
    inputs: Record<string, unknown>;
    outputs: Record<string, unknown>;
    parent?: string;
}

export interface Diagnostic {
    urn: string;
    severity: string;
    message: string;
}

interface Metadata {
    op: string;
    urn: string;
    type: string;
    diffs?: string[];
    old?: ResourceState;
    new?: ResourceState;
}

/** The parts of an engine event that tests look at. */
export interface EngineEvent {
    resourcePreEvent?: { metadata: Metadata };
    resOutputsEvent?: { metadata: Metadata; planning?: boolean };
    diagnosticEvent?: { urn?: string; severity: string; message: string; ephemeral?: boolean };
    summaryEvent?: { resourceChanges?: Record<string, number> };
}

/** Reads the events that the engine logged, none when it did not come that far. */
export function readEvents(file: string): EngineEvent[] {
    let text: string;
    try {
        text = readFileSync(file, "utf8");
    } catch {
        return [];
    }
    return text
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line));
}

/** The step of an event; none for a default provider, which nobody asked for and no display shows. */
export function stepsOf({ op, urn, type, diffs, old, new: fresh }: Metadata): Step[] {
    const name = urn.split("::").at(-1) ?? "";
    if (type.startsWith("pulumi:providers:") && name.startsWith("default")) {
        return [];
    }
    return [{ op, urn, type, name, diffs: diffs ?? [], ...(old ? { old } : {}), ...(fresh ? { new: fresh } : {}) }];
}
