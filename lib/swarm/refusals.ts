import type { FusionContainerSetArgs } from "../containers/FusionContainerSet";
import { type Faults, show } from "../faults";
import { isArchived, isBuilt } from "../images/imageSpec";
import { isRecord } from "../isRecord";

const PLAIN = "or give the set hosts instead of a swarm";

/** Arguments of a placement that Swarm has nothing for, and why. */
const PLACEMENT: Readonly<Record<string, string>> = {
    prefer: `Swarm knows of no preference but to spread; use require or spreadOver, ${PLAIN}`,
    affinity: `Swarm does not know of sets that belong together; require the same labels of both, ${PLAIN}`,
    maxSkew: `Swarm spreads as well as it can and promises no bound; leave it out, ${PLAIN}`,
    pin: `Swarm alone decides which task runs where; use require, ${PLAIN}`,
    move: `Swarm moves no task that runs; leave it out, ${PLAIN}`,
};

/**
 * Tells by name what of a set's arguments Swarm cannot do; what is left is the set as it can be on a swarm.
 *
 * @returns the arguments without what is refused
 */
export function withoutRefused(name: string, args: FusionContainerSetArgs, faults: Faults): FusionContainerSetArgs {
    const { canary, rollback, container = {}, pull, keepImagesDays, volumes, placement, ...rest } = args;
    const refuse = (argument: string, reason: string) => faults.add(`${name}.${argument}`, reason);
    if (canary !== undefined) {
        refuse("canary", `cannot be on a swarm: a service runs one version; leave it out, ${PLAIN}`);
    }
    if (rollback === true) {
        refuse(
            "rollback",
            `cannot be on a swarm, which goes back when an update fails; name the earlier image, ${PLAIN}`,
        );
    }
    for (const key of Object.keys(container)) {
        refuse(`container.${key}`, `is in the words of a container, and Swarm makes its own; leave it out, ${PLAIN}`);
    }
    if (pull !== undefined && pull !== "missing") {
        refuse("pull", `cannot be ${show(pull)} on a swarm: its nodes pull what they lack; leave it out, ${PLAIN}`);
    }
    if (keepImagesDays !== undefined) {
        refuse("keepImagesDays", `cannot be on a swarm, whose nodes keep what they pulled; leave it out, ${PLAIN}`);
    }
    // Until what Swarm may choose is looked at for the worst (checkSwarmSurvival): a demand that nobody checks is worse than none.
    refuseImage(name, args, faults);
    for (const variable of ["FUSION_TURN", "FUSION_VERSION"]) {
        if (isRecord(args.env) && variable in args.env) {
            refuse(`env.${variable}`, "is what the library itself sets; give the variable another name");
        }
    }
    const kept = refuseVolumes(name, volumes, faults);
    return {
        ...rest,
        ...(kept !== undefined && { volumes: kept }),
        ...(placement !== undefined && { placement: refusePlacement(name, placement, faults) }),
    };
}

function refuseImage(name: string, { image, platform }: FusionContainerSetArgs, faults: Faults): void {
    if (isArchived(image) || isBuilt(image)) {
        const what = isArchived(image) ? "is in an archive" : "is built";
        faults.add(
            `${name}.image`,
            `${what}, and the nodes of a swarm pull it; push it to a registry and give its name`,
        );
    }
    if (typeof platform === "string" && platform.split("/").length > 2) {
        faults.add(
            `${name}.platform`,
            `has a variant, which Swarm does not know of: ${show(platform)}; leave that out`,
        );
    }
}

function refuseVolumes(name: string, volumes: FusionContainerSetArgs["volumes"], faults: Faults) {
    if (!Array.isArray(volumes)) return volumes;
    return volumes.filter((one, index) => {
        const refused = isRecord(one) && one.shared !== true && one.readOnly !== true;
        if (refused) {
            const what = "has one writer at a time, and Swarm starts a task beside the old one or on another node";
            faults.add(`${name}.volumes[${index}]`, `${what}; make it shared or readOnly, ${PLAIN}`);
        }
        return !refused;
    });
}

type Placement = NonNullable<FusionContainerSetArgs["placement"]>;

function refusePlacement(name: string, placement: Placement, faults: Faults): Placement {
    if (!isRecord(placement)) return placement;
    const kept: Record<string, unknown> = {};
    for (const [rule, value] of Object.entries(placement)) {
        const reason = PLACEMENT[rule];
        if (value === undefined) continue;
        if (reason !== undefined) {
            faults.add(`${name}.placement.${rule}`, `cannot be on a swarm: ${reason}`);
        } else if (rule === "objective" && value !== "spread") {
            const what = `cannot be ${show(value)} on a swarm, which spreads tasks over nodes`;
            faults.add(`${name}.placement.objective`, `${what}; leave it out, ${PLAIN}`);
        } else if (rule === "antiAffinity") {
            refuseAntiAffinity(name, value, faults);
        } else {
            kept[rule] = value;
        }
    }
    return kept;
}

/** Whether a set's tasks are to be on nodes of their own: the one rule of this kind that Swarm has. */
export const isApart = (name: string, { placement }: Pick<FusionContainerSetArgs, "placement">): boolean =>
    isRecord(placement) && rulesOf(placement.antiAffinity).some((rule) => isOwn(name, rule));

const rulesOf = (value: unknown): unknown[] => (value === undefined ? [] : [value].flat());

function refuseAntiAffinity(name: string, value: unknown, faults: Faults): void {
    for (const [index, rule] of rulesOf(value).entries()) {
        if (!isOwn(name, rule)) {
            const path = `${name}.placement.antiAffinity${Array.isArray(value) ? `[${index}]` : ""}`;
            const what = `cannot be ${show(rule)} on a swarm, which keeps a service's own tasks apart, on nodes of their own`;
            faults.add(path, `${what}; give { with: [${show(name)}] }, use require, ${PLAIN}`);
        }
    }
}

function isOwn(name: string, rule: unknown): boolean {
    if (!isRecord(rule)) return false;
    const { with: others, over = "host", ...more } = rule;
    return (
        Object.keys(more).length === 0 &&
        over === "host" &&
        Array.isArray(others) &&
        others.length === 1 &&
        others[0] === name
    );
}
