/** A guest's network, as plain values: the one interface, found by its MAC, its address fixed. */
export interface GuestNetwork {
    mac: string;
    /** IPv4 address. */
    address: string;
    /** Length of the network's prefix. */
    prefix: number;
    /** IPv4 address of the default gateway. */
    gateway: string;
    /** IPv4 addresses. @default the gateway */
    nameservers?: readonly string[];
}

/** Version 2 of cloud-init's network configuration, which is netplan's. */
export function networkConfig(network: GuestNetwork) {
    return {
        version: 2,
        ethernets: {
            primary: {
                match: { macaddress: network.mac },
                addresses: [`${network.address}/${network.prefix}`],
                routes: [{ to: "0.0.0.0/0", via: network.gateway }],
                nameservers: { addresses: [...(network.nameservers ?? [network.gateway])] },
            },
        },
    };
}
