import { spawn } from "node:child_process";
import { existsSync, openSync } from "node:fs";
import { cp, mkdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { cacheDir } from "../paths";
import { run } from "../run";
import { shortHash } from "./lock";
import { MARKER } from "./processes";

/** A socket's path must be short, and a checkout's may be long: this link in /run is how libvirt's folder is reached. */
export const socketLink = (dir: string): string => `/run/fusion-${shortHash(dir)}`;

export const libvirtUri = (dir: string): string => `qemu+unix:///system?socket=${socketLink(dir)}/libvirt-sock`;

const LIBVIRTD_CONF = `auth_unix_rw = "none"
auth_unix_ro = "none"
unix_sock_rw_perms = "0700"
log_level = 3
`;

// No AppArmor profile, cgroup or other user stands between a guest and its lab: its walls are the lab's namespaces.
const QEMU_CONF = `security_driver = "none"
user = "root"
group = "root"
remember_owner = 0
dynamic_ownership = 0
namespaces = []
cgroup_controllers = []
stdio_handler = "file"
`;

/** Writes what the daemons of the lab read. */
export async function writeLibvirtConfig(dir: string): Promise<void> {
    const folder = join(dir, "etc", "libvirt");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "libvirtd.conf"), LIBVIRTD_CONF);
    await writeFile(join(folder, "qemu.conf"), QEMU_CONF);
}

/**
 * Starts the lab's first process, detached from this one.
 *
 * @param qemu the folder of the QEMU that libvirt is to find; undefined for the machine's own
 */
export async function startInit(dir: string, namespace: string, hideKvm: boolean, qemu?: string): Promise<void> {
    const link = socketLink(dir);
    const target = join(dir, "run", "libvirt");
    if ((await readlink(link).catch(() => undefined)) !== target) {
        await rm(link, { force: true });
        await symlink(target, link);
    }
    const isolate = ["unshare", "--mount", "--propagation", "slave", "--pid", "--fork", "--kill-child", "--mount-proc"];
    const init = ["/bin/sh", join(__dirname, "init.sh"), dir, hideKvm ? "yes" : "no"];
    const log = openSync(join(dir, "init.log"), "a");
    const child = spawn("ip", ["netns", "exec", namespace, ...isolate, ...init], {
        detached: true,
        cwd: "/",
        env: { PATH: [qemu, process.env.PATH].filter(Boolean).join(delimiter), LANG: "C.UTF-8", [MARKER]: dir },
        stdio: ["ignore", log, log],
    });
    child.unref();
}

/** What libvirt has found out about QEMU, which takes it 15 seconds; it checks by itself whether that is still right. */
const knownCapabilities = join(cacheDir, "libvirt-capabilities");
const capabilities = (dir: string): string => join(dir, "var", "cache", "libvirt", "qemu", "capabilities");

/** Gives libvirtd, before it starts, what it knew about QEMU in the last lab of this machine. */
export async function restoreCapabilities(dir: string): Promise<void> {
    if (existsSync(knownCapabilities)) {
        await cp(knownCapabilities, capabilities(dir), { recursive: true });
    }
}

/** Lets libvirtd find out about QEMU, so that no guest's start has to wait for it, and keeps that for the next lab. */
export async function learnCapabilities(dir: string, domainType: string): Promise<void> {
    await run("virsh", ["-c", libvirtUri(dir), "domcapabilities", "--virttype", domainType]);
    const partial = `${knownCapabilities}.${shortHash(dir)}.${process.pid}`;
    try {
        await cp(capabilities(dir), partial, { recursive: true });
        await rm(knownCapabilities, { recursive: true, force: true });
        await rename(partial, knownCapabilities);
    } catch {
        // libvirtd was writing there, or another lab has put its own in place: it only saves time.
        await rm(partial, { recursive: true, force: true });
    }
}

/** Whether libvirtd answers at the lab's address. */
export async function libvirtAnswers(dir: string): Promise<boolean> {
    const result = await run("virsh", ["-c", libvirtUri(dir), "version"], { allowFailure: true, timeout: 20_000 });
    return result.code === 0;
}

/**
 * Waits until libvirtd answers.
 *
 * @throws Error with the places of the logs after 60 seconds
 */
export async function waitForLibvirt(dir: string): Promise<void> {
    const end = Date.now() + 60_000;
    let delay = 100;
    while (!(await libvirtAnswers(dir))) {
        if (Date.now() > end) {
            throw new Error(`libvirtd does not answer after 60 s: see libvirtd.log and init.log in ${dir}`);
        }
        await pause(delay);
        delay = Math.min(delay * 1.5, 2000);
    }
}
