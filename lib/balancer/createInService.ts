import type * as command from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";
import type { FusionContainerSet } from "../containers/FusionContainerSet";
import type { FusionVm } from "../vm/FusionVm";
import type { PlacedBalancer } from "./balancerHost";
import { foundBackends } from "./findsTasks";
import { inService } from "./inService";

/**
 * For each virtual machine behind a balancer what keeps its servers in service. It is deleted before the machine is touched,
 * which takes them out of service, and made again when the machine's containers run, or when it is back in its swarm. It asks
 * HAProxy for the servers by the machine's address, so a rollout does not change it.
 */
export async function createInService(
    balancer: pulumi.ComponentResource,
    spec: PlacedBalancer,
    sets: readonly FusionContainerSet[],
): Promise<ReadonlyMap<string, command.local.Command>> {
    const vms = new Map<string, FusionVm>(sets.flatMap((set) => set.vms.map((vm) => [vm.spec.name, vm] as const)));
    const found = foundBackends(sets);
    const made = new Map<string, command.local.Command>();
    for (const [name, vm] of vms) {
        const serving = await Promise.all(sets.map((set) => set.servingOn(name)));
        if (serving.some((one) => one !== undefined)) {
            const dependsOn = serving.flatMap((one) => one ?? []);
            const ready = await vm.readiness;
            const at = vm.spec.address;
            made.set(name, inService(balancer, spec, { name, at, on: ready, dependsOn, found }));
        }
    }
    return made;
}
