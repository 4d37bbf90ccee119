import { type Faults, show } from "../faults";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { FusionInputError } from "../inputError";
import { isRecord } from "../isRecord";
import { type PlacementGoal, type PlacementHost, type PlacementService, place } from "../placement";
import { type Shape, shaped } from "../shape";

/** What a virtual machine asks of the hypervisor that it will run on. The rules are those of `place`. */
export interface VmToPlace extends Pick<PlacementService, "require" | "prefer" | "antiAffinity" | "affinity"> {
    /** Virtual processors, as given to the machine. */
    vcpus: number;
    /** Memory in MiB, as given to the machine. */
    memoryMiB: number;
}

/** The fields of a {@link VmToPlace}; what the rules are like `place` checks itself. */
const vmToPlaceShape: Shape = {
    ...{ vcpus: "number", memoryMiB: "number" },
    ...{ require: "any", prefer: "any", antiAffinity: "any", affinity: "any" },
};

/** What is placed. */
export interface VmProblem {
    hypervisors: readonly HypervisorSpec[];
    vms: Readonly<Record<string, VmToPlace>>;
    objective: PlacementGoal;
    /** Machine to hypervisor, as it was last time. */
    previous: Readonly<Record<string, string>>;
}

/**
 * Decides on which hypervisor each machine runs. What ran before and still fits stays.
 *
 * @returns machine to hypervisor; what is wrong, and what fits nowhere, goes to `faults`, with paths from `name` on
 */
export function planVms(name: string, problem: VmProblem, faults: Faults): Record<string, string> {
    const before = faults.size;
    checkProblem(name, problem, faults);
    if (faults.size > before) {
        return {};
    }
    const { hypervisors, vms, objective, previous } = problem;
    try {
        const { assignment, unplaced } = place({
            hosts: hypervisors.map((hypervisor) => hostOf(hypervisor, Object.values(vms))),
            services: Object.entries(vms).map(([vm, wants]) => serviceOf(vm, wants)),
            objective,
            previous: Object.fromEntries(Object.entries(previous).map(([vm, host]) => [`${vm}-0`, host])),
        });
        for (const { replica, reasons } of unplaced) {
            const why = Object.entries(reasons).map(([host, reason]) => `${host}: ${reason}`);
            faults.add(
                `${name}.vms.${vmOf(replica)}`,
                `fits on no hypervisor (${why.sort().join("; ")}); add a hypervisor, or ask for less`,
            );
        }
        return Object.fromEntries(Object.entries(assignment).map(([replica, host]) => [vmOf(replica), host]));
    } catch (error) {
        if (!(error instanceof FusionInputError)) {
            throw error;
        }
        for (const { propertyPath, reason } of error.errors) {
            faults.add(`${name}.${pathIn(Object.keys(vms), propertyPath)}`, reason);
        }
        return {};
    }
}

function checkProblem(name: string, { hypervisors, vms, objective }: VmProblem, faults: Faults): void {
    faults.oneOf(`${name}.objective`, objective, ["spread", "binpack", "balance", "fewest-hosts"]);
    if (hypervisors.length === 0) {
        faults.add(`${name}.hypervisors`, "is empty; give at least one FusionHypervisor");
    }
    for (const [index, { name: own }] of hypervisors.entries()) {
        if (hypervisors.findIndex((other) => other.name === own) < index) {
            faults.add(`${name}.hypervisors[${index}]`, `${show(own)} is there already; give each hypervisor once`);
        }
    }
    for (const [vm, wants] of Object.entries(vms)) {
        const path = `${name}.vms.${vm}`;
        faults.name(path, vm);
        shaped(path, wants, vmToPlaceShape, faults);
        if (!isRecord(wants)) {
            continue;
        }
        faults.integer(`${path}.vcpus`, wants.vcpus, 1, 1024, "give a number of virtual processors such as 1");
        faults.integer(`${path}.memoryMiB`, wants.memoryMiB, 1, 16 * 1024 * 1024, "give MiB, such as 2048");
    }
}

/** The hypervisor as the placement sees it. One that names no capacity has room for all machines, so that shares compare. */
function hostOf({ name, labels, capacity }: HypervisorSpec, vms: readonly VmToPlace[]): PlacementHost {
    const all = (dimension: "vcpus" | "memoryMiB") => vms.reduce((sum, vm) => sum + vm[dimension], 0);
    const { cpus = all("vcpus"), memoryMiB = all("memoryMiB") } = capacity;
    return { name, labels: { ...labels, hypervisor: name }, capacity: { vcpus: cpus, memoryMiB } };
}

/** A machine is a service of one replica. */
function serviceOf(name: string, { vcpus, memoryMiB, require, prefer, antiAffinity, affinity }: VmToPlace) {
    const service: PlacementService = {
        name,
        replicas: 1,
        demand: { vcpus, memoryMiB },
        ...(require !== undefined && { require }),
        ...(prefer !== undefined && { prefer }),
        ...(antiAffinity !== undefined && { antiAffinity }),
        ...(affinity !== undefined && { affinity }),
    };
    return service;
}

const vmOf = (replica: string): string => replica.slice(0, replica.lastIndexOf("-"));

/** The argument that a user wrote for what the placement calls `services[0].demand.vcpus`. */
function pathIn(vms: readonly string[], path: string): string {
    const [, index = "", rest = ""] = /^services\[(\d+)\](.*)$/s.exec(path) ?? [];
    const vm = vms[Number(index)];
    if (index !== "" && vm !== undefined) {
        return `vms.${vm}${rest.replace(".demand.", ".")}`;
    }
    return path.replace(/^hosts\b/, "hypervisors");
}
