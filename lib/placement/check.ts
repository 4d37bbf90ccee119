import { circles } from "./chains";
import { type Given, type GivenHost, HOST } from "./given";
import type { GivenRule, GivenService } from "./givenService";
import { checkPins } from "./pins";
import { at, type Faults, named, shown } from "./read";

/** More replicas than this are taken for a slip of the pen; their names alone would fill the memory. */
const MOST_REPLICAS = 1_000_000;

/** Hosts times services, and either times dimensions, need a table each. */
const MOST_CELLS = 20_000_000;

/** Whether the names in a problem agree with each other and its sums stay exact; what is wrong goes to `faults`. */
export function checkProblem(given: Given, faults: Faults): void {
    checkUnique(given.hosts, faults);
    checkUnique(given.services, faults);
    checkSums(given, faults);
    checkSize(given, faults);
    const labels = new Names(given.hosts.flatMap((host) => [...host.labels.keys()]));
    const dimensions = new Names(given.hosts.flatMap((host) => [...host.capacity.keys()]));
    const services = new Names(given.services.map((service) => service.name));
    for (const service of given.services) {
        // Without hosts, which is told already, every label and dimension would be unknown.
        if (given.hosts.length > 0) {
            checkLabels(service, labels, faults);
            checkDemand(service, dimensions, faults);
        }
        const refer = (names: readonly string[], path: string): void =>
            names.forEach((name, i) => {
                if (name === "" || services.has(name)) return;
                faults.add(`${path}[${i}]`, `there is no service ${shown(name)}; there is ${services.text}`);
            });
        for (const { names, namesPath } of [...service.apart, ...service.together]) refer(names, namesPath);
        refer(service.dependsOn, `${service.path}.dependsOn`);
    }
    checkPins(given, faults);
    checkCircles(given.services, faults);
    checkContradictions(given.services, faults);
}

/** Names, and the text that lists them: made once, however many faults show it. */
class Names {
    private readonly names: ReadonlySet<string>;
    private listed: string | undefined;

    constructor(names: Iterable<string>) {
        this.names = new Set(names);
    }

    has(name: string): boolean {
        return this.names.has(name);
    }

    get text(): string {
        this.listed ??= named(this.names);
        return this.listed;
    }

    get size(): number {
        return this.names.size;
    }
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

function checkSize({ hosts, services }: Given, faults: Faults): void {
    const dimensions = new Names(hosts.flatMap((host) => [...host.capacity.keys()])).size;
    const limit = (path: string, what: string, cells: number): void => {
        if (cells <= MOST_CELLS) return;
        faults.add(path, `${what} may be ${MOST_CELLS} at most, got ${cells}; divide the problem, e.g. by zone`);
    };
    limit("services", "hosts times services", hosts.length * services.length);
    const named = services.reduce(
        (sum, { apart, together, ports }) =>
            sum + ports.length + [...apart, ...together].reduce((of, { names }) => of + names.length, 0),
        0,
    );
    limit("services", "hosts times ports and names in rules", hosts.length * named);
    limit("hosts", "hosts and services times dimensions", (hosts.length + services.length) * dimensions);
}

function checkDemand(service: GivenService, dimensions: Names, faults: Faults): void {
    for (const [dimension, amount] of service.demand) {
        if (amount === 0 || dimensions.has(dimension)) continue;
        const path = at(`${service.path}.demand`, dimension);
        faults.add(path, `no host offers it, got ${amount}; hosts offer ${dimensions.text}`);
    }
}

function checkLabels(service: GivenService, labels: Names, faults: Faults): void {
    const refer = (label: string, path: string): void => {
        if (label === "" || labels.has(label)) return;
        faults.add(path, `no host has a label ${shown(label)}; hosts have ${labels.text}`);
    };
    for (const label of service.require.keys()) refer(label, at(`${service.path}.require`, label));
    for (const label of service.prefer.keys()) refer(label, at(`${service.path}.prefer`, label));
    for (const rule of [...service.apart, ...service.together]) refer(rule.over, `${rule.path}.over`);
    if (service.spreadOver !== undefined) refer(service.spreadOver, `${service.path}.spreadOver`);
}

/** Affinity must have a beginning, a service that can be placed first. */
function checkCircles(services: readonly GivenService[], faults: Faults): void {
    const number = new Map(services.map(({ name }, i) => [name, i]));
    const edges = services.map(({ together }) =>
        together.flatMap(({ names }) => names.flatMap((name) => number.get(name) ?? [])),
    );
    for (const circle of circles(edges)) {
        const names = [...circle, circle[0] ?? 0].map((i) => services[i]?.name ?? "");
        const shownNames =
            names.length > 9 ? [...names.slice(0, 7), `${names.length - 8} more`, ...names.slice(-1)] : names;
        const path = `${services[circle[0] ?? 0]?.path}.affinity`;
        faults.add(path, `goes in a circle, got ${shownNames.join(" -> ")}; state it on one side only`);
    }
}

/** What is on one host shares every label with it: such affinity contradicts any anti-affinity of the two. */
function checkContradictions(services: readonly GivenService[], faults: Faults): void {
    const apart = new Map<string, Set<string>>();
    const note = (a: string, b: string, { over }: GivenRule): void => {
        const key = JSON.stringify([a, b]);
        const overs = apart.get(key) ?? new Set();
        apart.set(key, overs.add(over));
    };
    for (const { name, apart: rules } of services) {
        for (const rule of rules) {
            for (const other of rule.names) {
                note(name, other, rule);
                note(other, name, rule);
            }
        }
    }
    if (apart.size === 0) return;
    for (const { name, together } of services) {
        for (const rule of together) {
            for (const [i, other] of rule.names.entries()) {
                const overs = apart.get(JSON.stringify([name, other]));
                if (other === name || overs === undefined || !(rule.over === HOST || overs.has(rule.over))) continue;
                const path = `${rule.namesPath}[${i}]`;
                const what = `contradicts antiAffinity between the two, got ${shown(other)}`;
                faults.add(path, `${what}; leave out one of them`);
            }
        }
    }
}
