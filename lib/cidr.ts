import * as ipaddr from "ipaddr.js";

/** An IPv4 network in the sense of RFC 4632: `10.77.0.0/24`. */
export interface Cidr {
    text: string;
    prefix: number;
    network: string;
    /** The first address, which the network's gateway has: `10.77.0.1`. */
    gateway: string;
    broadcast: string;
}

/** Reads `10.77.0.0/24`; undefined when the text is no IPv4 network, or has bits set behind its prefix. */
export function parseCidr(text: string): Cidr | undefined {
    const match = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(text);
    if (!match || !ipaddr.IPv4.isValidFourPartDecimal(match[1] ?? "") || Number(match[2]) > 32) {
        return undefined;
    }
    const network = ipaddr.IPv4.networkAddressFromCIDR(text);
    if (network.toString() !== match[1]) {
        return undefined;
    }
    const [a = 0, b = 0, c = 0, d = 0] = network.octets;
    return {
        text,
        prefix: Number(match[2]),
        network: network.toString(),
        gateway: [a, b, c, d + 1].join("."),
        broadcast: ipaddr.IPv4.broadcastAddressFromCIDR(text).toString(),
    };
}

/** Whether the address lies in the network. Both must have been validated. */
export function cidrContains(cidr: Cidr, address: string): boolean {
    return ipaddr.IPv4.parse(address).match(ipaddr.IPv4.parse(cidr.network), cidr.prefix);
}

/**
 * The fixed MAC address of the machine that has this IPv4 address: QEMU's prefix 52:54:00 and the address's last three
 * bytes, so that it is known at preview and differs within every network of /8 or smaller.
 */
export function macFor(address: string): string {
    const bytes = ipaddr.IPv4.parse(address).octets.slice(1);
    return ["52", "54", "00", ...bytes.map((byte) => byte.toString(16).padStart(2, "0"))].join(":");
}

/** An IPv6 network in the sense of RFC 4291, written as RFC 5952 wants it: `fd00:77::/64`. */
export interface Cidr6 {
    text: string;
    prefix: number;
    network: string;
    /** The first address behind the network's own: `fd00:77::1`. */
    gateway: string;
}

/** Reads `fd00:77::/64`; undefined when the text is no IPv6 network, or has bits set behind its prefix. */
export function parseCidr6(text: string): Cidr6 | undefined {
    if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValidCIDR(text)) {
        return undefined;
    }
    const [given, prefix] = ipaddr.IPv6.parseCIDR(text);
    const network = ipaddr.IPv6.networkAddressFromCIDR(text).toRFC5952String();
    if (given.toRFC5952String() !== network) {
        return undefined;
    }
    const cidr = { text: `${network}/${prefix}`, prefix, network, gateway: "" };
    return { ...cidr, gateway: addressAt(cidr, 1) };
}

/** The `number`-th address of a network, its own being the 0th. It must have as many. */
export function addressAt(cidr: { network: string }, number: number): string {
    const bytes = ipaddr.parse(cidr.network).toByteArray();
    for (let at = bytes.length - 1, left = number; at >= 0 && left > 0; at--) {
        const sum = (bytes[at] ?? 0) + (left % 256);
        bytes[at] = sum % 256;
        left = Math.floor(left / 256) + Math.floor(sum / 256);
    }
    const address = ipaddr.fromByteArray(bytes);
    return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

/** Which address of an IPv4 network an address is: 11 for 10.77.0.11 in 10.77.0.0/24. */
export function numberOf(cidr: Cidr, address: string): number {
    const value = (text: string) => ipaddr.IPv4.parse(text).octets.reduce((sum, byte) => sum * 256 + byte, 0);
    return value(address) - value(cidr.network);
}

/**
 * Whether two networks, IPv4 or IPv6, have an address in common. An address without a prefix is a network of one; networks
 * of different families and texts that are no network have nothing in common. `0.0.0.0/0`, a default route, overlaps all.
 */
export function overlaps(a: string, b: string): boolean {
    const [one, other] = [range(a), range(b)];
    if (one === undefined || other === undefined || one[0].kind() !== other[0].kind()) {
        return false;
    }
    return one[0].match(other[0], Math.min(one[1], other[1]));
}

function range(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] | undefined {
    if (ipaddr.isValidCIDR(text)) {
        return ipaddr.parseCIDR(text);
    }
    if (ipaddr.IPv4.isValidFourPartDecimal(text) || ipaddr.IPv6.isValid(text)) {
        const address = ipaddr.parse(text);
        return [address, address.kind() === "ipv4" ? 32 : 128];
    }
    return undefined;
}

/**
 * The network that an address lies in, IPv4 or IPv6: `networkOf("10.77.0.1", "24")` is `10.77.0.0/24`.
 *
 * @param mask a prefix length or an IPv4 netmask; without it the network is the address alone
 * @returns undefined where one of them is not what it should be
 */
export function networkOf(address: string, mask?: string): string | undefined {
    if (!ipaddr.isValid(address)) {
        return undefined;
    }
    const ip = ipaddr.parse(address);
    const bits = ip.kind() === "ipv4" ? 32 : 128;
    const prefix = prefixOf(mask, bits);
    if (prefix === undefined) {
        return undefined;
    }
    const text = `${ip.toString()}/${prefix}`;
    const network =
        ip.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(text) : ipaddr.IPv6.networkAddressFromCIDR(text);
    return `${network.toString()}/${prefix}`;
}

function prefixOf(mask: string | undefined, bits: number): number | undefined {
    if (mask === undefined) {
        return bits;
    }
    const prefix = /^\d+$/.test(mask) ? Number(mask) : bits === 32 ? maskLength(mask) : undefined;
    return prefix !== undefined && prefix <= bits ? prefix : undefined;
}

const maskLength = (mask: string): number | undefined =>
    ipaddr.IPv4.isValidFourPartDecimal(mask)
        ? (ipaddr.IPv4.parse(mask).prefixLengthFromSubnetMask() ?? undefined)
        : undefined;

/** A private IPv4 network of the same size that overlaps none of `taken`; undefined for IPv6 and for networks larger than /16. */
export function freeNetwork(cidr: string, taken: readonly string[]): string | undefined {
    const prefix = cidr.split("/")[1] ?? "";
    if (cidr.includes(":") || Number(prefix) < 16) {
        return undefined;
    }
    return Array.from({ length: 255 }, (_, i) => `10.${(77 + i) % 256}.0.0/${prefix}`).find(
        (candidate) => !taken.some((other) => overlaps(other, candidate)),
    );
}
