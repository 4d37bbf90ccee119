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
