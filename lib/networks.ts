import * as ipaddr from "ipaddr.js";

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

/** Whether two networks, each as {@link networkOf} writes it, have an address in common. */
export function overlap(one: string, other: string): boolean {
    const [a, aBits] = ipaddr.parseCIDR(one);
    const [b, bBits] = ipaddr.parseCIDR(other);
    return a.kind() === b.kind() && a.match(b, Math.min(aBits, bBits));
}
