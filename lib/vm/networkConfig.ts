/** A guest's network, as plain values: its interfaces, found by their MACs, their addresses fixed. */
export interface GuestNetwork {
    mac: string;
    /** IPv4 address. */
    address: string;
    /** Length of the network's prefix. */
    prefix: number;
    /** IPv4 address of the default gateway. @default no default route */
    gateway?: string;
    /** IPv6 address in CIDR notation. @default none but what routers announce */
    address6?: string;
    /** IPv6 address of the default gateway. @default what routers announce */
    gateway6?: string;
    /** IP addresses. @default the gateway */
    nameservers?: readonly string[];
    /** Further interfaces. @default [] */
    interfaces?: readonly GuestInterface[];
}

/** A further interface of a guest. */
export interface GuestInterface {
    mac: string;
    /** Whether a DHCP server gives it an IPv4 address. */
    dhcp: boolean;
    /** IPv4 and IPv6 addresses in CIDR notation. */
    addresses: readonly string[];
    /** IPv4 address of a gateway that is used while the first interface's is not there. */
    gateway?: string;
    gateway6?: string;
    nameservers: readonly string[];
}

/** Of IPv6's default routes the lowest metric wins; one that a router announces has 1024, one without a metric too. */
const FIRST_METRIC = 100;
/** Of further interfaces, in their order. */
const FURTHER_METRIC = 1000;

/** Version 2 of cloud-init's network configuration, which is netplan's. */
export function networkConfig(network: GuestNetwork) {
    const { gateway, gateway6 } = network;
    const nameservers = network.nameservers ?? (gateway === undefined ? [] : [gateway]);
    const primary = {
        match: { macaddress: network.mac },
        addresses: [
            `${network.address}/${network.prefix}`,
            ...(network.address6 === undefined ? [] : [network.address6]),
        ],
        ...routes({ gateway, gateway6 }, FIRST_METRIC),
        ...(nameservers.length > 0 && { nameservers: { addresses: [...nameservers] } }),
    };
    const further = (network.interfaces ?? []).map((card, index) => [`extra${index}`, furtherConfig(card, index)]);
    return { version: 2, ethernets: { primary, ...Object.fromEntries(further) } };
}

function furtherConfig(card: GuestInterface, index: number) {
    return {
        match: { macaddress: card.mac },
        // The machine serves on its first interface, and must not wait for a server or a cable of another.
        optional: true,
        ...(card.dhcp && { dhcp4: true }),
        ...(card.addresses.length > 0 && { addresses: [...card.addresses] }),
        ...routes(card, FURTHER_METRIC + index),
        ...(card.nameservers.length > 0 && { nameservers: { addresses: [...card.nameservers] } }),
    };
}

/** The default routes. IPv4's of the first interface has the best metric there is, none. */
function routes({ gateway, gateway6 }: { gateway?: string; gateway6?: string }, metric: number) {
    const list = [
        ...(gateway === undefined
            ? []
            : [{ to: "0.0.0.0/0", via: gateway, ...(metric !== FIRST_METRIC && { metric }) }]),
        ...(gateway6 === undefined ? [] : [{ to: "::/0", via: gateway6, metric }]),
    ];
    return list.length > 0 ? { routes: list } : {};
}
