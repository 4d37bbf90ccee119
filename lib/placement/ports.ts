import type { GivenHost } from "./given";
import type { GivenService } from "./givenService";

/** More ports than this are counted and not named. */
const MOST_NAMED = 5;

/**
 * Ports that the same services take and that are in use on the same hosts, as one: whoever has one of them has all. The least
 * stands for all, so that a thousand ports of a service cost no more than one.
 *
 * @returns the least port of each group to the whole group, ascending
 */
export function portGroups(hosts: readonly GivenHost[], services: readonly GivenService[]): Map<number, number[]> {
    const takers = new Map<number, number[]>();
    for (const [s, { ports }] of services.entries()) {
        for (const port of ports) {
            const known = takers.get(port);
            if (known === undefined) takers.set(port, [s]);
            else known.push(s);
        }
    }
    const inUse = new Map<number, number[]>();
    for (const [host, { portsInUse }] of hosts.entries()) {
        for (const port of new Set(portsInUse)) {
            const known = inUse.get(port);
            if (known === undefined) inUse.set(port, [host]);
            else known.push(host);
        }
    }
    const groups = new Map<string, number[]>();
    for (const [port, of] of [...takers].sort(([a], [b]) => a - b)) {
        const key = `${of.join()};${inUse.get(port)?.join() ?? ""}`;
        const group = groups.get(key);
        if (group === undefined) groups.set(key, [port]);
        else group.push(port);
    }
    return new Map([...groups.values()].map((group) => [group[0] ?? 0, group]));
}

/** `80, 443`, or `80, 81, 82, 83, 84 and 95 more`. */
export function namesOfPorts(ports: readonly number[]): string {
    const more = ports.length - MOST_NAMED;
    return `${ports.slice(0, MOST_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
