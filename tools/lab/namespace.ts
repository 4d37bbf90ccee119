import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rmdir } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run";
import { shortHash } from "./lock";

const NAMED = "/run/netns";

/** The namespace's name has the folder in it, so that labs of one name in two checkouts are two namespaces. */
export const namespaceName = (name: string, dir: string): string => `fusion-${name}-${shortHash(dir, 6)}`;

export const namespaceFile = (namespace: string): string => join(NAMED, namespace);

/** Makes a network namespace with its loopback up, with a further `address` on it; does nothing where it is there. */
export async function createNamespace(namespace: string, address?: string): Promise<void> {
    if (!isMounted(namespaceFile(namespace))) {
        // `ip netns add` that was cut off leaves the file without its mount.
        await deleteNamespace(namespace);
        await run("ip", ["netns", "add", namespace]);
    }
    await run("ip", ["-n", namespace, "link", "set", "lo", "up"]);
    if (address !== undefined) {
        await run("ip", ["-n", namespace, "address", "replace", `${address}/32`, "dev", "lo"]);
    }
}

/** Takes the name and the mount away; the kernel ends the namespace with its last process. */
export async function deleteNamespace(namespace: string): Promise<void> {
    if (existsSync(namespaceFile(namespace))) {
        await run("ip", ["netns", "delete", namespace]);
    }
    // `ip` mounts this folder upon itself with the first namespace. It stays where others have namespaces in it.
    if (existsSync(NAMED) && readdirSync(NAMED).length === 0) {
        while (isMounted(NAMED) && (await run("umount", [NAMED], { allowFailure: true })).code === 0) {}
        await rmdir(NAMED).catch(() => {});
    }
}

export function isMounted(path: string): boolean {
    return mountPoints().includes(path);
}

/** All mount points that this process sees. */
export function mountPoints(): string[] {
    return readFileSync("/proc/self/mountinfo", "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) =>
            (line.split(" ")[4] ?? "").replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8))),
        );
}
