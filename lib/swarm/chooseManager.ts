import { knownValue } from "../known";
import type { SwarmHost } from "./createNodes";
import { findManager } from "./lookAtSwarm";
import type { Contact } from "./nodeScripts";
import type { SwarmDecision } from "./planSwarm";
import type { SwarmMemory } from "./SwarmRecord";

/** The manager that the swarm is reached by. */
interface ChosenManager {
    name: string;
    /** False where a swarm that was founded has no manager that answers with a quorum. */
    answers: boolean;
}

/**
 * Chooses the manager that services are managed by: the one that was used last, as long as it is a manager and answers. Of a swarm
 * that is not founded nobody is asked.
 */
export async function chooseManager(
    hosts: ReadonlyMap<string, SwarmHost>,
    { managers }: SwarmDecision,
    last: SwarmMemory | undefined,
): Promise<ChosenManager> {
    const [founder = ""] = managers;
    if (last === undefined) {
        return { name: founder, answers: true };
    }
    const were = managers.filter((name) => last.managers.includes(name));
    // A machine that is changed in this deployment is a manager that is away for a while.
    const away = (name: string): number => Number(hosts.get(name)?.access.machine?.takesTurn ?? false);
    const used = (name: string): number => Number(name !== last.provider);
    const order = [...were].sort((a, b) => away(a) - away(b) || used(a) - used(b) || (a < b ? -1 : 1));
    const contacts = await Promise.all(order.flatMap((name) => hosts.get(name) ?? []).map(contactOf));
    const found = await findManager(contacts.filter((contact) => contact !== undefined));
    return { name: found ?? order[0] ?? founder, answers: found !== undefined };
}

/** How to ask a host; undefined where that is not known before it exists. */
async function contactOf({ spec, access }: SwarmHost): Promise<Contact | undefined> {
    const ssh = await knownValue(access.ssh);
    return ssh === undefined ? undefined : { name: spec.name, address: spec.address, ssh };
}
