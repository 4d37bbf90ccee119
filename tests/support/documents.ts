import type { MachineFacts } from "../../lib/vm/machineFacts";
import type { CloudInitSpec } from "../../lib/vm/renderCloudInit";

/** A guest that has little more than what it must have, its key made up. */
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

/** A guest with everything that can be said of one. */
export const fullGuest: CloudInitSpec = {
    ...guest,
    users: [
        {
            name: "alice",
            authorizedKeys: ["ssh-ed25519 CCCC"],
            groups: ["docker", "adm"],
            sudo: true,
            shell: "/bin/bash",
        },
        { name: "backup2", authorizedKeys: [], groups: [], sudo: false, shell: "/usr/sbin/nologin" },
    ],
    timezone: "Europe/Berlin",
    packages: ["htop", "nginx=1.22.1-9"],
    files: [
        { path: "/etc/motd", content: "Of pulumi-fusion.\n", permissions: "0644", owner: "root:root" },
        { path: "/home/alice/.token", content: "s3cret", permissions: "0600", owner: "alice:alice" },
    ],
    commands: ["echo 'it is' \"$HOME\"", ["touch", "/var/lib/done it"]],
    sysctl: { "vm.max_map_count": 262_144, "net.ipv4.ip_local_port_range": "30000 60000" },
    proxy: { http: "http://10.0.0.5:3128", https: "http://10.0.0.5:3128", noProxy: ["localhost", ".example.org"] },
    docker: { source: "docker", version: "27.3.1" },
    mounts: [
        { device: "/dev/vdd", label: "logs", path: "/srv/logs", filesystem: "xfs" },
        { device: "/dev/vdc", label: "data", path: "/srv/data", filesystem: "ext4" },
    ],
    cloudInit: {
        users: ["default"],
        growpart: { devices: ["/srv/data"], ignore_growroot_disabled: true },
        runcmd: [["echo", "mine"]],
        locale: "en_US.UTF-8",
        final_message: "up after $UPTIME s",
        write_files: [{ path: "/etc/mine", content: "mine\n" }],
    },
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
