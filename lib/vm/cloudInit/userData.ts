import { daemonJson } from "../dockerSpec";
import type { GuestFile } from "../guestSpec";
import { installDockerScript } from "../installDocker";
import type { CloudInitSpec } from "../renderCloudInit";
import { mergeCloudInit } from "./mergeCloudInit";
import { mountScript } from "./mountScript";
import { proxyScript } from "./proxyScript";

const sshdConfig = `# Docker over ssh opens many connections at once.
MaxStartups 100:30:200
MaxSessions 100
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin no
`;

const SUDO = "ALL=(ALL) NOPASSWD:ALL";
const SYSCTL_FILE = "/etc/sysctl.d/95-fusion.conf";

/** The cloud-config of a guest as an object. */
export function userData(spec: CloudInitSpec): Record<string, unknown> {
    const { packages = [], timezone } = spec;
    const bootcmd = bootCommands(spec);
    const ours = {
        hostname: spec.name,
        manage_etc_hosts: true,
        // The image's own; a text, because older schemas know no boolean here.
        locale: "false",
        ...(timezone !== undefined && { timezone }),
        ssh_pwauth: false,
        disable_root: true,
        ssh_deletekeys: true,
        ssh_keys: {
            ed25519_private: spec.hostKey.privateKey,
            ed25519_public: `${spec.hostKey.publicKey}\n`,
        },
        users: users(spec),
        growpart: { mode: "auto", devices: ["/"] },
        ...(bootcmd.length > 0 && { bootcmd: ["set -e", ...bootcmd] }),
        write_files: files(spec),
        ...(packages.length > 0 && { package_update: true, packages: packages.map(nameAndVersion) }),
        // cloud-init writes one script of all items: without this, the failure of all but the last would be lost.
        runcmd: ["set -e", ...runCommands(spec)],
    };
    return mergeCloudInit(ours, spec.cloudInit ?? {});
}

function users({ user, authorizedKeys, users: more = [] }: CloudInitSpec) {
    const own = { name: user, groups: ["docker"], shell: "/bin/bash", sudo: true, authorizedKeys };
    return [own, ...more].map(({ name, groups, shell, sudo, authorizedKeys: keys }) => ({
        name,
        ...(groups.length > 0 && { groups: [...groups] }),
        shell,
        // A rule of its own, so that it does not matter whether the distribution's group is sudo or wheel.
        ...(sudo && { sudo: SUDO }),
        lock_passwd: true,
        ...(keys.length > 0 && { ssh_authorized_keys: [...keys].sort() }),
    }));
}

/** What is needed before a service starts or a package is fetched; run at every start. */
function bootCommands({ proxy, mounts = [] }: CloudInitSpec): string[][] {
    return [
        ...(proxy === undefined ? [] : [["sh", "-c", proxyScript(proxy)]]),
        ...(mounts.length === 0 ? [] : [["sh", "-c", mountScript(mounts)]]),
    ];
}

function files({ dockerDaemon, sysctl = {}, files: more = [] }: CloudInitSpec) {
    const own: GuestFile[] = [ownFile("/etc/ssh/sshd_config.d/10-fusion.conf", sshdConfig)];
    if (dockerDaemon !== undefined) {
        own.push(ownFile("/etc/docker/daemon.json", daemonJson(dockerDaemon)));
    }
    const parameters = Object.keys(sysctl).sort();
    if (parameters.length > 0) {
        own.push(ownFile(SYSCTL_FILE, parameters.map((key) => `${key} = ${sysctl[key]}\n`).join("")));
    }
    return [...own, ...more].map(({ path, permissions, owner, content }) => ({
        path,
        permissions,
        ...(owner !== "root:root" && { owner }),
        // Users and the groups of packages are there only later.
        ...(!/^root(:root)?$/.test(owner) && { defer: true }),
        content,
    }));
}

const ownFile = (path: string, content: string): GuestFile => ({
    path,
    permissions: "0644",
    owner: "root:root",
    content,
});

/** cloud-init's way to say it for all package managers: a name, or a name and a version. */
function nameAndVersion(text: string): string | string[] {
    const [name = "", version] = text.split("=");
    return version === undefined ? name : [name, version];
}

/** What is run once, at the end of the first start. */
function runCommands({ sysctl = {}, docker = { source: "distribution" }, proxy, commands = [] }: CloudInitSpec) {
    const install = installDockerScript({ ...docker, ...(proxy !== undefined && { proxy }) });
    return [
        // systemd read the folder before the file was there.
        ...(Object.keys(sysctl).length === 0 ? [] : [["systemctl", "restart", "systemd-sysctl"]]),
        ["sh", "-c", install],
        ...commands.map((command) => (typeof command === "string" ? ["sh", "-euc", command] : [...command])),
    ];
}
