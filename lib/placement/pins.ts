import { NOWHERE } from "./board";
import type { Problem } from "./canonical";
import type { Given, GivenHost } from "./given";
import type { GivenService } from "./givenService";
import { at, type Faults, named, shown } from "./read";

/** The names of a service's replicas, in the order of their numbers. */
export function replicaNames({ name, replicas, names }: Pick<GivenService, "name" | "replicas" | "names">): string[] {
    if (names !== undefined) return [...names].sort().map((ending) => `${name}-${ending}`);
    return Array.from({ length: replicas }, (_, i) => `${name}-${i}`);
}

/** Whether names and pins say what there is; what is wrong goes to `faults`. */
export function checkPins({ hosts, services }: Given, faults: Faults): void {
    const byName = new Map(hosts.map((host) => [host.name, host]));
    for (const service of services) {
        checkNames(service, services, faults);
        if (service.pin.size === 0) continue;
        for (const [replica, host] of service.pin) {
            const path = at(`${service.path}.pin`, replica);
            if (!isReplica(service, replica)) {
                // A few do: that there are too many is told elsewhere.
                const known = named(replicaNames({ ...service, replicas: Math.min(service.replicas, 9) }));
                faults.add(path, `there is no replica ${shown(replica)}; there is ${known}`);
            }
            const there = byName.get(host);
            if (there === undefined) {
                faults.add(path, `there is no host ${shown(host)}; there is ${named(byName.keys())}`);
            } else checkRequired(service, there, path, faults);
        }
    }
}

function isReplica({ name, replicas, names }: GivenService, replica: string): boolean {
    if (!replica.startsWith(`${name}-`)) return false;
    const ending = replica.slice(name.length + 1);
    return names?.includes(ending) ?? (/^(0|[1-9]\d*)$/.test(ending) && Number(ending) < replicas);
}

function checkNames({ path, name, replicas, names }: GivenService, all: readonly GivenService[], faults: Faults): void {
    if (names === undefined) return;
    if (names.length !== replicas) {
        faults.add(`${path}.names`, `must be as many as replicas, got ${names.length} for ${replicas}; name each once`);
    }
    const others = all.filter((other) => other.name.startsWith(`${name}-`));
    const seen = new Set<string>();
    for (const [i, ending] of names.entries()) {
        if (seen.has(ending)) faults.add(`${path}.names[${i}]`, `is named twice, got ${shown(ending)}; name each once`);
        seen.add(ending);
        const other = others.find((one) => `${name}-${ending}`.startsWith(`${one.name}-`));
        if (other === undefined) continue;
        const what = `${name}-${ending} would be called like a replica of ${other.name}`;
        faults.add(`${path}.names[${i}]`, `${what}, got ${shown(ending)}; rename one of them`);
    }
}

function checkRequired({ require }: GivenService, host: GivenHost, path: string, faults: Faults): void {
    for (const [label, values] of require) {
        const value = host.labels.get(label);
        if (value !== undefined && values.includes(value)) continue;
        const is = value === undefined ? "has none" : `is ${shown(value)}`;
        const what = `contradicts require: ${label} needs ${values.map(shown).join(" or ")}`;
        faults.add(path, `${what}, that of ${shown(host.name)} ${is}; pin it to another host, or require less`);
    }
}

/** Whether every pinned replica that has a host is on the one that it is pinned to. */
export function keepsPins({ pins }: Pick<Problem, "pins">, hostOf: Int32Array): boolean {
    return hostOf.every((host, replica) => {
        const pin = pins[replica] ?? NOWHERE;
        return pin === NOWHERE || host === NOWHERE || host === pin;
    });
}
