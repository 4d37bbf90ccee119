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
