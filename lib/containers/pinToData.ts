import { type Faults, show } from "../faults";
import { at } from "../placement/read";
import type { ContainerSetSpec } from "./containerSetSpec";
import { replicasOf } from "./placeSets";

/**
 * A set whose replicas must stay where their data is, with each that ran before pinned to its host. What stands against that
 * goes to `faults`: the data would be lost to the replica silently.
 *
 * @param previous replica to the host that it ran on last, however long ago
 */
export function pinToData(
    set: ContainerSetSpec,
    previous: Readonly<Record<string, string>>,
    faults: Faults,
): ContainerSetSpec {
    const { name, hosts, service } = set;
    // On every host a replica is its host's: one of a host that is no more is no more.
    if (!set.stays || service.names !== undefined) return set;
    const pin: Record<string, string> = { ...service.pin };
    for (const replica of replicasOf(set)) {
        const before = previous[replica];
        if (before === undefined) continue;
        const host = hosts.find((one) => one.name === before);
        const given = service.pin?.[replica];
        const lacks = Object.entries(service.require ?? {}).find(
            ([label, values]) => label !== "host" && !values.includes(host?.labels[label] ?? ""),
        );
        if (host === undefined && given !== undefined) {
            // Its host is gone, and somebody has said where it goes: with or without its data is theirs to know.
            continue;
        }
        if (host === undefined) {
            const what = `lacks ${show(before)}, where the data of ${replica} is`;
            const remedy = `or, when the data is elsewhere now or given up, say where with placement.pin: { "${replica}": HOST }`;
            faults.add(`${name}.hosts`, `${what}; keep it among the hosts, ${remedy}`);
        } else if (given !== undefined && given !== before) {
            const what = `is ${show(given)}, but its data is on ${show(before)}`;
            faults.add(at(`${name}.placement.pin`, replica), `${what}; pin it there, or leave the pin out`);
        } else if (lacks !== undefined) {
            const what = `${show(lacks[1])} leaves out ${show(before)}, where the data of ${replica} is`;
            faults.add(at(`${name}.placement.require`, lacks[0]), `${what}; allow that host, or leave out the volume`);
        } else {
            pin[replica] = before;
        }
    }
    return { ...set, service: { ...service, pin } };
}
