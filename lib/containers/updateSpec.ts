import { type Faults, show } from "../faults";

/** How the replicas of a set are replaced by a new version. */
export interface UpdateArgs {
    /**
     * `start-first`: a new container runs and is healthy before an old one stops. `stop-first`: the old one is taken out of its
     * balancers and stops, then the new one starts in its place. @default "start-first", but "stop-first" where a fixed host
     * port or a volume of one writer forces it
     */
    order?: "start-first" | "stop-first";
    /** How many replicas are replaced at once; the next ones when those serve. @default all with start-first, 1 with stop-first */
    parallelism?: number;
    /**
     * With start-first: how many containers may run at once beyond `replicas`. Below `replicas`, old containers stop as soon as
     * those that take their place serve, not all at the end; those of replicas that move or go stop at the end. @default `replicas`
     */
    maxSurge?: number;
}

/** How a set is updated, as plain values. */
export interface UpdateSpec {
    order: "start-first" | "stop-first";
    /** Why it is stop-first, as an argument's path; undefined where that was chosen, or it is start-first. */
    forcedBy?: string;
    /** Replicas that are replaced at once. */
    parallelism: number;
    /** Whether old containers stop group by group. */
    bounded: boolean;
}

/**
 * Checks how a set is to be updated; what is wrong goes to `faults`.
 *
 * @param replicas how many the set has at the most
 * @param forcedBy the argument that lets only one container of a replica run at a time
 */
export function updateSpec(
    path: string,
    args: UpdateArgs,
    replicas: number,
    forcedBy: string | undefined,
    faults: Faults,
): UpdateSpec {
    const { order, parallelism, maxSurge } = args;
    if (order !== undefined) {
        faults.oneOf(`${path}.order`, order, ["start-first", "stop-first"]);
        if (order === "start-first" && forcedBy !== undefined) {
            faults.add(
                `${path}.order`,
                `cannot be "start-first": ${forcedBy} lets one container of a replica run at a time; leave it out`,
            );
        }
    }
    for (const [name, value] of Object.entries({ parallelism, maxSurge })) {
        if (value !== undefined) {
            faults.integer(`${path}.${name}`, value, 1, 10_000, "give a number of replicas such as 1");
        }
    }
    const stopFirst = order === "stop-first" || forcedBy !== undefined;
    if (stopFirst && maxSurge !== undefined) {
        const why = forcedBy ?? `${path}.order`;
        faults.add(
            `${path}.maxSurge`,
            `has no meaning, since ${why} makes it stop-first: ${show(maxSurge)}; leave it out`,
        );
    }
    if (stopFirst) {
        return {
            order: "stop-first",
            ...(forcedBy !== undefined && order === undefined && { forcedBy }),
            parallelism: parallelism ?? 1,
            bounded: false,
        };
    }
    const surge = maxSurge ?? Number.POSITIVE_INFINITY;
    return {
        order: "start-first",
        parallelism: Math.max(1, Math.min(parallelism ?? replicas, surge, Math.max(1, replicas))),
        bounded: surge < replicas,
    };
}

/**
 * How many replicas do not serve while some are replaced in groups: none where new containers start first.
 *
 * @param replaced how many are
 */
export function awayAtOnce(
    { order, parallelism }: Pick<UpdateSpec, "order" | "parallelism">,
    replaced: number,
): number {
    return order === "start-first" ? 0 : Math.min(parallelism, replaced);
}
