import type * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOutputs, lastResources, urnOf } from "../lastState";
import { type HeldPorts, slotOf } from "./assignPorts";

const TYPE = "docker:index/container:Container";

/** A replica's container that the state has: what a deployment, however it ended, has really left. */
export interface RunningContainer {
    /** Name of the container. */
    name: string;
    vm: string;
    version: string;
    /** Which of its slots' ports it uses. */
    turn: number;
}

/**
 * The container of a replica in the last deployment's state; undefined where there is none. The placement's record says what
 * was wanted, this what came of it: they differ after a deployment that failed.
 */
export async function runningContainer(
    set: pulumi.ComponentResource,
    replica: string,
): Promise<RunningContainer | undefined> {
    const outputs = await lastOutputs(urnOf(set, { type: TYPE, name: replica }));
    const name = outputs?.name;
    const version = labelOf(outputs, "fusion.version");
    const vm = labelOf(outputs, "fusion.host");
    if (typeof name !== "string" || version === undefined || vm === undefined) {
        return undefined;
    }
    return { name, vm, version, turn: Number(name.slice(name.lastIndexOf("-") + 1)) };
}

/** The slots that containers in the state have, those of replicas that are to go included. */
export async function slotsOfContainers(): Promise<Pick<HeldPorts, "vm" | "slots">[]> {
    return (await lastResources(TYPE)).flatMap((outputs) => {
        const vm = labelOf(outputs, "fusion.host");
        const ports: unknown[] = Array.isArray(outputs.ports) ? outputs.ports : [];
        const slots = ports
            .map((port) => (isRecord(port) && typeof port.external === "number" ? slotOf(port.external) : undefined))
            .filter((slot) => slot !== undefined);
        return vm === undefined ? [] : [{ vm, slots }];
    });
}

function labelOf(outputs: Readonly<Record<string, unknown>> | undefined, label: string): string | undefined {
    const labels: unknown[] = Array.isArray(outputs?.labels) ? outputs.labels : [];
    const found = labels.find((one) => isRecord(one) && one.label === label);
    return isRecord(found) && typeof found.value === "string" ? found.value : undefined;
}
