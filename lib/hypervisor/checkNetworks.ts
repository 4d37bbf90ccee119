import { overlaps } from "../cidr";
import type { Faults } from "../faults";
import type { HypervisorSpec } from "./hypervisorSpec";
import { isOwn } from "./networkSpec";

/** The machine that a hypervisor is: two components may use one. */
export function machineOf({ connection }: HypervisorSpec): string {
    const { ssh, uri } = connection;
    return ssh === undefined ? (uri === "" ? "" : "this machine") : `${ssh.address}:${ssh.port ?? 22}`;
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

/**
 * Checks that networks can be on one machine: it has one route to an address. Networks on different machines may be the
 * same, because machines on a remote hypervisor are reached through it.
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
            if (machineOf(one) !== "" && machineOf(one) === machineOf(other)) {
                checkPair(one, other, faults);
            }
        }
    }
}

function checkPair(one: HypervisorSpec, other: HypervisorSpec, faults: Faults): void {
    const [a, b] = [one.network, other.network];
    for (const key of ["cidr", "cidr6"] as const) {
        const [mine, theirs] = [a[key]?.text, b[key]?.text];
        if (
            mine !== undefined &&
            theirs !== undefined &&
            overlaps(mine, theirs) &&
            !(isShared(one, other) && mine === theirs)
        ) {
            faults.add(
                `${one.name}.network.${key}`,
                `${mine} overlaps ${theirs} of ${other.name} on the same machine; give one of them another`,
            );
        }
    }
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
