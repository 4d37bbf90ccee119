import type { Faults } from "../faults";
import type { SwarmMemory } from "./SwarmRecord";
import type { SwarmSpec } from "./swarmSpec";

/** Checks what a swarm that has been founded cannot be changed to. @param last what is remembered of it */
export function checkChange(
    { name, nodes, addressPool, recover }: SwarmSpec,
    last: SwarmMemory | undefined,
    faults: Faults,
): void {
    if (last === undefined) {
        return;
    }
    if (last.addressPool !== addressPool) {
        const remedy = `leave it at ${last.addressPool}, or found another swarm`;
        faults.add(
            `${name}.addressPool`,
            `was ${last.addressPool} when the swarm was founded, got ${addressPool}; ${remedy}`,
        );
        faults.refusesChange = true;
    }
    const left = last.managers.filter((manager) => nodes.some((node) => node.name === manager));
    if (left.length === 0 && last.managers.length > 0 && nodes.length > 0 && recover === undefined) {
        const remedy = "keep one of them for this deployment, so that others can take over";
        faults.add(
            `${name}.hosts`,
            `has none of the swarm's managers any more: ${last.managers.join(", ")}; ${remedy}`,
        );
        faults.refusesChange = true;
    }
}
