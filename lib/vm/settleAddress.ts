import { addressAt, macFor, numberOf } from "../cidr";
import type { NetworkSpec } from "../hypervisor/networkSpec";
import type { VmSpec } from "./vmSpec";

/**
 * Fills in a machine's address and what follows from it: the ssh target, and, where they are not given, the MAC and the
 * IPv6 address, which has the same number in its network as the IPv4 address in its own.
 */
export function settleAddress(spec: VmSpec, network: NetworkSpec, address: string): void {
    spec.address = address;
    spec.ssh.address = address;
    if (spec.mac === "") {
        spec.mac = macFor(address);
    }
    if (network.cidr6 !== undefined) {
        spec.address6 ??= addressAt(network.cidr6, numberOf(network.cidr, address));
    }
}
