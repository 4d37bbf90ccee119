import { type GuestNetwork, networkConfig } from "./networkConfig";
import { yaml } from "./yaml";

/** What a guest is to be, as plain values. */
export interface CloudInitSpec {
    /** Host name, also the instance's id together with `instance`. */
    name: string;
    /** The network interface. */
    network: GuestNetwork;
    /** The user that the library and the operator log in as, with sudo and Docker. */
    user: string;
    /** Public keys in OpenSSH's format. */
    authorizedKeys: readonly string[];
    /** The guest's own ssh key, so that it is known before the guest exists. */
    hostKey: { publicKey: string; privateKey: string };
    /** Contents of `/etc/docker/daemon.json`. @default none */
    dockerDaemon?: Readonly<Record<string, unknown>>;
}

/** The three documents of cloud-init's NoCloud data source (https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html). */
export interface CloudInitDocuments {
    userData: string;
    metaData: string;
    networkConfig: string;
}

const sshdConfig = `# Docker over ssh opens many connections at once.
MaxStartups 100:30:200
MaxSessions 100
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
`;

/** Installs Docker from the distribution where the image does not bring it. */
const installDocker = [
    "command -v dockerd >/dev/null && exit 0",
    "if command -v apt-get >/dev/null; then",
    "    export DEBIAN_FRONTEND=noninteractive",
    "    apt-get update -q && apt-get install -q -y --no-install-recommends docker.io apparmor ca-certificates",
    "elif command -v dnf >/dev/null; then",
    "    dnf install -y moby-engine || dnf install -y docker-ce",
    "fi",
    "systemctl enable --now docker",
    "",
].join("\n");

/**
 * Renders the documents that make a stock cloud image a Docker host: a pinned ssh host key, one user without a password,
 * a fixed address, and Docker. The same values give the same bytes.
 *
 * The user data holds the guest's private ssh key: treat it as a secret.
 */
export function renderCloudInit(spec: CloudInitSpec): CloudInitDocuments {
    const files = [{ path: "/etc/ssh/sshd_config.d/10-fusion.conf", permissions: "0644", content: sshdConfig }];
    if (spec.dockerDaemon !== undefined) {
        const content = `${JSON.stringify(sorted(spec.dockerDaemon), null, 2)}\n`;
        files.push({ path: "/etc/docker/daemon.json", permissions: "0644", content });
    }
    return {
        userData: `#cloud-config\n${yaml({
            hostname: spec.name,
            manage_etc_hosts: true,
            // The image's own; a text, because older schemas know no boolean here.
            locale: "false",
            ssh_pwauth: false,
            disable_root: true,
            ssh_deletekeys: true,
            ssh_keys: {
                ed25519_private: spec.hostKey.privateKey,
                ed25519_public: `${spec.hostKey.publicKey}\n`,
            },
            users: [
                {
                    name: spec.user,
                    groups: ["docker"],
                    shell: "/bin/bash",
                    sudo: "ALL=(ALL) NOPASSWD:ALL",
                    lock_passwd: true,
                    ssh_authorized_keys: [...spec.authorizedKeys].sort(),
                },
            ],
            growpart: { mode: "auto", devices: ["/"] },
            write_files: files,
            runcmd: [["sh", "-euc", installDocker]],
        })}`,
        metaData: yaml({ "instance-id": spec.name, "local-hostname": spec.name }),
        networkConfig: yaml(networkConfig(spec.network)),
    };
}

/** The value with the keys of all objects in order, so that the text does not depend on how the caller wrote them. */
function sorted(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(sorted);
    }
    if (typeof value === "object" && value !== null) {
        return Object.fromEntries(
            Object.entries(value)
                .sort(([a], [b]) => (a < b ? -1 : 1))
                .map(([key, inner]) => [key, sorted(inner)]),
        );
    }
    return value;
}
