import type { CloudInitSpec } from "../../lib/vm/renderCloudInit";

/** A guest with everything that can be said of one, its key made up. */
export const guest: CloudInitSpec = {
    name: "vm1",
    network: { mac: "52:54:00:4d:00:0b", address: "10.77.0.11", prefix: 24, gateway: "10.77.0.1" },
    user: "fusion",
    authorizedKeys: ["ssh-ed25519 BBBB", "ssh-ed25519 AAAA"],
    hostKey: {
        publicKey: "ssh-ed25519 HOST",
        privateKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\nbGluZXM=\n-----END OPENSSH PRIVATE KEY-----\n",
    },
    dockerDaemon: { "registry-mirrors": [], "insecure-registries": ["10.77.0.1:5000"] },
};

/** The network of a guest with three cards, and all that can be said of a card. */
export const manyCards: CloudInitSpec["network"] = {
    ...guest.network,
    address6: "fd00:77::b/64",
    gateway6: "fd00:77::1",
    nameservers: ["10.77.0.1", "fd00:77::1"],
    interfaces: [
        {
            mac: "56:00:00:00:00:01",
            dhcp: false,
            addresses: ["192.168.1.11/24", "fd00:1::11/64"],
            gateway: "192.168.1.1",
            gateway6: "fd00:1::1",
            nameservers: ["192.168.1.2"],
        },
        { mac: "56:00:00:00:00:02", dhcp: true, addresses: [], nameservers: [] },
        { mac: "56:00:00:00:00:03", dhcp: false, addresses: [], nameservers: [] },
    ],
};
