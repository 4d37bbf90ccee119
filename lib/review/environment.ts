import { isRecord } from "../isRecord";
import type { Change, Changes } from "./changes";
import { isMasked } from "./mask";
import type { NameChange } from "./types";

const RECORD = "fusion:index:PlacementRecord";
const KINDS = new Set(["fusion:index:FusionContainerSet", "fusion:index:FusionJob"]);

/**
 * Names of what containers are told and what is secret, where it changes; never a value.
 *
 * @param said what each component has said, by URN: which of its secrets change, see `tellSecrets`
 */
export function environmentOf(changes: Changes, said: ReadonlyMap<string, readonly string[]>): NameChange[] {
    const sets = changes.all
        .filter(({ type }) => KINDS.has(type))
        .flatMap((set) => setChanges(changes, set, said.get(set.urn) ?? []));
    const written = changes.all.filter(
        ({ type, name, operation, parent }) =>
            type === "command:local:Command" &&
            name.endsWith("-secrets") &&
            operation !== "same" &&
            parent.includes("FusionBalancer"),
    );
    const balancers = written.map(({ parent, operation }): NameChange => {
        const component = parent.split("::").at(-1) ?? "";
        const change = operation === "create" ? "added" : operation === "delete" ? "removed" : "changed";
        return { component, name: "certificates, keys and passwords", change, secret: true };
    });
    return [...sets, ...balancers];
}

function setChanges(changes: Changes, set: Change, words: readonly string[]): NameChange[] {
    const children = changes.childrenOf(set.urn);
    const containers = children.filter(({ type }) => type.startsWith("docker:index/container"));
    const touched = (property: string) =>
        containers.some(
            ({ operation, reasons }) => operation !== "same" && reasons.some((one) => one.startsWith(property)),
        );
    // A set that remembers its secrets has said which of them change, or that none does by saying nothing.
    const remembers = children.some(({ type, old }) => type === RECORD && isRecord(old?.outputs.prints));
    const told =
        remembers || words.some((line) => line.startsWith(`${set.name}: secrets that change`)) ? words : undefined;
    return [
        ...tableChanges(set, "env", touched("envs"), told),
        ...tableChanges(set, "files", touched("uploads"), told),
        ...(["registryAuth", "command"] as const).flatMap((name) => valueChange(set, name)),
    ];
}

/**
 * @param touched whether the engine, which knows the values, finds that something of it has changed in a container: where no value
 * that is shown has, one that is masked must have
 * @param told what the set has said; undefined where it does not know which of its secrets change
 */
function tableChanges(
    set: Change,
    argument: "env" | "files",
    touched: boolean,
    told: readonly string[] | undefined,
): NameChange[] {
    const table = (value: unknown) => (isRecord(value) ? value : {});
    const [was, is] = [table(set.old?.inputs[argument]), table(set.new?.inputs[argument])];
    const called = (name: string) => `${argument === "env" ? "env" : "file"} ${name}`;
    const of = (name: string, change: NameChange["change"], value: unknown): NameChange => ({
        ...{ component: set.name, name: argument === "env" ? name : called(name), change },
        secret: isMasked(value),
    });
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
    const seen = names.flatMap((name) => {
        if (!Object.hasOwn(was, name)) return set.old === undefined ? [] : [of(name, "added", is[name])];
        if (!Object.hasOwn(is, name)) return set.new === undefined ? [] : [of(name, "removed", was[name])];
        return JSON.stringify(was[name]) === JSON.stringify(is[name]) ? [] : [of(name, "changed", is[name])];
    });
    const masked = names.filter((name) => isMasked(was[name]) && isMasked(is[name]));
    if (set.old === undefined || set.new === undefined) return seen;
    const unseen = (name: string) => !seen.some((one) => one.name === name || one.name === called(name));
    if (told !== undefined) {
        const changed = masked.filter((name) => unseen(name) && told.includes(`  ${called(name)}: changes`));
        return [...seen, ...changed.map((name) => of(name, "changed", is[name]))];
    }
    const sure = seen.length === 0 && masked.length === 1;
    const candidates = touched ? masked.filter(unseen) : [];
    return [...seen, ...candidates.map((name) => of(name, sure ? "changed" : "may have changed", is[name]))];
}

function valueChange({ name: component, old, new: fresh }: Change, name: string): NameChange[] {
    const [was, is] = [old?.inputs[name], fresh?.inputs[name]];
    if (old === undefined || fresh === undefined || JSON.stringify(was) === JSON.stringify(is)) return [];
    const change = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    return [{ component, name, change, secret: isMasked(is) || isMasked(was) }];
}
