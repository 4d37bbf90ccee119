import type { Changes } from "./changes";
import { isUnknown } from "./mask";
import type { Unknown } from "./types";

/** Inputs that are known only when what they come from is there; those of a component, which repeat its children's, left out. */
export function unknownsOf(changes: Changes): Unknown[] {
    return changes.all.flatMap(({ name, type, new: state }) => {
        if (state === undefined || type === "pulumi:pulumi:Stack") return [];
        return Object.entries(state.inputs)
            .filter(([, value]) => isUnknown(value))
            .map(([property]) => ({
                resource: `${type.split(":").at(-1)} ${name}`,
                property,
                from: [
                    ...new Set((state.dependencies[property] ?? []).map((urn) => urn.split("::").slice(3).join("::"))),
                ].sort(),
            }));
    });
}
