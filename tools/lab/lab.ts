import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Progress, step } from "../progress";
import { run } from "../run";
import { guestImage } from "./guest-image";
import { httpdImage } from "./httpd-image";
import { kvmWorks } from "./kvm";
import {
    learnCapabilities,
    libvirtAnswers,
    libvirtUri,
    restoreCapabilities,
    socketLink,
    startInit,
    waitForLibvirt,
    writeLibvirtConfig,
} from "./libvirtd";
import { locked } from "./lock";
import { createNamespace, deleteNamespace, mountPoints, namespaceFile, namespaceName } from "./namespace";
import { newerQemu } from "./newer-qemu";
import { ensurePackages } from "./packages";
import { endProcesses, labProcesses, sharedConnections } from "./processes";
import { pushImage, REGISTRY, REGISTRY_ADDRESS, writeRegistryConfig } from "./registry";
import { sshKeyFile, writeSshdConfig } from "./sshd";

/** A hypervisor in a network namespace of its own, with what its guests start from. */
export interface Lab {
    name: string;
    /** Everything of this lab is below it: sockets, logs, pool, keys. `labDown` removes it. */
    dir: string;
    /** Name of the network namespace. */
    namespace: string;
    /** libvirt URI, usable from inside and from outside the namespace. */
    uri: string;
    /** Put before a program and its arguments, it runs inside the namespace. */
    wrap: string[];
    /** A folder where a directory pool may be made. */
    poolPath: string;
    /** `qemu` where no guest starts under KVM. */
    domainType: "kvm" | "qemu";
    /** The guests' disk: path of a qcow2 file and its checksum. */
    image: { source: string; sha256: string };
    /** Address and port of the registry, on the namespace's loopback; guests reach it by their NAT gateway. */
    registry: string;
    /** Reference of the web server's image in that registry, by digest. */
    httpd: string;
    /** Path of a private ed25519 key for the guests and the hypervisor; the public one is beside it in `.pub`. */
    sshKey: string;
}

export interface LabStatus {
    /** `partial`: something is there, but the lab does not work; `labUp` completes it, `labDown` removes it. */
    state: "up" | "partial" | "down";
    /** What `labUp` returned last time. */
    lab?: Lab;
    guests: { name: string; state: string }[];
    processes: number;
}

const waiting = () => console.error("  waiting for another process that works on this lab");

/**
 * Starts a lab, or completes one: what is up stays as it is. Safe to interrupt at any point.
 *
 * @param name lower-case letters, digits and hyphens, at most 40
 * @param dir the lab's own folder; made when it is not there
 * @throws Error when a program is missing and cannot be installed, or a daemon does not start
 */
export async function labUp(name: string, dir: string): Promise<Lab> {
    const folder = checked(name, dir);
    await ensurePackages();
    const image = await guestImage();
    const httpd = await httpdImage();
    const domainType = (await kvmWorks(image.kernel)) ? "kvm" : "qemu";
    return await locked(folder, waiting, async () => {
        const namespace = namespaceName(name, folder);
        if (!(await libvirtAnswers(folder))) {
            await step(`starting the lab ${name}`, (progress) => start(folder, namespace, domainType, progress));
        }
        const sshKey = sshKeyFile(folder);
        const wrap = ["ip", "netns", "exec", namespace];
        const poolPath = join(folder, "pool");
        await mkdir(poolPath, { recursive: true });
        const lab: Lab = {
            ...{ name, dir: folder, namespace, uri: libvirtUri(folder), wrap },
            ...{ poolPath, domainType, image: { source: image.source, sha256: image.sha256 } },
            ...{ registry: REGISTRY, httpd: await pushImage(wrap, "httpd", httpd), sshKey },
        };
        await writeFile(join(folder, "lab.json.new"), `${JSON.stringify(lab, undefined, 4)}\n`);
        await rename(join(folder, "lab.json.new"), join(folder, "lab.json"));
        return lab;
    });
}

async function start(dir: string, namespace: string, domainType: Lab["domainType"], progress: Progress): Promise<void> {
    await mkdir(dir, { recursive: true, mode: 0o755 });
    // Half a lab is of no use, and what is left of one could hold the sockets.
    await endProcesses(dir, namespaceFile(namespace));
    await writeLibvirtConfig(dir);
    await writeRegistryConfig(dir);
    await writeSshdConfig(dir);
    await createNamespace(namespace, REGISTRY_ADDRESS);
    await restoreCapabilities(dir);
    const emulated = domainType === "qemu";
    await startInit(dir, namespace, emulated, emulated ? await newerQemu() : undefined);
    progress.update("libvirtd");
    await waitForLibvirt(dir);
    progress.update("libvirt looks at QEMU");
    await learnCapabilities(dir, domainType);
}

/**
 * Takes a lab away: guests, daemons, namespace, links and its folder. Does what is left to do on a half-made or dead one.
 *
 * @throws Error when something does not go away
 */
export async function labDown(name: string, dir: string): Promise<void> {
    const folder = checked(name, dir);
    await locked(folder, waiting, async () => {
        const namespace = namespaceName(name, folder);
        const sockets = sharedConnections(labProcesses(folder, namespaceFile(namespace)));
        await endProcesses(folder, namespaceFile(namespace));
        await Promise.all(sockets.map((socket) => rm(socket, { force: true })));
        await deleteNamespace(namespace);
        for (const point of mountPoints()
            .filter((path) => path.startsWith(`${folder}/`))
            .reverse()) {
            await run("umount", [point]);
        }
        await rm(socketLink(folder), { force: true });
        await rm(folder, { recursive: true, force: true });
    });
}

/** What there is of a lab. Changes nothing. */
export async function labStatus(name: string, dir: string): Promise<LabStatus> {
    const folder = checked(name, dir);
    const processes = labProcesses(folder, namespaceFile(namespaceName(name, folder))).length;
    const file = join(folder, "lab.json");
    const lab: Lab | undefined = existsSync(file) ? JSON.parse(await readFile(file, "utf8")) : undefined;
    if (lab === undefined || processes === 0 || !(await libvirtAnswers(folder))) {
        return {
            state: existsSync(folder) || processes > 0 ? "partial" : "down",
            guests: [],
            processes,
            ...(lab && { lab }),
        };
    }
    const { stdout } = await run("virsh", ["-c", lab.uri, "list", "--all", "--name"]);
    const names = stdout.split("\n").filter((line) => line !== "");
    const guests = await Promise.all(
        names.map(async (guest) => ({ name: guest, state: await guestState(lab, guest) })),
    );
    return { state: "up", lab, guests, processes };
}

async function guestState(lab: Lab, guest: string): Promise<string> {
    return (await run("virsh", ["-c", lab.uri, "domstate", guest], { allowFailure: true })).stdout.trim() || "gone";
}

function checked(name: string, dir: string): string {
    if (!/^[a-z0-9][a-z0-9-]{0,39}$/.test(name)) {
        throw new Error(`A lab's name has lower-case letters, digits and hyphens, at most 40: "${name}" does not fit.`);
    }
    return resolve(dir);
}
