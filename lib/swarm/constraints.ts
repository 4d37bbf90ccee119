import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";

/** The label of a node that has the name of its host. */
export const HOST_LABEL = "fusion.host";

/** Which nodes may run a service, and how Swarm is told. */
export interface Constrained {
    nodes: readonly DockerHostSpec[];
    constraints: readonly string[];
}

const labelOf = ({ name, labels }: DockerHostSpec, label: string): string | undefined =>
    label === "host" ? name : labels[label];

/**
 * What `require` asks for as constraints. Swarm knows "is" and "is not" alone: several values that are allowed are told by
 * those that are not, and nodes without the label by their names.
 *
 * @param path of `require`
 */
export function constraintsOf(
    path: string,
    require: unknown,
    nodes: readonly DockerHostSpec[],
    faults: Faults,
): Constrained {
    if (require === undefined) return { nodes, constraints: [] };
    if (!isRecord(require)) {
        faults.add(path, `must be an object, got ${show(require)}; give e.g. { zone: ["a", "b"] }`);
        return { nodes, constraints: [] };
    }
    let left = nodes;
    const constraints: string[] = [];
    for (const [label, allowed] of Object.entries(require)) {
        if (!isTexts(allowed)) {
            faults.add(`${path}.${label}`, `must be a list of values, got ${show(allowed)}; give e.g. ["a", "b"]`);
            continue;
        }
        checkCase(`${path}.${label}`, label, allowed, nodes, faults);
        left = left.filter((node) => allowed.includes(labelOf(node, label) ?? ""));
        constraints.push(...told(label, allowed, nodes));
    }
    if (nodes.length > 0 && left.length === 0 && faults.size === 0) {
        const what = `none of the ${nodes.length} hosts has what is required, ${show(require)}`;
        faults.add(path, `${what}; require less, or label the hosts`);
    }
    return { nodes: left, constraints: [...new Set(constraints)].sort() };
}

/** No task is to run on hosts of these names. */
export const notOn = (names: readonly string[]): string[] => names.map((name) => `node.labels.${HOST_LABEL}!=${name}`);

const isTexts = (value: unknown): value is string[] =>
    Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string" && one !== "");

function told(label: string, allowed: readonly string[], nodes: readonly DockerHostSpec[]): string[] {
    const key = `node.labels.${label === "host" ? HOST_LABEL : label}`;
    const [only, ...more] = allowed;
    if (more.length === 0) return [`${key}==${only}`];
    const others = nodes.filter((node) => !allowed.includes(labelOf(node, label) ?? ""));
    return others.map((node) => {
        const value = labelOf(node, label);
        return value === undefined ? notOn([node.name]).join() : `${key}!=${value}`;
    });
}

/** Swarm compares without regard to upper and lower case. */
function checkCase(
    path: string,
    label: string,
    allowed: readonly string[],
    nodes: readonly DockerHostSpec[],
    faults: Faults,
): void {
    const small = allowed.map((value) => value.toLowerCase());
    const twin = nodes.find((node) => {
        const value = labelOf(node, label);
        return value !== undefined && !allowed.includes(value) && small.includes(value.toLowerCase());
    });
    if (twin !== undefined) {
        const other = show(labelOf(twin, label));
        faults.add(path, `${show(allowed)} is to Swarm the same as ${other} of ${twin.name}; give them other values`);
    }
}
