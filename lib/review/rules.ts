import { FusionInputError } from "../inputError";
import { percent } from "../pictures/scene";
import { at, Faults, isObject, readKnown, readWhole, shown } from "../placement/read";
import { isPublic } from "./haproxyText";
import type { Judged } from "./judged";

/** What a review stops. `false` takes a rule out. */
export interface ReviewRules {
    /** Whether data volumes and data disks may be deleted. @default false */
    deleteData?: boolean;
    /** The fewest replicas that a service may have during the change, or a number a service; a service with fewer replicas needs all. @default 1 */
    leastServing?: number | Readonly<Record<string, number>>;
    /** How many machines may be made anew or removed in one deployment. @default 1 */
    mostMachinesReplaced?: number;
    /** Whether a service may survive fewer losses of hosts than before. @default false */
    lowerSurvival?: boolean;
    /** Whether a balancer's backend may be without a server. @default false */
    emptyBackend?: boolean;
    /** Whether a listener that can be reached from outside may be added. @default false */
    publicListener?: boolean;
    /** How much of a host may be taken, per cent. @default 90 */
    mostLoadPercent?: number;
}

export interface SettledRules {
    readonly deleteData: boolean;
    readonly leastServing: number | Readonly<Record<string, number>>;
    readonly mostMachinesReplaced: number;
    readonly lowerSurvival: boolean;
    readonly emptyBackend: boolean;
    readonly publicListener: boolean;
    readonly mostLoadPercent: number;
}

/** A rule that says stop. */
export interface Stop {
    readonly rule: keyof SettledRules;
    readonly what: string;
    /** What to change, in the program or in the rules. */
    readonly remedy: string;
}

const DEFAULTS: SettledRules = {
    ...{ deleteData: false, leastServing: 1, mostMachinesReplaced: 1, lowerSurvival: false },
    ...{ emptyBackend: false, publicListener: false, mostLoadPercent: 90 },
};

/** @throws FusionInputError with every wrong rule, its value and what to give instead */
export function readRules(value: unknown): SettledRules {
    const faults = new Faults();
    const given = readKnown(value, "", Object.keys(DEFAULTS), faults);
    const flag = (name: "deleteData" | "lowerSurvival" | "emptyBackend" | "publicListener"): boolean => {
        const one = given.get(name) ?? DEFAULTS[name];
        if (typeof one !== "boolean")
            faults.add(name, `must be true or false, got ${shown(one)}; give true to allow it`);
        return one === true;
    };
    const whole = (path: string, one: unknown, remedy: string) => readWhole(one, path, 0, remedy, faults);
    const least = given.get("leastServing") ?? DEFAULTS.leastServing;
    const fewest = "give how many replicas must serve, e.g. 2";
    const rules = {
        deleteData: flag("deleteData"),
        leastServing: isObject(least)
            ? Object.fromEntries(
                  Object.entries(least).map(([name, one]) => [name, whole(at("leastServing", name), one, fewest)]),
              )
            : whole("leastServing", least, fewest),
        mostMachinesReplaced: whole(
            "mostMachinesReplaced",
            given.get("mostMachinesReplaced") ?? DEFAULTS.mostMachinesReplaced,
            "give how many machines, e.g. 1",
        ),
        lowerSurvival: flag("lowerSurvival"),
        emptyBackend: flag("emptyBackend"),
        publicListener: flag("publicListener"),
        mostLoadPercent: whole(
            "mostLoadPercent",
            given.get("mostLoadPercent") ?? DEFAULTS.mostLoadPercent,
            "give per cent, e.g. 90",
        ),
    };
    if (faults.list.length > 0) throw new FusionInputError(faults.list);
    return rules;
}

/** The rules that a change breaks. */
export function judge(review: Judged, rules: SettledRules): Stop[] {
    return [
        ...data(review, rules),
        ...services(review, rules),
        ...machines(review, rules),
        ...balancers(review, rules),
        ...loads(review, rules),
    ];
}

function data({ losses }: Judged, { deleteData }: SettledRules): Stop[] {
    if (deleteData) return [];
    return losses
        .filter((one) => one.data)
        .map(({ what, operation, cause }) => ({
            rule: "deleteData",
            what: `${what} is ${operation} with its data: ${cause}`,
            remedy: "keep it in the program, or copy the data and allow it with deleteData: true",
        }));
}

function services({ services: all }: Judged, { leastServing, lowerSurvival }: SettledRules): Stop[] {
    return all.flatMap(({ name, before, lowest, survivesBefore: was, survivesAfter: is, weakness }): Stop[] => {
        const wanted = typeof leastServing === "number" ? leastServing : (leastServing[name] ?? 1);
        const least = Math.min(wanted, before ?? wanted);
        const low = lowest !== undefined && lowest < least;
        const weak = !lowerSurvival && was !== undefined && is !== undefined && is < was;
        return [
            ...(low
                ? [
                      {
                          rule: "leastServing" as const,
                          what: `${name} has ${lowest} of its replicas serving during the change, ${least} must`,
                          remedy: 'give it more replicas on other machines, or update.order: "start-first"; or lower leastServing',
                      },
                  ]
                : []),
            ...(weak
                ? [
                      {
                          rule: "lowerSurvival" as const,
                          what: `${name} survives the loss of ${hosts(is)} afterwards, of ${hosts(was)} before`,
                          remedy:
                              weakness.split("; ")[1] ??
                              "spread its replicas over more hosts, or allow it with lowerSurvival: true",
                      },
                  ]
                : []),
        ];
    });
}

const hosts = (number: number): string =>
    number < 1 ? "no host" : number === 1 ? "any one host" : `any ${number} hosts`;

function machines({ machines: all }: Judged, { mostMachinesReplaced: most }: SettledRules): Stop[] {
    const gone = all.filter(({ effect }) => effect === "made anew" || effect === "removed").map(({ name }) => name);
    if (gone.length <= most) return [];
    const what = `${gone.length} machines are made anew or removed (${gone.slice(0, 8).join(", ")}), ${most} may be`;
    return [{ rule: "mostMachinesReplaced", what, remedy: "change fewer at once, or raise mostMachinesReplaced" }];
}

function balancers({ balancers: all }: Judged, { emptyBackend, publicListener }: SettledRules): Stop[] {
    return all.flatMap(({ name, operation, emptyBackends, listenersAdded }): Stop[] => {
        // A balancer that is new is there for its listeners.
        const open = operation === "created" ? [] : listenersAdded.filter(isPublic);
        return [
            ...(emptyBackend
                ? []
                : emptyBackends.map((backend) => ({
                      rule: "emptyBackend" as const,
                      what: `${name} sends requests to ${backend}, which has no server`,
                      remedy: "give it a server, or take the backend out; or allow it with emptyBackend: true",
                  }))),
            ...(publicListener
                ? []
                : open.map((listener) => ({
                      rule: "publicListener" as const,
                      what: `${name} listens on ${listener}, which can be reached from outside`,
                      remedy: "give the listener a private address, or allow it with publicListener: true",
                  }))),
        ];
    });
}

function loads({ loads: all }: Judged, { mostLoadPercent }: SettledRules): Stop[] {
    return all.flatMap(({ host, dimension, before = 0, after = 0 }): Stop[] => {
        if (after * 100 <= mostLoadPercent || after <= before) return [];
        const what = `${host} has ${percent(after)} of its ${dimension} taken, ${mostLoadPercent} % may be`;
        return [{ rule: "mostLoadPercent", what, remedy: "add a host, or raise mostLoadPercent" }];
    });
}
