import { Faults } from "../faults";
import { ArgumentError } from "../program";
import type { SwarmHost } from "./createNodes";
import type { SwarmSpec } from "./swarmSpec";

/**
 * Checks that no manager's disk is made anew while the swarm has no quorum: what the swarm knows is on these disks, and machines would
 * not wait for each other. Disks that are lost have nothing on them any more, and a swarm of one machine begins anew with it.
 *
 * @throws ArgumentError with the machines that are to stay as they are
 */
export function checkMachines(
    { name, recover }: Pick<SwarmSpec, "name" | "recover">,
    managers: readonly string[],
    hosts: ReadonlyMap<string, SwarmHost>,
): void {
    if (hosts.size === 1) return;
    const faults = new Faults();
    for (const manager of managers) {
        const machine = hosts.get(manager)?.access.machine;
        if (machine === undefined || !machine.anew || machine.lost || (recover !== undefined && recover !== manager))
            continue;
        const why = `is a manager of the swarm ${name}, of which none answers with a quorum, and its disk, which has what the swarm knows, would be made anew`;
        faults.add(
            manager,
            `${why}; start the managers that are off, or leave this machine as it is until up has found the swarm`,
        );
    }
    faults.refusesChange = true;
    if (faults.size > 0) throw new ArgumentError(faults);
}
