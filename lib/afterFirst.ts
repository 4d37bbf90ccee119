import type { SshTarget } from "./ssh";

const firsts = new Map<string, Promise<unknown>>();

/**
 * Runs a client of a machine: the first of a program at once, as it opens the connection that the machine's clients share, the
 * others once it has ended. Clients that began together would each connect on their own.
 */
export function afterFirst<T>(target: SshTarget, client: () => Promise<T>): Promise<T> {
    const machine = JSON.stringify(target);
    const first = firsts.get(machine);
    const own = first === undefined ? client() : first.then(client);
    if (first === undefined) {
        firsts.set(
            machine,
            own.catch(() => undefined),
        );
    }
    return own;
}
