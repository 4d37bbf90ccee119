import { machineOf } from "../hypervisor/checkNetworks";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { isOwn } from "../hypervisor/networkSpec";
import type { VmSpec } from "../vm/vmSpec";
import type { Used } from "./wanted";

/**
 * What a hypervisor and its machines name that has to be there already: a network that exists, bridges, devices.
 *
 * @param program all hypervisors of the program, of which one may make what another uses
 */
export function usesOf(spec: HypervisorSpec, vms: readonly VmSpec[], program: readonly HypervisorSpec[]): Used[] {
    const { name, network } = spec;
    const own: Used[] = [
        { path: `${name}.network.name`, kind: "network", name: network.mode === "existing" ? network.name : "" },
        { path: `${name}.network.bridge`, kind: "bridge", name: network.mode === "bridge" ? network.bridge : "" },
        { path: `${name}.network.device`, kind: "device", name: network.mode === "macvtap" ? network.device : "" },
    ];
    const cards = vms.flatMap((vm) =>
        vm.interfaces.map(({ to }, index): Used => {
            const path = `${vm.name}.interfaces[${index}]`;
            if ("networkName" in to) {
                return { path: `${path}.network`, kind: "network", name: to.networkName };
            }
            return "bridge" in to
                ? { path: `${path}.bridge`, kind: "bridge", name: to.bridge }
                : { path: `${path}.macvtap`, kind: "device", name: to.macvtap };
        }),
    );
    const made = program
        .filter((other) => machineOf(other) === machineOf(spec) && isOwn(other.network))
        .flatMap(({ network: other }) => [`network ${other.name}`, `bridge ${other.bridge}`, `device ${other.bridge}`]);
    return [...own, ...cards].filter((use) => use.name !== "" && !made.includes(`${use.kind} ${use.name}`));
}
