import type { InputFault } from "../../inputError";
import { at, type Faults, isObject, readFields, readKnown, readList, readText, readWhole, shown } from "../read";
import type { PlacementHost, PlacementProblem } from "../types";
import type { CapacityProblem } from "./types";

/** A size with everything that could be left out. */
export interface Size {
    readonly name: string;
    readonly host: Omit<PlacementHost, "name">;
    readonly cost: number;
    readonly most: number;
}

const KEYS = ["name", "capacity", "labels", "cost", "most"];

/** With more the sums of what machines cost would no longer be exact. */
const DEAREST = 1_000_000_000;

/** Reads the sizes of a problem; what `place` reads of them too, capacity and labels, is judged there. */
export function readSizes(problem: unknown, replicas: number, faults: Faults): Size[] {
    const fields = readFields(problem, "", faults);
    const list = readList(fields.get("sizes"), "sizes", faults);
    if (list.length === 0) faults.add("sizes", 'must name at least one size, got none; e.g. {"name": "small"}');
    const names = new Set<string>();
    return list.flatMap((value, i) => {
        const path = `sizes[${i}]`;
        if (!isObject(value)) {
            faults.add(path, `must be an object, got ${shown(value)}; give at least a name`);
            return [];
        }
        const size = readKnown(value, path, KEYS, faults);
        const name = readText(size.get("name"), `${path}.name`, faults);
        if (name !== "" && names.has(name)) {
            faults.add(`${path}.name`, `is used twice, got ${shown(name)}; choose another name`);
        }
        names.add(name);
        const cost = size.get("cost");
        if (typeof cost === "number" && cost > DEAREST) {
            faults.add(`${path}.cost`, `must be at most ${DEAREST}, got ${shown(cost)}; choose a larger unit`);
        }
        const whole = (key: string, fallback: number, remedy: string): number =>
            size.get(key) === undefined ? fallback : readWhole(size.get(key), at(path, key), 1, remedy, faults);
        const { name: _, cost: __, most: ___, ...host } = Object.fromEntries(size);
        return [
            {
                name,
                host,
                cost: whole("cost", 1, "choose a smaller unit, e.g. cents"),
                most: whole("most", Math.max(1, replicas), "leave a size out of which there can be none"),
            },
        ];
    });
}

/** Machines of the sizes, `counts` of each, with names that no host has. */
export function machinesOf(
    sizes: readonly Size[],
    counts: readonly number[],
    hosts: readonly unknown[],
): PlacementHost[] {
    const taken = new Set(hosts.map((host) => (isObject(host) && "name" in host ? host.name : undefined)));
    return sizes.flatMap(({ name, host }, i) => {
        const machines: PlacementHost[] = [];
        for (let n = 0; machines.length < (counts[i] ?? 0); n++) {
            if (!taken.has(`${name}-${n}`)) machines.push({ ...host, name: `${name}-${n}` });
        }
        return machines;
    });
}

/** The placement problem when some machines are added. */
export function withMachines(
    { sizes: _, ...problem }: CapacityProblem,
    added: readonly PlacementHost[],
): PlacementProblem {
    return { ...problem, hosts: [...(problem.hosts ?? []), ...added] };
}

/** What was found wrong with a machine of a size is wrong with the size. The machines came after so many hosts. */
export function saidOfSizes(errors: readonly InputFault[], hosts: number): InputFault[] {
    return errors.flatMap(({ propertyPath, reason }) => {
        const [, number, rest] = /^hosts\[(\d+)\](.*)$/.exec(propertyPath) ?? [];
        const size = Number(number) - hosts;
        // The machine's name is none of the caller's making, and the size's has been judged.
        if (size >= 0 && rest === ".name") return [];
        return [{ propertyPath: size >= 0 ? `sizes[${size}]${rest}` : propertyPath, reason }];
    });
}

/** How many replicas a problem seems to have; it is checked elsewhere. */
export function countReplicas(problem: unknown): number {
    const services =
        isObject(problem) && "services" in problem && Array.isArray(problem.services) ? problem.services : [];
    return services.reduce((sum: number, service: unknown) => {
        const count = isObject(service) && "replicas" in service ? service.replicas : 0;
        return sum + (typeof count === "number" && count > 0 && count <= 1_000_000 ? Math.floor(count) : 0);
    }, 0);
}
