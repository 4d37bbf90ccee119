import type * as pulumi from "@pulumi/pulumi";
import { isRecord } from "../isRecord";
import { lastOfType, lastOutputs, lastResources, urnOf } from "../lastState";
import { type HeldPorts, slotOf } from "./assignPorts";
import type { ContainerSetSpec } from "./containerSetSpec";

const TYPE = "docker:index/container:Container";

/** A replica's container that the state has: what a deployment, however it ended, has really left. */
export interface RunningContainer extends HeldPorts {
    /** Name of the container. */
    name: string;
}

/**
 * The container of a replica in the last deployment's state; undefined where there is none. The placement's record says what
 * was wanted, this what came of it: they differ after a deployment that failed.
 *
 * @param ports the set's, in whose order the slots are told; a refresh may have changed that of the state
 */
export async function runningContainer(
    set: pulumi.ComponentResource,
    replica: string,
    ports: ContainerSetSpec["ports"],
): Promise<RunningContainer | undefined> {
    const outputs = await lastOutputs(urnOf(set, { type: TYPE, name: replica }));
    const name = outputs?.name;
    const version = labelOf(outputs, "fusion.version");
    const vm = labelOf(outputs, "fusion.host");
    if (typeof name !== "string" || version === undefined || vm === undefined) {
        return undefined;
    }
    const turn = Number(name.slice(name.lastIndexOf("-") + 1));
    return { name, vm, version, turn, slots: slotsIn(outputs, ports) };
}

/** Replica of a set to the turn of the container that was the last to pass its group's gate. */
export async function passedTurns(set: string): Promise<ReadonlyMap<string, number>> {
    const gate = new RegExp(`^${set.replaceAll(".", "\\.")}-healthy(-\\d+)?$`);
    const gates = [...(await lastOfType("command:local:Command"))].filter(([name]) => gate.test(name));
    const named = gates.flatMap(([, { stdin }]) => [
        ...String(stdin).matchAll(/\bCONTAINER=([A-Za-z0-9_.-]+)-[0-9a-f]{8}-(\d)\b/g),
    ]);
    return new Map(named.map(([, replica = "", turn]) => [replica, Number(turn)]));
}

/** The slots that containers in the state have, those of replicas that are to go included. */
export async function slotsOfContainers(): Promise<Pick<HeldPorts, "vm" | "slots">[]> {
    return (await lastResources(TYPE)).flatMap((outputs) => {
        const vm = labelOf(outputs, "fusion.host");
        return vm === undefined ? [] : [{ vm, slots: slotsIn(outputs) }];
    });
}

/** The names of a host's containers in the state. */
export async function containersOn(host: string): Promise<string[]> {
    const own = (await lastResources(TYPE)).filter((outputs) => labelOf(outputs, "fusion.host") === host);
    return own.map(({ name }) => String(name));
}

/** The slots of a container's ports, in the order of the set's, as far as those are known. */
function slotsIn(
    outputs: Readonly<Record<string, unknown>> | undefined,
    order: ContainerSetSpec["ports"] = [],
): number[] {
    const place = (port: unknown): number =>
        isRecord(port)
            ? order.findIndex(({ container, protocol }) => port.internal === container && port.protocol === protocol)
            : -1;
    const ports: unknown[] = Array.isArray(outputs?.ports) ? outputs.ports : [];
    return [...ports]
        .sort((a, b) => place(a) - place(b))
        .map((port) => (isRecord(port) && typeof port.external === "number" ? slotOf(port.external) : undefined))
        .filter((slot) => slot !== undefined);
}

function labelOf(outputs: Readonly<Record<string, unknown>> | undefined, label: string): string | undefined {
    const labels: unknown[] = Array.isArray(outputs?.labels) ? outputs.labels : [];
    const found = labels.find((one) => isRecord(one) && one.label === label);
    return isRecord(found) && typeof found.value === "string" ? found.value : undefined;
}
