import { isRecord } from "../isRecord";
import type { Change, Changes } from "./changes";
import { isMasked } from "./mask";
import type { NameChange } from "./types";

const KINDS = new Set(["fusion:index:FusionContainerSet", "fusion:index:FusionJob"]);

/** Names of what containers are told and what is secret, where it changes; never a value. */
export function environmentOf(changes: Changes): NameChange[] {
    const sets = changes.all.filter(({ type }) => KINDS.has(type)).flatMap((set) => setChanges(changes, set));
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

function setChanges(changes: Changes, set: Change): NameChange[] {
    const containers = changes.childrenOf(set.urn).filter(({ type }) => type.startsWith("docker:index/container"));
    const touched = (property: string) =>
        containers.some(
            ({ operation, reasons }) => operation !== "same" && reasons.some((one) => one.startsWith(property)),
        );
    return [
        ...tableChanges(set, "env", touched("envs")),
        ...tableChanges(set, "files", touched("uploads")),
        ...(["registryAuth", "command"] as const).flatMap((name) => valueChange(set, name)),
    ];
}

/**
 * @param touched whether the engine, which knows the values, finds that something of it has changed in a container: where no value
 * that is shown has, one that is masked must have
 */
function tableChanges(set: Change, argument: "env" | "files", touched: boolean): NameChange[] {
    const table = (value: unknown) => (isRecord(value) ? value : {});
    const [was, is] = [table(set.old?.inputs[argument]), table(set.new?.inputs[argument])];
    const of = (name: string, change: NameChange["change"], value: unknown): NameChange => ({
        ...{ component: set.name, name: argument === "env" ? name : `file ${name}`, change },
        secret: isMasked(value),
    });
    const names = [...new Set([...Object.keys(was), ...Object.keys(is)])].sort();
    const seen = names.flatMap((name) => {
        if (!Object.hasOwn(was, name)) return set.old === undefined ? [] : [of(name, "added", is[name])];
        if (!Object.hasOwn(is, name)) return set.new === undefined ? [] : [of(name, "removed", was[name])];
        return JSON.stringify(was[name]) === JSON.stringify(is[name]) ? [] : [of(name, "changed", is[name])];
    });
    const masked = names.filter((name) => isMasked(was[name]) && isMasked(is[name]));
    if (!touched || set.old === undefined || set.new === undefined) return seen;
    const sure = seen.length === 0 && masked.length === 1;
    return [...seen, ...masked.map((name) => of(name, sure ? "changed" : "may have changed", is[name]))];
}

function valueChange({ name: component, old, new: fresh }: Change, name: string): NameChange[] {
    const [was, is] = [old?.inputs[name], fresh?.inputs[name]];
    if (old === undefined || fresh === undefined || JSON.stringify(was) === JSON.stringify(is)) return [];
    const change = was === undefined ? "added" : is === undefined ? "removed" : "changed";
    return [{ component, name, change, secret: isMasked(is) || isMasked(was) }];
}
