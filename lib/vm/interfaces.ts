import { createHash } from "node:crypto";
import * as ipaddr from "ipaddr.js";
import { overlaps } from "../cidr";
import { type Faults, show } from "../faults";
import type { HypervisorSpec } from "../hypervisor/hypervisorSpec";
import { checkInterface } from "../hypervisor/networkSpec";
import type { FusionVmArgs } from "./FusionVm";
import type { GuestInterface, GuestNetwork } from "./networkConfig";
import type { VmSpec } from "./vmSpec";

type InterfaceArgs = NonNullable<FusionVmArgs["interfaces"]>[number];

/** An additional network card as validated plain values. */
export interface InterfaceSpec extends GuestInterface {
    /** What it is connected to. */
    to: { networkName: string } | { bridge: string } | { macvtap: string };
}

/** A network card as the libvirt provider takes it. */
export interface DomainInterface {
    networkName?: string;
    bridge?: string;
    macvtap?: string;
    mac: string;
    waitForLease: boolean;
}

/** The cards of a machine's domain, the one with its address first. */
export function domainInterfaces(vm: VmSpec, { network }: HypervisorSpec): DomainInterface[] {
    const first =
        network.mode === "bridge"
            ? { bridge: network.bridge }
            : network.mode === "macvtap"
              ? { macvtap: network.device }
              : { networkName: network.name };
    const cards = [{ to: first, mac: vm.mac }, ...vm.interfaces];
    // Upper case is what the provider reads back.
    return cards.map(({ to, mac }) => ({ ...to, mac: mac.toUpperCase(), waitForLease: false }));
}

/** The network of the guest, as cloud-init is to configure it. */
export function guestNetwork(vm: VmSpec, { network }: HypervisorSpec): GuestNetwork {
    const { cidr6, gateway6, defaultRoute } = network;
    return {
        mac: vm.mac,
        address: vm.address,
        prefix: network.cidr.prefix,
        ...(defaultRoute && { gateway: network.gateway }),
        ...(cidr6 !== undefined && vm.address6 !== undefined && { address6: `${vm.address6}/${cidr6.prefix}` }),
        ...(defaultRoute && gateway6 !== undefined && { gateway6 }),
        nameservers: network.nameservers,
        ...(vm.interfaces.length > 0 && { interfaces: vm.interfaces }),
    };
}

/** The MAC address of an additional card that names none: local, unicast, and 40 bits of a hash. */
export function interfaceMac(vm: string, index: number): string {
    const hash = createHash("sha256").update(`${vm} ${index}`).digest("hex");
    return ["56", ...(hash.slice(0, 10).match(/../g) ?? [])].join(":");
}

/** Checks a MAC address that is given; returns it in lower case, undefined for a wrong one. */
export function checkMac(path: string, mac: unknown, faults: Faults): string | undefined {
    if (typeof mac !== "string" || !/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(mac)) {
        faults.add(path, `is no MAC address: ${show(mac)}; give one such as "52:54:00:12:34:56"`);
        return undefined;
    }
    if (Number.parseInt(mac.slice(0, 2), 16) % 2 === 1 || /^00(:00){5}$/.test(mac)) {
        faults.add(path, `is no address of one card: ${show(mac)}; give one with an even first byte, such as "52:..."`);
        return undefined;
    }
    return mac.toLowerCase();
}

/** Checks the additional cards of a machine. */
export function interfaceSpecs(
    name: string,
    args: readonly InterfaceArgs[] | undefined,
    { network }: HypervisorSpec,
    faults: Faults,
): InterfaceSpec[] {
    // A network that is wrong has been told of.
    const networks = [network.cidr, ...(network.cidr6 === undefined ? [] : [network.cidr6])]
        .filter(({ prefix }) => prefix > 0)
        .map(({ text }) => text);
    return (args ?? []).map((card, index) => {
        const path = `${name}.interfaces[${index}]`;
        const to = target(path, card, faults);
        const mac = card.mac === undefined ? interfaceMac(name, index) : checkMac(`${path}.mac`, card.mac, faults);
        const addresses = [
            card.address === "dhcp"
                ? undefined
                : cardAddress(`${path}.address`, card.address, "ipv4", networks, faults),
            cardAddress(`${path}.address6`, card.address6, "ipv6", networks, faults),
        ].filter((address) => address !== undefined);
        checkGateways(path, card, faults);
        for (const [at, server] of (card.nameservers ?? []).entries()) {
            if (!ipaddr.isValid(server)) {
                faults.add(
                    `${path}.nameservers[${at}]`,
                    `is no IP address: ${show(server)}; give one such as "10.0.0.2"`,
                );
            }
        }
        return {
            to,
            mac: mac ?? interfaceMac(name, index),
            dhcp: card.address === "dhcp",
            addresses,
            ...(card.gateway !== undefined && { gateway: card.gateway }),
            ...(card.gateway6 !== undefined && { gateway6: card.gateway6 }),
            nameservers: card.nameservers ?? [],
        };
    });
}

function target(path: string, card: InterfaceArgs, faults: Faults): InterfaceSpec["to"] {
    const given = [card.network, card.bridge, card.macvtap].filter((one) => one !== undefined);
    if (given.length !== 1) {
        faults.add(
            path,
            `must have one of network, bridge and macvtap, has ${given.length}; give the one it is connected to`,
        );
    }
    if (card.bridge !== undefined) {
        checkInterface(`${path}.bridge`, card.bridge, faults);
        return { bridge: card.bridge };
    }
    if (card.macvtap !== undefined) {
        checkInterface(`${path}.macvtap`, card.macvtap, faults);
        return { macvtap: card.macvtap };
    }
    if (card.network !== undefined) {
        faults.name(`${path}.network`, card.network);
    }
    return { networkName: card.network ?? "" };
}

/** An address with its prefix; it must be in a network of its own, or the guest would have two ways to one place. */
function cardAddress(
    path: string,
    text: string | undefined,
    kind: "ipv4" | "ipv6",
    networks: string[],
    faults: Faults,
): string | undefined {
    if (text === undefined) {
        return undefined;
    }
    const example = kind === "ipv4" ? '"192.168.1.11/24", or "dhcp"' : '"fd00:1::11/64"';
    const dotted = kind === "ipv6" || /^\d+\.\d+\.\d+\.\d+\//.test(text);
    if (!dotted || !ipaddr.isValidCIDR(text) || ipaddr.parseCIDR(text)[0].kind() !== kind || text.includes("%")) {
        faults.add(path, `is no address with a prefix: ${show(text)}; give one such as ${example}`);
        return undefined;
    }
    const clash = networks.find((other) => overlaps(other, text));
    if (clash !== undefined) {
        faults.add(
            path,
            `${show(text)} overlaps ${clash}, in which the machine is already; give one of another network`,
        );
    }
    networks.push(text);
    return text;
}

function checkGateways(path: string, card: InterfaceArgs, faults: Faults): void {
    for (const [key, kind, address] of [
        ["gateway", "IPv4", card.address],
        ["gateway6", "IPv6", card.address6],
    ] as const) {
        const gateway = card[key];
        if (gateway === undefined) {
            continue;
        }
        const family = kind === "IPv4" ? ipaddr.IPv4.isValidFourPartDecimal(gateway) : ipaddr.IPv6.isValid(gateway);
        if (!family || gateway.includes("%")) {
            faults.add(`${path}.${key}`, `is not an ${kind} address: ${show(gateway)}; give the router's`);
        } else if (!overlaps(address ?? "", gateway) && !overlaps("fe80::/10", gateway)) {
            faults.add(
                `${path}.${key}`,
                `${show(gateway)} is not in the interface's network (${show(address)}); give the router's address in it`,
            );
        }
    }
}
