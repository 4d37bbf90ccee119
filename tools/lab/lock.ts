import { createHash } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** Short, stable and safe in file, socket and namespace names. */
export function shortHash(text: string, length = 8): string {
    return createHash("sha256").update(text).digest("hex").slice(0, length);
}

/**
 * Runs `work` while no other process of this machine runs work under the same key.
 *
 * The lock is an abstract socket: the kernel takes it back when its holder dies in whatever way, so no lock can be stale.
 *
 * @param waiting called once when another process holds the lock
 */
export async function locked<T>(key: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
    const name = `\0pulumi-fusion-${shortHash(key, 16)}`;
    let delay = 50;
    let server = await tryListen(name);
    if (server === undefined) {
        waiting();
    }
    while (server === undefined) {
        await pause(delay);
        delay = Math.min(delay * 1.5, 1000);
        server = await tryListen(name);
    }
    try {
        return await work();
    } finally {
        server.close();
    }
}

function tryListen(name: string) {
    return new Promise<ReturnType<typeof createServer> | undefined>((resolve, reject) => {
        const server = createServer((socket) => socket.destroy());
        server.once("error", (error: NodeJS.ErrnoException) =>
            error.code === "EADDRINUSE" ? resolve(undefined) : reject(error),
        );
        server.listen(name, () => resolve(server));
    });
}
