import { overlaps } from "../cidr";
import type { Faults } from "../faults";
import type { HypervisorSpec } from "./hypervisorSpec";
import { isOwn } from "./networkSpec";

/** The machine that a hypervisor is: two components may use one. */
export function machineOf({ connection }: HypervisorSpec): string {
    const { ssh } = connection;
    return ssh === undefined ? "this machine" : `${ssh.address}:${ssh.port ?? 22}`;
}

/**
 * A name for the network that a hypervisor's machines are in: the same for hypervisors whose machines are neighbours, and so
 * share its addresses. The LAN behind a bridge or a device is taken for the same on all hypervisors when its CIDR is.
 */
export function segmentOf(spec: HypervisorSpec): string {
    const { mode, cidr, name } = spec.network;
    if (mode === "bridge" || mode === "macvtap") {
        return `lan ${cidr.text}`;
    }
    return mode === "existing" ? `${machineOf(spec)} ${spec.connection.localUri} ${name}` : `own ${spec.name}`;
}

/** Whether `pulumi` reaches the machines without the hypervisor's help, which a macvtap card cannot talk to. */
export const reachedDirectly = ({ connection, network }: HypervisorSpec): boolean =>
    connection.ssh === undefined || network.mode === "macvtap";

/**
 * Checks that networks can be beside each other: a machine has one route to an address. So no two on one hypervisor may
 * overlap, nor two that `pulumi`'s machine reaches directly; networks behind different hypervisors that are reached through
 * these may be the same.
 *
 * @param earlier hypervisors that have been checked already
 */
export function checkNetworks(
    hypervisors: readonly HypervisorSpec[],
    earlier: readonly HypervisorSpec[],
    faults: Faults,
): void {
    for (const [index, one] of hypervisors.entries()) {
        for (const other of [...earlier, ...hypervisors.slice(0, index)]) {
            if (one.connection.uri === "" || other.connection.uri === "") {
                continue;
            }
            if (machineOf(one) === machineOf(other)) {
                checkOverlap(one, other, "on the same machine", isShared(one, other), faults);
                checkNames(one, other, faults);
            } else if (reachedDirectly(one) && reachedDirectly(other)) {
                const why = "and this machine has to reach both";
                checkOverlap(one, other, why, segmentOf(one) === segmentOf(other), faults);
            }
        }
    }
}

/** @param shared whether the two may be one network */
function checkOverlap(one: HypervisorSpec, other: HypervisorSpec, why: string, shared: boolean, faults: Faults): void {
    for (const key of ["cidr", "cidr6"] as const) {
        const [mine, theirs] = [one.network[key]?.text, other.network[key]?.text];
        if (mine !== undefined && theirs !== undefined && overlaps(mine, theirs) && !(shared && mine === theirs)) {
            faults.add(
                `${one.name}.network.${key}`,
                `${mine} overlaps ${theirs} of ${other.name} ${why}; give one of them another`,
            );
        }
    }
}

function checkNames(one: HypervisorSpec, other: HypervisorSpec, faults: Faults): void {
    const [a, b] = [one.network, other.network];
    if (!isOwn(a) || !isOwn(b)) {
        return;
    }
    if (a.name === b.name && one.connection.localUri === other.connection.localUri) {
        faults.add(
            `${one.name}.network.name`,
            `"${a.name}" is the name of ${other.name}'s network on the same machine; give another, or mode "existing"`,
        );
    } else if (a.bridge === b.bridge) {
        faults.add(
            `${one.name}.network.bridge`,
            `"${a.bridge}" is the bridge of ${other.name}'s network on the same machine; give another`,
        );
    }
}

/** Whether two hypervisors on one machine use the same network that is there already. */
function isShared(one: HypervisorSpec, other: HypervisorSpec): boolean {
    const [a, b] = [one.network, other.network];
    return (
        a.mode === b.mode &&
        !isOwn(a) &&
        segmentOf(one) === segmentOf(other) &&
        a.bridge === b.bridge &&
        a.device === b.device
    );
}
