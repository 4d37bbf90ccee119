import type { Change, Changes } from "./changes";
import type { OperationNode } from "./types";

/** Properties that are named of a resource that changes. */
const MOST = 8;

/** All operations as a tree of components, without what stays as it is; equal ones on several resources are one node. */
export function operationsOf(changes: Changes): OperationNode[] {
    const known = new Set(changes.all.map(({ urn }) => urn));
    const roots = changes.all.filter(({ parent }) => !known.has(parent));
    return nodesOf(changes, roots);
}

function nodesOf(changes: Changes, siblings: readonly Change[]): OperationNode[] {
    const found = new Map<string, OperationNode>();
    for (const change of siblings) {
        const children = nodesOf(changes, changes.childrenOf(change.urn));
        if (change.operation === "same" && children.length === 0) continue;
        const properties = change.operation === "create" || change.operation === "delete" ? [] : propertiesOf(change);
        const node = { operation: change.operation, type: change.type, names: [change.name], properties, children };
        const key = children.length > 0 ? change.urn : JSON.stringify([node.operation, node.type, properties]);
        const twin = found.get(key);
        found.set(key, twin === undefined ? node : { ...node, names: [...twin.names, change.name] });
    }
    // The engine's order is another one each time.
    const key = ({ type, names, operation }: OperationNode) => `${type} ${names[0]} ${operation}`;
    return [...found.values()]
        .map((node) => ({ ...node, names: [...node.names].sort() }))
        .sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

function propertiesOf({ reasons }: Change): string[] {
    const names = [...new Set(reasons.map((one) => one.replace(/[.[].*$/, "")))]
        .filter((one) => !one.startsWith("__"))
        .sort();
    return names.length > MOST ? [...names.slice(0, MOST), `${names.length - MOST} more`] : names;
}
