import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** In the environment of every program that a lab starts: the lab's folder. */
export const MARKER = "FUSION_LAB";

/**
 * The processes of one lab: all that live in its network namespace, and all that carry its marker in their environment.
 * Both are facts that the kernel keeps, so nothing is lost when a start was cut off before it could write a pid file, and no
 * process of anyone else is meant: numbers are not remembered, names are not compared.
 *
 * @param dir the lab's folder
 * @param namespaceFile path of the named namespace; it may be gone
 */
export function labProcesses(dir: string, namespaceFile: string): number[] {
    const inode = namespaceInode(namespaceFile);
    const spared = new Set(ancestors(process.pid));
    return readdirSync("/proc")
        .filter((entry) => /^\d+$/.test(entry))
        .map(Number)
        .filter((pid) => !spared.has(pid))
        .filter((pid) => (inode !== undefined && netInode(pid) === inode) || marked(pid, dir));
}

/**
 * Kills all processes of a lab and waits until they are gone.
 *
 * @throws Error when some are still there after 30 seconds
 */
export async function endProcesses(dir: string, namespaceFile: string): Promise<void> {
    const end = Date.now() + 30_000;
    let delay = 10;
    for (let pids = labProcesses(dir, namespaceFile); pids.length > 0; pids = labProcesses(dir, namespaceFile)) {
        if (Date.now() > end) {
            throw new Error(`These processes of the lab in ${dir} did not end within 30 s: ${pids.join(", ")}`);
        }
        for (const pid of pids) {
            try {
                process.kill(pid, "SIGKILL");
            } catch {
                // It has ended by itself.
            }
        }
        await pause(delay);
        delay = Math.min(delay * 2, 500);
    }
}

/** The sockets of the connections that ssh clients left open for others to share; a killed process leaves its own behind. */
export function sharedConnections(pids: readonly number[]): string[] {
    return pids.flatMap((pid) => {
        try {
            const [, path] = /^ssh: (\/.*) \[mux\]/.exec(readFileSync(`/proc/${pid}/cmdline`, "utf8")) ?? [];
            return path === undefined ? [] : [path];
        } catch {
            return [];
        }
    });
}

function namespaceInode(file: string): number | undefined {
    try {
        const { ino, dev } = statSync(file);
        // A namespace that was cut off before its mount is an empty file on another device than the kernel's own.
        return dev === statSync("/proc/self/ns/net").dev ? ino : undefined;
    } catch {
        return undefined;
    }
}

function netInode(pid: number): number | undefined {
    try {
        return Number(/\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/net`))?.[1]);
    } catch {
        return undefined;
    }
}

function marked(pid: number, dir: string): boolean {
    try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`${MARKER}=${dir}`);
    } catch {
        return false;
    }
}

function ancestors(pid: number): number[] {
    const list: number[] = [];
    for (let next = pid; next > 0; ) {
        list.push(next);
        // The name in brackets may hold anything, so the fields are counted after the last bracket.
        const fields = readFileSync(`/proc/${next}/stat`, "utf8").split(") ").pop()?.split(" ");
        next = Number(fields?.[1] ?? 0);
    }
    return list;
}
