import { Changes } from "../../lib/review/changes";
import type { Deployment } from "../../lib/review/deployment";
import { readPreview, type ShownState } from "../../lib/review/readPreview";

/** What the engine puts in the place of a text that is known only later. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const RECORD = "fusion:index:PlacementRecord";

/**
 * What a policy pack sees of a deployment, made from what the engine has printed of its preview: the last state, and what is wanted with
 * the outputs that a preview has at its end, as far as they are read: ids, and what a set keeps of how it is replaced.
 */
export function recordedDeployment(preview: unknown): Deployment {
    const changes = new Changes(readPreview(preview));
    const isComponent = ({ type }: ShownState) => /^(fusion|pulumi):/.test(type);
    const idOf = (state: ShownState, id: string) => (isComponent(state) ? "" : id);
    return {
        last: changes.all.flatMap(({ urn, old }) =>
            old === undefined ? [] : [{ urn, id: idOf(old, "1"), state: old }],
        ),
        wanted: changes.all.flatMap(({ urn, operation, new: state, parent }) => {
            if (state === undefined) return [];
            const id = idOf(state, operation === "replace" || operation === "create" ? UNKNOWN : "1");
            const update = state.type === RECORD ? { update: updateOf(changes.get(parent)?.new?.inputs ?? {}) } : {};
            return [{ urn, aliases: [], state: { ...state, outputs: { ...(id !== "" && { id }), ...update } } }];
        }),
    };
}

/** As a set of the recorded program works it out from its arguments: see `updateSpec`. */
function updateOf({ update, volumes, replicas }: Readonly<Record<string, unknown>>) {
    const given = typeof update === "object" && update !== null && "order" in update ? update.order : undefined;
    const forced = Array.isArray(volumes) && volumes.length > 0;
    return given === "stop-first" || forced
        ? { order: "stop-first", parallelism: 1 }
        : { order: "start-first", parallelism: typeof replicas === "number" ? replicas : 1 };
}
