import { createHash } from "node:crypto";
import * as ipaddr from "ipaddr.js";
import { type Cidr, type Cidr6, cidrContains, networkOf, numberOf, overlaps, parseCidr, parseCidr6 } from "../cidr";
import { type Faults, show } from "../faults";
import type { FusionHypervisorArgs } from "./FusionHypervisor";

/** Of these libvirt makes the network; of the others it is there already. */
const OWN_MODES = ["nat", "routed", "isolated"] as const;
export const networkModes = [...OWN_MODES, "bridge", "macvtap", "existing"] as const;
export type NetworkMode = (typeof networkModes)[number];
type NetworkArgs = NonNullable<FusionHypervisorArgs["network"]>;

/** The machines' network as validated plain values. */
export interface NetworkSpec {
    mode: NetworkMode;
    /** libvirt's name; in modes `bridge` and `macvtap` the hypervisor's, for messages. */
    name: string;
    /** The bridge on the hypervisor; "" in modes `macvtap` and `existing`. */
    bridge: string;
    /** The device below the machines' macvtap interfaces; "" in the other modes. */
    device: string;
    cidr: Cidr;
    cidr6?: Cidr6;
    /** The address that is no machine's: the gateway's; where the network is isolated, the hypervisor's. */
    gateway: string;
    gateway6?: string;
    /** Whether the machines' default route leads to the gateway. */
    defaultRoute: boolean;
    nameservers: readonly string[];
    /** What may be handed out to machines that name no address; undefined: nothing is known to be free. */
    range?: { from: string; to: string } | "all";
}

/** What a mode needs and takes, besides `mode`, `cidr6`, `nameservers` and `range`, which all take. */
const uses: Record<NetworkMode, { needs: (keyof NetworkArgs)[]; takes: (keyof NetworkArgs)[] }> = {
    nat: { needs: [], takes: ["cidr", "name", "bridge"] },
    routed: { needs: [], takes: ["cidr", "name", "bridge"] },
    isolated: { needs: [], takes: ["cidr", "name", "bridge"] },
    bridge: { needs: ["cidr", "bridge", "gateway"], takes: ["gateway6"] },
    macvtap: { needs: ["cidr", "device", "gateway"], takes: ["gateway6"] },
    existing: { needs: ["cidr", "name", "gateway"], takes: ["gateway6"] },
};

const remedies: Partial<Record<keyof NetworkArgs, string>> = {
    cidr: 'give the network\'s, such as "192.168.1.0/24"',
    bridge: 'give the bridge that is there on the hypervisor, such as "br0"',
    device: 'give the hypervisor\'s network device, such as "eth0"',
    name: 'give libvirt\'s name of the network, such as "default"',
    gateway: 'give the router\'s address, such as "192.168.1.1", or "none"',
};

/** Stands for a network that is wrong: it holds every address, so that nothing follows from it, and has none to give. */
export const anyNetwork: Cidr = {
    text: "0.0.0.0/0",
    prefix: 0,
    network: "0.0.0.0",
    gateway: "0.0.0.1",
    broadcast: "255.255.255.255",
};

export const anyNetwork6: Cidr6 = { text: "::/0", prefix: 0, network: "::", gateway: "::1" };

/** Whether libvirt makes the network for the program. */
export const isOwn = ({ mode }: NetworkSpec): boolean => OWN_MODES.some((own) => own === mode);

/** Checks the arguments of a hypervisor's network; `session`: libvirt runs there without privileges. */
export function networkSpec(name: string, args: NetworkArgs = {}, session: boolean, faults: Faults): NetworkSpec {
    const path = `${name}.network`;
    const given = args.mode ?? "nat";
    faults.oneOf(`${path}.mode`, given, networkModes);
    const mode = networkModes.find((known) => known === given) ?? "nat";
    checkUse(path, mode, args, session, faults);
    const cidr = readCidr(`${path}.cidr`, args.cidr ?? "10.77.0.0/24", faults);
    const cidr6 = args.cidr6 === undefined ? undefined : readCidr6(`${path}.cidr6`, args.cidr6, cidr, faults);
    const own = OWN_MODES.some((known) => known === mode);
    const network = args.name ?? name;
    if (args.name !== undefined) {
        faults.name(`${path}.name`, network);
    }
    const gateway = own ? cidr.gateway : checkGateway(`${path}.gateway`, args.gateway, cidr, faults);
    const gateway6 = own ? cidr6?.gateway : checkGateway6(`${path}.gateway6`, args.gateway6, cidr6, faults);
    const defaultRoute = own ? mode !== "isolated" : gateway !== undefined;
    const range = args.range === undefined ? undefined : checkRange(`${path}.range`, args.range, cidr, faults);
    return {
        mode,
        name: network,
        bridge: own || mode === "bridge" ? readBridge(`${path}.bridge`, args.bridge, network, own, faults) : "",
        device: mode === "macvtap" ? readDevice(`${path}.device`, args.device, faults) : "",
        cidr,
        ...(cidr6 !== undefined && { cidr6 }),
        gateway: gateway ?? "",
        ...(gateway6 !== undefined && { gateway6 }),
        defaultRoute,
        nameservers: readNameservers(path, mode, args.nameservers, defaultRoute ? gateway : undefined, faults),
        ...(range !== undefined ? { range } : own && { range: "all" }),
    };
}

function checkUse(path: string, mode: NetworkMode, args: NetworkArgs, session: boolean, faults: Faults): void {
    const { needs, takes } = uses[mode];
    for (const [key, remedy] of Object.entries(remedies)) {
        if (needs.some((one) => one === key) && Reflect.get(args, key) === undefined) {
            faults.add(`${path}.${key}`, `is needed in mode "${mode}"; ${remedy}`);
        }
    }
    const known: string[] = [...needs, ...takes];
    for (const key of ["cidr", "name", "bridge", "device", "gateway", "gateway6"]) {
        if (Reflect.get(args, key) !== undefined && !known.includes(key)) {
            faults.add(`${path}.${key}`, `is of no use in mode "${mode}"; leave it out, or choose another mode`);
        }
    }
    if (session && mode !== "bridge" && mode !== "existing") {
        faults.add(
            `${path}.mode`,
            `is "${mode}", for which a session's libvirt has no rights; use "bridge" with a bridge that /etc/qemu/bridge.conf allows, or the URI "qemu:///system"`,
        );
    }
}

function readCidr(path: string, text: string, faults: Faults): Cidr {
    const cidr = parseCidr(text);
    if (cidr === undefined || cidr.prefix < 8 || cidr.prefix > 29) {
        faults.add(path, `is not an IPv4 network of /8 to /29: ${show(text)}; ${suggestion(text, "10.77.0.0/24")}`);
        return anyNetwork;
    }
    return cidr;
}

/** The network itself where a text has bits set behind its prefix, else an example. */
function suggestion(text: string, example: string): string {
    const [address = "", prefix] = String(text).split("/");
    const network = prefix === undefined ? undefined : networkOf(address, prefix);
    return network !== undefined && network !== text && Number(prefix) > 0
        ? `did you mean "${network}"?`
        : `give one such as "${example}"`;
}

function readCidr6(path: string, text: string, cidr4: Cidr, faults: Faults): Cidr6 {
    const cidr = parseCidr6(text);
    if (cidr === undefined || cidr.prefix < 48 || cidr.prefix > 124) {
        faults.add(path, `is not an IPv6 network of /48 to /124: ${show(text)}; ${suggestion(text, "fd00:77::/64")}`);
        return anyNetwork6;
    }
    // A machine has the same number in both networks.
    if (128 - cidr.prefix < 32 - cidr4.prefix && cidr4 !== anyNetwork) {
        faults.add(
            path,
            `has fewer addresses than ${cidr4.text}: ${show(text)}; give one of /${96 + cidr4.prefix} or larger`,
        );
        return anyNetwork6;
    }
    return cidr;
}

function readBridge(path: string, given: string | undefined, network: string, own: boolean, faults: Faults): string {
    const bridge = given ?? (own ? bridgeFor(network) : "br0");
    if (own && !/^[a-z][a-z0-9-]{0,14}$/.test(bridge)) {
        faults.add(
            path,
            `is no name for a bridge: ${show(bridge)}; use up to 15 lower-case letters, digits and '-', beginning with a letter`,
        );
    } else if (!own) {
        checkInterface(path, bridge, faults);
    }
    return bridge;
}

function readDevice(path: string, given: string | undefined, faults: Faults): string {
    const device = given ?? "eth0";
    checkInterface(path, device, faults);
    return device;
}

/** The name of a network interface that is there already, within Linux's 15 characters. */
export function checkInterface(path: string, name: string, faults: Faults): void {
    if (typeof name !== "string" || !/^[A-Za-z0-9][A-Za-z0-9_.@-]{0,14}$/.test(name)) {
        faults.add(
            path,
            `is no network interface's name: ${show(name)}; give one of up to 15 characters such as "br0"`,
        );
    }
}

/** The router's address, undefined for none and for a wrong one. */
function checkGateway(path: string, given: string | undefined, cidr: Cidr, faults: Faults): string | undefined {
    if (given === undefined || given === "none" || !faults.ipv4(path, given)) {
        return undefined;
    }
    if (!cidrContains(cidr, given)) {
        faults.add(path, `${show(given)} is outside ${cidr.text}; give the router's address in it, or "none"`);
        return undefined;
    }
    return given;
}

function checkGateway6(path: string, given: string | undefined, cidr: Cidr6 | undefined, faults: Faults) {
    if (given === undefined) {
        return undefined;
    }
    // A router may also be known by its link-local address.
    if (!ipaddr.IPv6.isValid(given) || given.includes("%")) {
        faults.add(path, `is not an IPv6 address: ${show(given)}; give the router's, or leave it out`);
    } else if (cidr === undefined) {
        faults.add(path, `is of no use without an IPv6 network; give network.cidr6 too`);
    } else if (!overlaps(cidr.text, given) && !overlaps("fe80::/10", given)) {
        faults.add(path, `${show(given)} is outside ${cidr.text}; give the router's address in it`);
    }
    return given;
}

function readNameservers(
    path: string,
    mode: NetworkMode,
    given: readonly string[] | undefined,
    gateway: string | undefined,
    faults: Faults,
): readonly string[] {
    for (const [index, server] of (given ?? []).entries()) {
        if (!ipaddr.IPv4.isValidFourPartDecimal(server) && !ipaddr.IPv6.isValid(server)) {
            faults.add(
                `${path}.nameservers[${index}]`,
                `is no IP address: ${show(server)}; give one such as "10.0.0.2"`,
            );
        }
    }
    // A router at home answers for names, one of a data centre does not: it is better to ask now than to fail later.
    if (given === undefined && gateway !== undefined && (mode === "bridge" || mode === "macvtap")) {
        faults.add(
            `${path}.nameservers`,
            `is needed in mode "${mode}"; give their addresses, such as ["${gateway}"], or [] for none`,
        );
    }
    return given ?? (gateway === undefined ? [] : [gateway]);
}

/** The range; where it is wrong all of the network, so that no machine misses an address because of it. */
function checkRange(path: string, range: { from: string; to: string }, cidr: Cidr, faults: Faults) {
    for (const end of ["from", "to"] as const) {
        if (!faults.ipv4(`${path}.${end}`, range[end])) {
            return "all";
        }
        if (!cidrContains(cidr, range[end])) {
            faults.add(`${path}.${end}`, `${show(range[end])} is outside ${cidr.text}; give an address in it`);
            return "all";
        }
    }
    if (numberOf(cidr, range.from) > numberOf(cidr, range.to)) {
        faults.add(path, `ends before it begins: ${range.from} to ${range.to}; exchange from and to`);
        return "all";
    }
    return range;
}

/** A name of at most 15 characters, which is Linux's limit, that differs for every network. */
function bridgeFor(network: string): string {
    return `fus-${createHash("sha256").update(network).digest("hex").slice(0, 8)}`;
}
