import { overlaps } from "../cidr";
import type { Faults } from "../faults";
import { segmentOf } from "../hypervisor/checkNetworks";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { hypervisorOf } from "../hypervisor/ProgramNetworks";
import type { BackendSpec } from "./balancerSpec";

/**
 * Checks that the machines behind a balancer are in networks that one machine can have routes to: hypervisors may have the
 * same network, as machines are reached through theirs, but HAProxy goes to all of them itself.
 */
export function checkReach(balancer: string, backends: readonly BackendSpec[], faults: Faults): void {
    const before = new Set<HypervisorSpec>();
    for (const [index, { set: given }] of backends.entries()) {
        if (given === undefined) continue;
        const own = given.spec.hosts.map(hypervisorOf).filter((one) => one !== undefined);
        const known = overlapping([...before]);
        for (const one of own) before.add(one);
        const [one, other] = overlapping([...before]) ?? [];
        // Once is enough.
        if (one !== undefined && other !== undefined && known === undefined) {
            faults.add(
                `${balancer}.backends[${index}]`,
                `${given.spec.name} brings hosts in two networks of the same addresses, ${one.network.cidr.text} of ${one.name} and ${other.network.cidr.text} of ${other.name}, and HAProxy has one route to an address; give one of them another network.cidr`,
            );
        }
    }
}

function overlapping(hypervisors: readonly HypervisorSpec[]): [HypervisorSpec, HypervisorSpec] | undefined {
    for (const [index, one] of hypervisors.entries()) {
        for (const other of hypervisors.slice(index + 1)) {
            if (overlaps(one.network.cidr.text, other.network.cidr.text) && segmentOf(one) !== segmentOf(other)) {
                return [one, other];
            }
        }
    }
    return undefined;
}
