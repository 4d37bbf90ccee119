import type { MachineFacts } from "../../lib/vm/machineFacts";
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

/** A machine as it was last made. */
export const facts: MachineFacts = {
    hypervisor: "rack",
    image: "a".repeat(64),
    diskGiB: 10,
    vcpus: 1,
    maxVcpus: 1,
    memoryMiB: 2048,
    maxMemoryMiB: 2048,
    autostart: true,
    description: "",
    labels: "hypervisor=rack",
    firmware: "",
    domain: "",
    domainType: "kvm",
    network: "rack 52:54:00:4d:00:0b",
    address: "10.77.0.11",
    userData: "0123456789ab",
    identity: "ba9876543210",
    dataDisks: { data: 20 },
    generation: 0,
    definitions: 0,
};
