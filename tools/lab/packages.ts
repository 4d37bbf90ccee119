import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { step } from "../progress";
import { run } from "../run";
import { debianRelease } from "./debian";
import { locked } from "./lock";

interface Need {
    /** A program on the PATH, or the absolute path of a file. */
    file: string;
    /** The Debian package that has it. */
    package: string;
}

const NEEDS: readonly Need[] = [
    { file: "qemu-system-x86_64", package: "qemu-system-x86" },
    { file: "qemu-img", package: "qemu-utils" },
    { file: "libvirtd", package: "libvirt-daemon" },
    // It makes the user libvirt-qemu, without which libvirt's QEMU driver does not start, whatever user it is told to take.
    { file: "/etc/libvirt/qemu.conf", package: "libvirt-daemon-system" },
    {
        file: "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so",
        package: "libvirt-daemon-driver-qemu",
    },
    { file: "virsh", package: "libvirt-clients" },
    { file: "dnsmasq", package: "dnsmasq-base" },
    { file: "iptables", package: "iptables" },
    { file: "genisoimage", package: "genisoimage" },
    { file: "mmdebstrap", package: "mmdebstrap" },
    { file: "mke2fs", package: "e2fsprogs" },
    { file: "haproxy", package: "haproxy" },
    // How the balancer's script talks to HAProxy.
    { file: "socat", package: "socat" },
    // What gives the address of two balancers to one of them.
    { file: "keepalived", package: "keepalived" },
    { file: "curl", package: "curl" },
    // Where its certificates come from: an ACME client, and an ACME server for tests.
    { file: "lego", package: "lego" },
    { file: "pebble", package: "pebble" },
    // What grades its TLS.
    { file: "sslscan", package: "sslscan" },
    { file: "docker-registry", package: "docker-registry" },
    { file: "skopeo", package: "skopeo" },
    { file: "ip", package: "iproute2" },
    { file: "ssh-keygen", package: "openssh-client" },
    { file: "/usr/sbin/sshd", package: "openssh-server" },
    // What images are packed with, and how tests find processes.
    { file: "bzip2", package: "bzip2" },
    { file: "gzip", package: "gzip" },
    { file: "xz", package: "xz-utils" },
    { file: "pgrep", package: "procps" },
    { file: "setpriv", package: "util-linux" },
    { file: "mount", package: "mount" },
];

const POLICY = "/usr/sbin/policy-rc.d";
const POLICY_TEXT =
    "#!/bin/sh\n# Made by pulumi-fusion for the time of an installation: no service starts by itself.\nexit 101\n";

/**
 * Makes sure that everything the lab runs is on this machine, and installs what is missing where that is possible.
 *
 * @throws Error that names the missing programs, their packages and the command that gets them
 */
export async function ensurePackages(): Promise<void> {
    addSystemPath();
    if (process.getuid?.() !== 0) {
        throw new Error(
            "The embedded hypervisor needs root (network namespaces and mounts). Run this as root, or use a hypervisor of " +
                "your own: FUSION_LIBVIRT_URI=qemu+ssh://root@HOST/system.",
        );
    }
    if (missing().length === 0) {
        return;
    }
    const waiting = () => console.error("  waiting for another process that installs packages");
    await locked("packages", waiting, async () => {
        const needs = missing();
        if (needs.length > 0) {
            await install(needs);
        }
    });
}

async function install(needs: readonly Need[]): Promise<void> {
    const packages = [...new Set(needs.map((need) => need.package))];
    const remedy = `apt-get install ${packages.join(" ")}`;
    const files = needs.map((need) => need.file).join(", ");
    if (debianRelease() === undefined) {
        throw new Error(`The embedded hypervisor lacks ${files}; on Debian 12: ${remedy}`);
    }
    await step(`installing Debian packages: ${packages.join(" ")}`, async (progress) => {
        const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
        const onLine = (line: string) => progress.update(line);
        // A library would otherwise start a system's own libvirtd, registry and HAProxy, which nobody asked for.
        const ownPolicy = !existsSync(POLICY) || readFileSync(POLICY, "utf8") === POLICY_TEXT;
        if (ownPolicy) {
            await writeFile(POLICY, POLICY_TEXT, { mode: 0o755 });
        }
        if (packages.includes("openssh-server")) {
            // Debian's own way to have sshd without the service: it would otherwise start with the machine's next start.
            await mkdir("/etc/ssh", { recursive: true });
            await writeFile("/etc/ssh/sshd_not_to_be_run", "", { flag: "a" });
        }
        try {
            await run("dpkg", ["--configure", "-a"], { env, onLine });
            await run("apt-get", ["update"], { env, onLine });
            await run("apt-get", ["install", "--yes", "--no-install-recommends", ...packages], { env, onLine });
        } finally {
            if (ownPolicy) {
                await rm(POLICY, { force: true });
            }
        }
    });
    const still = missing();
    if (still.length > 0) {
        throw new Error(
            `Still missing after the installation: ${still.map((need) => need.file).join(", ")}; try ${remedy}`,
        );
    }
}

/** Where Debian keeps programs for root, which a plain user's PATH and some container images leave out. */
function addSystemPath(): void {
    const path = (process.env.PATH ?? "").split(delimiter);
    const more = ["/usr/local/sbin", "/usr/sbin", "/sbin"].filter((folder) => !path.includes(folder));
    process.env.PATH = [...path, ...more].join(delimiter);
}

/** The part of `NEEDS` that this machine lacks. */
export function missing(needs: readonly Need[] = NEEDS, path = process.env.PATH ?? ""): Need[] {
    const folders = path.split(delimiter);
    return needs.filter(({ file }) => {
        return file.startsWith("/") ? !existsSync(file) : !folders.some((folder) => executable(join(folder, file)));
    });
}

function executable(path: string): boolean {
    try {
        accessSync(path, constants.X_OK);
        return true;
    } catch {
        return false;
    }
}
