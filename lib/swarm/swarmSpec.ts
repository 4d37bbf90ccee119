import { cidrContains, parseCidr } from "../cidr";
import type { DockerHostSpec } from "../dockerHost";
import { type Faults, show } from "../faults";
import { shaped } from "../shape";
import type { FusionSwarmArgs, OverlayArgs } from "./FusionSwarm";
import { isSwarmName, NAME_REMEDY } from "./swarmName";
import { overlayShape } from "./swarmShape";

/** The arguments of a swarm as validated plain values. */
export interface SwarmSpec {
    name: string;
    /** The hosts, in the order of the program. */
    nodes: readonly DockerHostSpec[];
    /** How many of them are managers. */
    managers: number;
    autolock: boolean;
    addressPool: string;
    /** Overlay networks by their names. */
    networks: Readonly<Record<string, { encrypted: boolean }>>;
    /** Name of the host that the swarm starts anew from. */
    recover: string | undefined;
    drainSeconds: number;
}

const POOL = "10.201.0.0/16";

/** What a command of the library is called behind the swarm's name, so that no host can be. */
export const UNLOCK_KEY = "unlock-key";

/** Checks the arguments; what is wrong goes to `faults`, with paths from the component's name on. */
export function swarmSpec(
    name: string,
    args: FusionSwarmArgs,
    nodes: readonly DockerHostSpec[],
    faults: Faults,
): SwarmSpec {
    faults.name(name, name);
    if (nodes.length === 0) {
        faults.add(`${name}.hosts`, "is empty; give at least one FusionVm or existing machine");
    }
    checkNodes(`${name}.hosts`, nodes, faults);
    const { autolock = false, addressPool = POOL, recover, drainSeconds = 60 } = args;
    checkPool(`${name}.addressPool`, addressPool, faults);
    faults.integer(`${name}.drainSeconds`, drainSeconds, 0, 3600, "give seconds, such as 60");
    const names = nodes.map((node) => node.name);
    if (recover !== undefined && !names.includes(recover)) {
        faults.add(`${name}.recover`, `${show(recover)} is none of the swarm's hosts; name one of ${show(names)}`);
    }
    return {
        name,
        nodes,
        managers: checkManagers(`${name}.managers`, args.managers, nodes.length, faults),
        autolock,
        addressPool,
        networks: checkNetworks(name, args.networks ?? {}, faults),
        recover,
        drainSeconds,
    };
}

/** Names and labels, as nodes of a swarm have them. */
function checkNodes(path: string, nodes: readonly DockerHostSpec[], faults: Faults): void {
    for (const [index, { name, labels }] of nodes.entries()) {
        const at = `${path}[${index}]`;
        const first = nodes.findIndex((other) => other.name === name);
        if (first !== index && name !== "") {
            faults.add(at, `has the name ${show(name)} of hosts[${first}]; give each host of the swarm once`);
        }
        if (name === UNLOCK_KEY) {
            faults.add(`${at}.name`, `is what a command of the library is called: ${show(name)}; give it another name`);
        }
        for (const [label, value] of Object.entries(labels)) {
            checkLabel(`${at}.labels`, label, value, faults);
        }
    }
}

function checkLabel(path: string, label: string, value: string, faults: Faults): void {
    if (label.startsWith("fusion.")) {
        faults.add(path, `has ${show(label)}, and what begins with "fusion." is the library's own; name it otherwise`);
    } else if (!/^[A-Za-z_][A-Za-z0-9_.-]*$/.test(label)) {
        faults.add(path, `has no name for a label of a node: ${show(label)}; use letters, digits, '.', '_' and '-'`);
    } else if (!/^[A-Za-z0-9:_\s.*()?+[\]\\^$|/-]*$/.test(value) || /[\r\n]/.test(value)) {
        const remedy = "use letters, digits, blanks and any of :-_.*()?+[]\\^$|/";
        faults.add(`${path}.${label}`, `is no value that Swarm can compare: ${show(value)}; ${remedy}`);
    }
}

function checkManagers(path: string, given: number | undefined, hosts: number, faults: Faults): number {
    const managers = given ?? (hosts >= 3 ? 3 : 1);
    if (!Number.isInteger(managers) || managers < 1 || managers > 7 || managers % 2 === 0) {
        const remedy = "an even number survives no more losses than the odd one below it; give 3";
        faults.add(path, `must be 1, 3, 5 or 7, got ${show(managers)}; ${remedy}`);
        return 1;
    }
    if (hosts > 0 && managers > hosts) {
        faults.add(path, `is more than there are hosts: ${managers} of ${hosts}; give fewer, or more hosts`);
    }
    return managers;
}

/** The ingress network takes the first /24 of the pool, so that it must have more than one. */
function checkPool(path: string, pool: string, faults: Faults): void {
    const cidr = parseCidr(pool);
    if (cidr === undefined || cidr.prefix < 8 || cidr.prefix > 23) {
        faults.add(path, `is no IPv4 network from /8 to /23: ${show(pool)}; give one such as "${POOL}"`);
    }
}

/** Checks the hosts' addresses, which are decided before this where they are left out. */
export function checkAddresses({ name, nodes, addressPool }: SwarmSpec, faults: Faults): void {
    const known = nodes.filter(({ address }) => /^\d+\.\d+\.\d+\.\d+$/.test(address));
    for (const node of known) {
        const twin = known.find(({ address }) => address === node.address);
        if (twin !== node && twin?.name !== node.name) {
            const what = `has the address of ${twin?.name}, ${node.address}; give each host of the swarm once`;
            faults.add(`${name}.hosts[${nodes.indexOf(node)}]`, what);
        }
    }
    const cidr = parseCidr(addressPool);
    const inside = cidr === undefined ? [] : known.filter(({ address }) => cidrContains(cidr, address));
    if (inside.length > 0) {
        const hosts = inside.map((node) => `${node.name} (${node.address})`).join(", ");
        const remedy = "give a private network that no host is in";
        faults.add(`${name}.addressPool`, `${addressPool} has the address of ${hosts} in it; ${remedy}`);
    }
}

function checkNetworks(
    swarm: string,
    networks: Readonly<Record<string, OverlayArgs>>,
    faults: Faults,
): SwarmSpec["networks"] {
    const path = `${swarm}.networks`;
    const names = Object.keys(networks).sort();
    return Object.fromEntries(
        names.map((name) => {
            if (!isSwarmName(name)) {
                faults.add(path, `has no name for a network: ${show(name)}; ${NAME_REMEDY}`);
            } else if (!isSwarmName(`${swarm}-${name}-encrypted`)) {
                const called = show(`${swarm}-${name}-encrypted`);
                faults.add(
                    `${path}.${name}`,
                    `may come to be called ${called}, which Swarm does not take; ${NAME_REMEDY}`,
                );
            } else if (name === "ingress") {
                faults.add(`${path}.${name}`, "is the name of Swarm's own network; give it another name");
            }
            const { encrypted = false } = shaped(`${path}.${name}`, networks[name] ?? {}, overlayShape, faults);
            const twin = `${name}-encrypted`;
            if (names.includes(twin)) {
                faults.add(`${path}.${twin}`, `is what ${show(name)} may come to be called; give it another name`);
            }
            return [name, { encrypted: encrypted === true }];
        }),
    );
}
