import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";
import type { PlacementGoal, PlacementMoveBudget, PlacementService } from "../placement";
import { at } from "../placement/read";
import type { FusionContainerSetArgs } from "./FusionContainerSet";

/** The word for one replica on each host. */
export const EVERY_HOST = "every-host";

const GOALS: readonly PlacementGoal[] = ["spread", "binpack", "balance", "fewest-hosts"];

const KNOWN: readonly string[] = [
    ...["objective", "move", "pin", "require", "prefer", "antiAffinity", "affinity"],
    ...["spreadOver", "maxSkew", "needs", "dependsOn"],
];

/** Where the replicas of a set may and should run, as validated plain values. */
export interface PlacementSpec {
    objective: PlacementGoal;
    /** How many of the set's own replicas may be moved. */
    move: PlacementMoveBudget;
    /** How many, how they are called, and the rules; what `place` checks itself is passed on as it is. */
    where: Pick<PlacementService, "replicas" | "names" | "pin" | "require"> & Partial<PlacementService>;
}

/** Checks `replicas` and `placement`; what is wrong goes to `faults`, with paths from the set's name on. */
export function placementSpec(
    name: string,
    { replicas = 1, placement }: Pick<FusionContainerSetArgs, "replicas" | "placement">,
    hosts: readonly DockerHostSpec[],
    faults: Faults,
): PlacementSpec {
    if (placement !== undefined && !isRecord(placement)) {
        faults.add(`${name}.placement`, `must be an object, got ${show(placement)}; give e.g. { spreadOver: "zone" }`);
        return placementSpec(name, { replicas }, hosts, faults);
    }
    for (const rule of Object.keys(placement ?? {})) {
        if (!KNOWN.includes(rule)) {
            const path = at(`${name}.placement`, rule);
            faults.add(path, `is not known here; what can be given is ${[...KNOWN].sort().join(", ")}`);
        }
    }
    const { objective = "spread", move = {}, ...rules } = placement ?? {};
    faults.oneOf(`${name}.placement.objective`, objective, GOALS);
    checkMove(`${name}.placement.move`, move, faults);
    const names = hosts.map((host) => host.name);
    const own = isRecord(rules.require) ? rules.require.host : undefined;
    const allowed = Array.isArray(own) ? names.filter((host) => own.includes(host)) : names;
    for (const [index, host] of (Array.isArray(own) ? own : []).entries()) {
        if (!names.includes(host)) {
            const path = `${name}.placement.require.host[${index}]`;
            faults.add(path, `${show(host)} is none of the set's hosts; name one of ${show(names)}`);
        }
    }
    const require = isRecord(rules.require ?? {}) ? { ...rules.require, host: allowed } : rules.require;
    if (replicas === EVERY_HOST) {
        return { objective, move: {}, where: { ...rules, ...everyHost(name, rules, move, hosts, require, faults) } };
    }
    if (typeof replicas === "string") {
        faults.add(`${name}.replicas`, `is not known: ${show(replicas)}; give a number such as 4, or "${EVERY_HOST}"`);
    } else {
        faults.integer(`${name}.replicas`, replicas, 0, 10_000, `give a number such as 4, or "${EVERY_HOST}"`);
    }
    checkPin(name, rules.pin, names, faults);
    const count = Number.isInteger(replicas) && replicas >= 0 && replicas <= 10_000 ? replicas : 1;
    return { objective, move, where: { ...rules, replicas: count, ...(require && { require }) } };
}

/** One replica on each host that has what `require` asks for, called like it. */
function everyHost(
    name: string,
    rules: NonNullable<FusionContainerSetArgs["placement"]>,
    move: PlacementMoveBudget,
    hosts: readonly DockerHostSpec[],
    require: PlacementService["require"],
    faults: Faults,
): Pick<PlacementService, "replicas" | "names" | "pin"> & Partial<PlacementService> {
    const { pin, prefer, spreadOver, maxSkew } = rules;
    const given = { pin, prefer, spreadOver, maxSkew, ...(Object.keys(move).length > 0 && { move }) };
    for (const [rule, value] of Object.entries(given)) {
        if (value === undefined) continue;
        const what = `has no meaning with replicas: "${EVERY_HOST}", got ${show(value)}`;
        faults.add(`${name}.placement.${rule}`, `${what}; leave it out, or give a number of replicas`);
    }
    const wanted = Object.entries(require ?? {}).filter((entry): entry is [string, string[]] =>
        Array.isArray(entry[1]),
    );
    const usable = hosts.filter((host) =>
        wanted.every(([label, values]) => values.includes((label === "host" ? host.name : host.labels[label]) ?? "")),
    );
    if (hosts.length > 0 && usable.length === 0) {
        const what = `none of the ${hosts.length} hosts has what is required, ${show(rules.require)}`;
        faults.add(`${name}.placement.require`, `${what}; require less, or label the hosts`);
    }
    const names = [...new Set(usable.map((host) => host.name))].sort();
    return {
        replicas: names.length,
        names,
        pin: Object.fromEntries(names.map((host) => [`${name}-${host}`, host])),
        ...(require && { require }),
    };
}

/** What `place` cannot tell: that a host of the program is none of the set's. */
function checkPin(name: string, pin: unknown, hosts: readonly string[], faults: Faults): void {
    for (const [replica, host] of Object.entries(isRecord(pin) ? pin : {})) {
        if (typeof host === "string" && !hosts.includes(host)) {
            const path = at(`${name}.placement.pin`, replica);
            faults.add(path, `${show(host)} is none of the set's hosts; name one of ${show(hosts)}`);
        }
    }
}

function checkMove(path: string, move: unknown, faults: Faults): void {
    if (!isRecord(move)) {
        faults.add(path, `must be an object, got ${show(move)}; give e.g. { improve: 2 }`);
        return;
    }
    for (const [purpose, budget] of Object.entries(move)) {
        if (!["restore", "add", "improve"].includes(purpose)) {
            faults.add(at(path, purpose), "is not known here; what can be given is add, improve, restore");
        } else if (budget !== undefined) {
            faults.integer(at(path, purpose), budget, 0, 10_000, "give how many replicas may be moved, such as 2");
        }
    }
}
