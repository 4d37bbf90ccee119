import { type Faults, show } from "../faults";
import { isRecord } from "../isRecord";

/** What a hypervisor's machines may take together; what is not named is not limited. */
export interface HypervisorCapacity {
    /** Virtual processors. */
    cpus?: number;
    /** Memory in MiB. */
    memoryMiB?: number;
}

/** A label: a name and a text, each on one line. */
export function checkLabel(path: string, label: string, value: unknown, faults: Faults): void {
    if (label.trim() === "") {
        faults.add(path, `has a label without a name, ${show({ [label]: value })}; give it one such as "zone"`);
        return;
    }
    faults.line(`${path}.${label}`, value, "a text");
}

/** The labels, where they are good; what is wrong goes to `faults`. */
export function checkedLabels(path: string, labels: unknown, faults: Faults): Record<string, string> {
    if (!isRecord(labels)) {
        faults.add(path, `must be an object, got ${show(labels)}; give labels such as { zone: "a" }`);
        return {};
    }
    if ("hypervisor" in labels) {
        faults.add(`${path}.hypervisor`, "is there already, with the component's name; give the label another name");
    }
    const checked: Record<string, string> = {};
    for (const [label, value] of Object.entries(labels)) {
        checkLabel(path, label, value, faults);
        checked[label] = String(value);
    }
    return checked;
}

/** The capacity, where it is good; what is wrong goes to `faults`. */
export function checkedCapacity(path: string, capacity: HypervisorCapacity, faults: Faults): HypervisorCapacity {
    if (typeof capacity !== "object" || capacity === null) {
        faults.add(path, `must be an object, got ${show(capacity)}; give one such as { cpus: 16, memoryMiB: 32768 }`);
        return {};
    }
    const { cpus, memoryMiB } = capacity;
    if (cpus !== undefined) {
        faults.integer(`${path}.cpus`, cpus, 1, 1_000_000, "give a number of virtual processors such as 16");
    }
    if (memoryMiB !== undefined) {
        faults.integer(`${path}.memoryMiB`, memoryMiB, 1, 2 ** 40, "give MiB, such as 32768");
    }
    return { ...(cpus !== undefined && { cpus }), ...(memoryMiB !== undefined && { memoryMiB }) };
}
