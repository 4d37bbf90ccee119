import { serviceOf } from "../placement/serviceOf";
import { serviceColours } from "./colours";
import type { PictureInput, PictureOptions } from "./types";

/** What the pictures show, sorted and summed up. */
export interface Scene {
    /** The label that groups the hosts; undefined where nothing does, and then there is one group. */
    readonly groupBy: string | undefined;
    readonly groups: readonly SceneGroup[];
    readonly services: readonly SceneService[];
    /** Dimensions that hosts offer, host ports left out. */
    readonly dimensions: readonly string[];
    readonly hosts: readonly SceneHost[];
    /** What all hosts' names end with, from a dot on: `.eu.example.org`. */
    readonly domain: string;
}

export interface SceneGroup {
    readonly name: string;
    readonly hosts: readonly SceneHost[];
}

export interface SceneService {
    readonly name: string;
    readonly colour: string;
    readonly placed: number;
    readonly missing: number;
}

export interface SceneHost {
    readonly name: string;
    /** The name without the domain that all hosts are in. */
    readonly label: string;
    readonly group: string;
    readonly runs: readonly { readonly service: SceneService; readonly replicas: readonly string[] }[];
    /** In the order of the scene's dimensions; undefined where the host does not offer it. */
    readonly loads: readonly (Load | undefined)[];
}

export interface Load {
    readonly capacity: number;
    readonly used: number;
    /** `used / capacity`; 0 where there is none of both. */
    readonly share: number;
    /** What each service takes, as a share of the capacity, in the order of the host's `runs`. */
    readonly parts: readonly number[];
}

/** Sorts and sums up what is to be drawn; the same scene for any order of the input. */
export function sceneOf(input: PictureInput, options: PictureOptions = {}): Scene {
    const byHost = new Map<string, Map<string, string[]>>(input.hosts.map(({ name }) => [name, new Map()]));
    const names = new Set((input.services ?? []).map(({ name }) => name));
    const placed = new Map<string, number>((input.services ?? []).map(({ name }) => [name, 0]));
    for (const [replica, host] of Object.entries(input.assignment)) {
        const service = serviceOf(replica, names);
        const runs = byHost.get(host) ?? new Map<string, string[]>();
        runs.set(service, [...(runs.get(service) ?? []), replica]);
        byHost.set(host, runs);
        placed.set(service, (placed.get(service) ?? 0) + 1);
    }
    const services = scenesServices(input, placed);
    const known = new Map(input.hosts.map((host) => [host.name, host]));
    const dimensions = [...new Set(input.hosts.flatMap((host) => Object.keys(host.capacity ?? {})))].sort(compareNames);
    const asked = options.groupBy ?? "zone";
    const grouped = input.hosts.some((host) => host.labels?.[asked] !== undefined);
    const demands = new Map((input.services ?? []).map(({ name, demand }) => [name, demand ?? {}]));
    const domain = commonDomain([...byHost.keys()]);
    const hosts = [...byHost.keys()].sort(compareNames).map((name): SceneHost => {
        const runs = services
            .map((service) => ({
                service,
                replicas: [...(byHost.get(name)?.get(service.name) ?? [])].sort(compareNames),
            }))
            .filter(({ replicas }) => replicas.length > 0);
        const loads = dimensions.map((dimension) => {
            const capacity = known.get(name)?.capacity?.[dimension];
            const taken = runs.map(
                ({ service, replicas }) => replicas.length * (demands.get(service.name)?.[dimension] ?? 0),
            );
            return capacity === undefined ? undefined : loadOf(capacity, taken);
        });
        const label = withoutDomain(name, domain);
        return { name, label, group: grouped ? (known.get(name)?.labels?.[asked] ?? "") : "", runs, loads };
    });
    return { groupBy: grouped ? asked : undefined, groups: groupsOf(hosts), services, dimensions, hosts, domain };
}

function scenesServices(input: PictureInput, placed: ReadonlyMap<string, number>): SceneService[] {
    const wanted = new Map((input.services ?? []).map(({ name, replicas }) => [name, replicas ?? 0]));
    const names = [...placed.keys()].sort(compareNames);
    const size = (name: string): number => Math.max(placed.get(name) ?? 0, wanted.get(name) ?? 0);
    const colours = serviceColours(names.length <= 8 ? names : [...names].sort((a, b) => size(b) - size(a)));
    return names.map((name) => ({
        name,
        colour: colours.get(name) ?? "",
        placed: placed.get(name) ?? 0,
        missing: Math.max(0, (wanted.get(name) ?? 0) - (placed.get(name) ?? 0)),
    }));
}

function loadOf(capacity: number, taken: readonly number[]): Load {
    const used = taken.reduce((sum, amount) => sum + amount, 0);
    const part = (amount: number): number => (capacity > 0 ? amount / capacity : amount > 0 ? 2 : 0);
    return { capacity, used, share: part(used), parts: taken.map(part) };
}

function groupsOf(hosts: readonly SceneHost[]): SceneGroup[] {
    const names = [...new Set(hosts.map(({ group }) => group))].sort(compareNames);
    return names.map((name) => ({ name, hosts: hosts.filter(({ group }) => group === name) }));
}

/** What the groups are called, as long as they are: `zone a`. */
export function groupNames({ groupBy, groups }: Scene): string[] {
    return groups.map(({ name }) => (groupBy === undefined ? "hosts" : `${groupBy} ${name || "(none)"}`));
}

/** The longest ending of all names that begins with a dot; none for a single name. */
function commonDomain([first = "", ...others]: readonly string[]): string {
    if (others.length === 0) return "";
    for (let dot = first.indexOf(".", 1); dot > 0; dot = first.indexOf(".", dot + 1)) {
        const ending = first.slice(dot);
        if (others.every((name) => name.length > ending.length && name.endsWith(ending))) return ending;
    }
    return "";
}

/** The name without the domain that all hosts are in. */
export function withoutDomain(name: string, domain: string): string {
    return domain !== "" && name.endsWith(domain) ? name.slice(0, -domain.length) : name;
}

/** vm2 before vm10: runs of digits count as numbers, all else by code unit. */
export function compareNames(a: string, b: string): number {
    const [as, bs] = [a.split(/(\d+)/), b.split(/(\d+)/)];
    for (let i = 0; i < Math.min(as.length, bs.length); i++) {
        const [x = "", y = ""] = [as[i], bs[i]];
        const byNumber = i % 2 === 1 ? Number(x) - Number(y) : 0;
        if (byNumber !== 0) return byNumber;
        if (x !== y) return x < y ? -1 : 1;
    }
    return as.length - bs.length;
}

/** The mean load of some hosts in each dimension: what is taken of what there is. */
export function meanShare(hosts: readonly SceneHost[], dimension: number): number {
    const loads = hosts.flatMap((host) => host.loads[dimension] ?? []);
    const capacity = loads.reduce((sum, load) => sum + load.capacity, 0);
    return capacity > 0 ? loads.reduce((sum, load) => sum + load.used, 0) / capacity : 0;
}

/** `1 host`, `3 hosts`. */
export function count(number: number, what: string): string {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** A share in whole per cent; 100 only when full, more than 100 only when over. */
export function percent(share: number): string {
    const rounded = Math.round(share * 100);
    return `${share > 1 ? Math.max(101, rounded) : share < 1 ? Math.min(99, rounded) : 100} %`;
}
