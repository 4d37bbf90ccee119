import type { Given, GivenHost, GivenService } from "./given";
import { at, type Faults, named, shown } from "./read";

/** More replicas than this are taken for a slip of the pen; their names alone would fill the memory. */
const MOST_REPLICAS = 1_000_000;

/** Whether the names in a problem agree with each other and its sums stay exact; what is wrong goes to `faults`. */
export function checkProblem(given: Given, faults: Faults): void {
    checkUnique(given.hosts, faults);
    checkUnique(given.services, faults);
    checkSums(given, faults);
    const labels = new Set(given.hosts.flatMap((host) => [...host.labels.keys()]));
    const dimensions = new Set(given.hosts.flatMap((host) => [...host.capacity.keys()]));
    const services = new Set(given.services.map((service) => service.name));
    for (const service of given.services) {
        // Without hosts, which is told already, every label and dimension would be unknown.
        if (given.hosts.length > 0) checkLabels(service, labels, faults);
        for (const [dimension, amount] of service.demand) {
            if (amount === 0 || dimensions.has(dimension) || given.hosts.length === 0) continue;
            const path = at(`${service.path}.demand`, dimension);
            faults.add(path, `no host offers it, got ${amount}; hosts offer ${named(dimensions)}`);
        }
        const refer = (names: readonly string[], path: string): void =>
            names.forEach((name, i) => {
                if (name === "" || services.has(name)) return;
                faults.add(`${path}[${i}]`, `there is no service ${shown(name)}; there is ${named(services)}`);
            });
        refer(service.apart, `${service.path}.antiAffinity.with`);
        refer(service.together, `${service.path}.affinity`);
    }
    checkTogether(given.services, faults);
}

function checkUnique(items: readonly (GivenHost | GivenService)[], faults: Faults): void {
    const first = new Map<string, string>();
    for (const { name, path } of items) {
        if (name === "") continue;
        const before = first.get(name);
        if (before === undefined) first.set(name, path);
        else faults.add(`${path}.name`, `is used twice, got ${shown(name)} as at ${before}; choose another name`);
    }
}

function checkSums(given: Given, faults: Faults): void {
    const sums = new Map<string, number>();
    const add = (amounts: ReadonlyMap<string, number>, times: number, path: string, kind: string): void => {
        for (const [dimension, amount] of amounts) {
            const before = sums.get(kind + dimension) ?? 0;
            const sum = before + amount * times;
            sums.set(kind + dimension, sum);
            // Told once, where the limit is crossed.
            if (sum <= Number.MAX_SAFE_INTEGER || before > Number.MAX_SAFE_INTEGER) continue;
            faults.add(at(path, dimension), `the sum exceeds 2^53 - 1 with ${amount}; choose a larger unit`);
        }
    };
    for (const host of given.hosts) add(host.capacity, 1, `${host.path}.capacity`, "capacity ");
    let replicas = 0;
    for (const service of given.services) {
        add(service.demand, service.replicas, `${service.path}.demand`, "demand ");
        replicas += service.replicas;
        if (replicas <= MOST_REPLICAS || replicas - service.replicas > MOST_REPLICAS) continue;
        const path = `${service.path}.replicas`;
        faults.add(path, `all services together may have ${MOST_REPLICAS} replicas, got ${replicas}; give fewer`);
    }
}

function checkLabels(service: GivenService, labels: ReadonlySet<string>, faults: Faults): void {
    const refer = (label: string, path: string): void => {
        if (label === "" || labels.has(label)) return;
        faults.add(path, `no host has a label ${shown(label)}; hosts have ${named(labels)}`);
    };
    for (const label of service.require.keys()) refer(label, at(`${service.path}.require`, label));
    refer(service.apartOver, `${service.path}.antiAffinity.over`);
    if (service.spreadOver !== undefined) refer(service.spreadOver, `${service.path}.spreadOver`);
}

/** Affinity must have a beginning, a service that can be placed first, and must not contradict anti-affinity. */
function checkTogether(services: readonly GivenService[], faults: Faults): void {
    const byName = new Map(services.map((service) => [service.name, service]));
    const done = new Set<GivenService>();
    const visit = (service: GivenService, trail: readonly GivenService[]): void => {
        const start = trail.indexOf(service);
        if (start >= 0) {
            const circle = [...trail.slice(start), service].map(({ name }) => name).join(" -> ");
            faults.add(`${service.path}.affinity`, `goes in a circle, got ${circle}; state it on one side only`);
            return;
        }
        if (done.has(service)) return;
        for (const [i, name] of service.together.entries()) {
            const other = byName.get(name);
            if (other === undefined) continue;
            if (other !== service && (service.apart.includes(name) || other.apart.includes(service.name))) {
                const path = `${service.path}.affinity[${i}]`;
                faults.add(path, `contradicts antiAffinity between the two, got ${shown(name)}; leave out one of them`);
            }
            visit(other, [...trail, service]);
        }
        done.add(service);
    };
    for (const service of services) visit(service, []);
}
