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
    /** IPv4 address of a gateway, for the default route where no interface before this one has it. */
    gateway?: string;
    /** The same for IPv6. */
    gateway6?: string;
    nameservers: readonly string[];
}

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
        ...routes({ gateway, gateway6 }),
        ...(nameservers.length > 0 && { nameservers: { addresses: [...nameservers] } }),
    };
    // One default route a family: of cloud-init's renderers only netplan's keeps a metric, by which others could stand back.
    const open = { gateway: gateway === undefined, gateway6: gateway6 === undefined };
    const further = (network.interfaces ?? []).map((card, index) => {
        const config = furtherConfig(card, open);
        open.gateway &&= card.gateway === undefined;
        open.gateway6 &&= card.gateway6 === undefined;
        return [`extra${index}`, config];
    });
    return { version: 2, ethernets: { primary, ...Object.fromEntries(further) } };
}

function furtherConfig(card: GuestInterface, open: { gateway: boolean; gateway6: boolean }) {
    return {
        match: { macaddress: card.mac },
        // The machine serves on its first interface, and must not wait for a server or a cable of another.
        optional: true,
        ...(card.dhcp && { dhcp4: true }),
        ...(card.addresses.length > 0 && { addresses: [...card.addresses] }),
        ...routes({
            gateway: open.gateway ? card.gateway : undefined,
            gateway6: open.gateway6 ? card.gateway6 : undefined,
        }),
        ...(card.nameservers.length > 0 && { nameservers: { addresses: [...card.nameservers] } }),
    };
}

/** The default routes; IPv6's in two halves, because cloud-init 22.4, which is Debian 12's, makes `::/64` of `::/0`. */
function routes({ gateway, gateway6 }: { gateway?: string; gateway6?: string }) {
    const list = [
        ...(gateway === undefined ? [] : [{ to: "0.0.0.0/0", via: gateway }]),
        ...(gateway6 === undefined ? [] : ["::/1", "8000::/1"].map((to) => ({ to, via: gateway6 }))),
    ];
    return list.length > 0 ? { routes: list } : {};
}
