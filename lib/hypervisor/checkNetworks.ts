import { freeNetwork, overlaps } from "../cidr";
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
    const taken = [...earlier, ...hypervisors].map(({ network }) => network.cidr).filter(({ prefix }) => prefix > 0);
    const texts = taken.map(({ text }) => text);
    for (const [index, one] of hypervisors.entries()) {
        for (const other of [...earlier, ...hypervisors.slice(0, index)]) {
            if (one.connection.uri === "" || other.connection.uri === "") {
                continue;
            }
            if (machineOf(one) === machineOf(other)) {
                const shared = isShared(one, other);
                checkOverlap(one, other, { why: "on the same machine", shared, taken: texts }, faults);
                checkNames(one, other, faults);
                checkPools(one, other, faults);
            } else if (reachedDirectly(one) && reachedDirectly(other)) {
                const why = "and this machine has to reach both";
                const shared = segmentOf(one) === segmentOf(other);
                checkOverlap(one, other, { why, shared, taken: texts }, faults);
            }
        }
    }
}

interface Neighbours {
    why: string;
    /** Whether the two may be one network. */
    shared: boolean;
    /** The networks of all hypervisors. */
    taken: readonly string[];
}

function checkOverlap(
    one: HypervisorSpec,
    other: HypervisorSpec,
    { why, shared, taken }: Neighbours,
    faults: Faults,
): void {
    for (const key of ["cidr", "cidr6"] as const) {
        const [mine, theirs] = [one, other].map(({ network }) =>
            network[key]?.prefix ? network[key].text : undefined,
        );
        if (mine !== undefined && theirs !== undefined && overlaps(mine, theirs) && !(shared && mine === theirs)) {
            const free = freeNetwork(mine, taken);
            const remedy =
                free === undefined ? "give one of them another" : `give one of them another, such as "${free}"`;
            faults.add(`${one.name}.network.${key}`, `${mine} overlaps ${theirs} of ${other.name} ${why}; ${remedy}`);
        }
    }
}

function checkNames(one: HypervisorSpec, other: HypervisorSpec, faults: Faults): void {
    const [a, b] = [one.network, other.network];
    if (!isOwn(a) || !isOwn(b) || one.name === other.name) {
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

/** libvirt has a pool of a name once, and a directory in one pool. */
function checkPools(one: HypervisorSpec, other: HypervisorSpec, faults: Faults): void {
    if (one.connection.localUri !== other.connection.localUri || one.name === other.name) {
        return;
    }
    if (one.pool.name === other.pool.name) {
        faults.add(
            `${one.name}.pool.name`,
            `"${one.pool.name}" is the name of ${other.name}'s pool on the same machine; give another`,
        );
    } else if (one.pool.path === other.pool.path && one.pool.path !== "") {
        faults.add(
            `${one.name}.pool.path`,
            `"${one.pool.path}" is the directory of ${other.name}'s pool on the same machine; give another, such as "${one.pool.path}-${one.name}"`,
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
