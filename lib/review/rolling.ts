import { awayAtOnce } from "../containers/updateSpec";
import { isRecord } from "../isRecord";
import type { Change, Changes } from "./changes";
import { hostOf, labelOf, type SetFacts } from "./placements";
import type { ShownState } from "./readPreview";
import { isRolledBySwarm, tasksAway } from "./swarmServices";

const PLACEMENT = "fusion:index:PlacementRecord";
const RELEASE = "fusion:index:ReleaseRecord";

/**
 * How many of its replicas a set does without while it is replaced; infinite where it does not serve. A review reads it in the set's own
 * words; a policy pack does not hear these, so it is worked out from what the set's records keep.
 */
export function rolling(changes: Changes, set: SetFacts): number {
    if (isRolledBySwarm(set)) return tasksAway(set);
    const { change, containers, after } = set;
    const replaced = containers.filter(isRolled).length;
    if (replaced === 0) return 0;
    const record = (type: string) => changes.childrenOf(change.urn).find((one) => one.type === type);
    const update = record(PLACEMENT)?.new?.outputs.update;
    const { order, parallelism } = isRecord(update) ? update : {};
    const before = record(RELEASE)?.old?.outputs.order;
    // Not in the deployment that makes it stop first; see `ReleaseRecord.stopsFirst`.
    const stopsFirst = order !== "start-first" && (before === undefined || before === "stop-first");
    const away = awayAtOnce(
        {
            order: stopsFirst ? "stop-first" : "start-first",
            // Where it is not known, all at once.
            parallelism: typeof parallelism === "number" ? parallelism : Number.POSITIVE_INFINITY,
        },
        replaced,
    );
    return away >= after.size ? Number.POSITIVE_INFINITY : away;
}

/** Whether a container makes room for one of another version on the same host. */
const isRolled = ({ old, new: fresh }: Change): boolean =>
    old !== undefined && fresh !== undefined && hostOf(old) === hostOf(fresh) && versionOf(old) !== versionOf(fresh);

function versionOf({ inputs }: ShownState): unknown {
    // Of labels that are secret as a whole the name of the container tells it: replica, version and turn.
    return labelOf(inputs, "fusion.version") ?? inputs.name;
}
