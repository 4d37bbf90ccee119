import { FusionInputError, type InputFault } from "../../inputError";
import { Faults, isObject, readAmounts, readFields, readKnown, readList, readTexts, shown } from "../read";

const KEYS = ["hypervisors", "vms", "services", "objective", "vmObjective", "effort", "previous", "move"];

/**
 * Checks what `place` does not see of the two levels: what machines offer, and the form around both.
 *
 * @throws FusionInputError with every fault found
 */
export function checkLevels(problem: unknown): void {
    const faults = new Faults();
    const fields = readKnown(problem, "", KEYS, faults);
    const previous = readKnown(fields.get("previous"), "previous", ["vms", "services"], faults);
    for (const level of ["vms", "services"]) readTexts(previous.get(level), `previous.${level}`, faults);
    if (!isObject(problem))
        faults.add("", `must be an object, got ${shown(problem)}; give hypervisors, vms and services`);
    for (const key of ["services", "hypervisors", "vms"]) {
        if (fields.get(key) === undefined) faults.add(key, "is missing; give a list");
        readList(fields.get(key), key, faults);
    }
    const vms = fields.get("vms");
    (Array.isArray(vms) ? vms : []).forEach((group: unknown, i) => {
        if (!isObject(group)) faults.add(`vms[${i}]`, `must be an object, got ${shown(group)}; give at least a name`);
        const given = readFields(isObject(group) ? group : {}, `vms[${i}]`, faults);
        readAmounts(given.get("offers"), `vms[${i}].offers`, faults);
        readTexts(given.get("labels"), `vms[${i}].labels`, faults);
    });
    if (faults.list.length > 0) throw new FusionInputError(faults.list);
}

/** The names that the upper level has for what `place` calls otherwise. */
const UPPER: readonly (readonly [RegExp, string])[] = [
    [/^hosts\b/, "hypervisors"],
    [/^services\b/, "vms"],
    [/^previous\b/, "previous.vms"],
    [/^objective\b/, "vmObjective"],
];
const LOWER: readonly (readonly [RegExp, string])[] = [
    [/^hosts\b/, "vms"],
    [/^previous\b/, "previous.services"],
];

/** Runs one level and gives what it finds wrong the paths of the whole problem. */
export function nameLevel<T>(level: "vms" | "services", run: () => T): T {
    try {
        return run();
    } catch (error) {
        if (!(error instanceof FusionInputError)) throw error;
        throw new FusionInputError(error.errors.map((fault) => renamed(fault, level === "vms" ? UPPER : LOWER)));
    }
}

function renamed({ propertyPath, reason }: InputFault, names: typeof UPPER): InputFault {
    const name = names.find(([pattern]) => pattern.test(propertyPath));
    return { propertyPath: name === undefined ? propertyPath : propertyPath.replace(name[0], name[1]), reason };
}
