import { type ContainerSetSpec, containerSetSpec } from "../containers/containerSetSpec";
import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import { isText } from "../isText";
import { at } from "../placement/read";
import type { FusionJobArgs } from "./FusionJob";

/** The structural arguments of a job as validated plain values. */
export interface JobSpec {
    /** The job as the planner sees it: a set of one replica. */
    set: ContainerSetSpec;
    timeoutSeconds: number;
    /** OnCalendar expression; undefined: once. */
    schedule: string | undefined;
}

const PLACEMENT: readonly string[] = ["objective", "require", "prefer", "antiAffinity", "affinity"];

/** The name of a job's one replica in placements. */
export const replicaOf = (name: string): string => `${name}-0`;

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function jobSpec(name: string, args: FusionJobArgs, hosts: readonly DockerHostSpec[], faults: Faults): JobSpec {
    const { image, command, env, files, resources, placement, timeoutSeconds = 600, schedule } = args;
    for (const rule of isRecord(placement) ? Object.keys(placement) : []) {
        if (!PLACEMENT.includes(rule)) {
            const known = [...PLACEMENT].sort().join(", ");
            faults.add(at(`${name}.placement`, rule), `is not known here; what can be given is ${known}`);
        }
    }
    const known = isRecord(placement)
        ? Object.fromEntries(Object.entries(placement).filter(([rule]) => PLACEMENT.includes(rule)))
        : placement;
    const shared = { command, env, files, resources, placement: known };
    const given = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
    const set = containerSetSpec(name, { hosts: args.hosts, image, ...given }, hosts, faults);
    faults.integer(`${name}.timeoutSeconds`, timeoutSeconds, 1, 604_800, "give seconds, such as 600");
    // Which expressions systemd takes it says itself, on the host.
    if (schedule !== undefined && !isText(schedule, /^[A-Za-z0-9*:,./~_+ -]+$/)) {
        const remedy = `give systemd's OnCalendar, such as "daily" or "*-*-* 03:00:00"`;
        faults.add(`${name}.schedule`, `is no calendar expression: ${show(schedule)}; ${remedy}`);
    }
    return { set: { ...set, isJob: true }, timeoutSeconds, schedule };
}
