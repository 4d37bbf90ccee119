import { spawn } from "node:child_process";
import { existsSync, openSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../run";
import type { Lab } from "./lab";
import { locked } from "./lock";
import { namespaceFile } from "./namespace";
import { labProcesses, MARKER } from "./processes";

/** An address and a port inside a lab's namespace. */
export interface Inside {
    address: string;
    port: number;
}

/**
 * Makes a port of the machine's own loopback lead to one inside the lab, until `labDown`. A second call for the same place
 * returns the port of the first one.
 *
 * @param preferred the port to take when it is free. @default any free one
 * @returns the port on 127.0.0.1
 * @throws Error when the joint does not open within 15 seconds
 */
export async function joinPort(lab: Lab, inside: Inside, preferred = 0): Promise<number> {
    return await locked(
        `${lab.dir}/join`,
        () => {},
        async () => {
            const folder = join(lab.dir, "join");
            const config = join(folder, `${inside.address}-${inside.port}.cfg`);
            const open = openPort(lab, config);
            if (open !== undefined) {
                return open;
            }
            await mkdir(folder, { recursive: true });
            const port = (await freePort(preferred)) ?? (await freePort(0));
            if (port === undefined) {
                throw new Error("No port is free on 127.0.0.1");
            }
            await writeFile(config, haproxyConfig(lab.namespace, port, inside));
            await run("haproxy", ["-c", "-q", "-f", config]);
            const log = openSync(join(folder, "haproxy.log"), "a");
            const child = spawn("haproxy", ["-db", "-f", config], {
                detached: true,
                cwd: "/",
                env: { PATH: process.env.PATH, [MARKER]: lab.dir },
                stdio: ["ignore", log, log],
            });
            child.unref();
            await waitUntilTaken(port, config);
            return port;
        },
    );
}

/** One listener; HAProxy itself connects inside the namespace, so it takes part in both networks. */
export function haproxyConfig(namespace: string, port: number, inside: Inside): string {
    return `global
    maxconn 4000
defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
listen joined
    bind 127.0.0.1:${port}
    server inside ${inside.address}:${inside.port} namespace ${namespace}
`;
}

/** The port of a joint that runs already. */
function openPort(lab: Lab, config: string): number | undefined {
    if (!existsSync(config)) {
        return undefined;
    }
    const runs = labProcesses(lab.dir, namespaceFile(lab.namespace)).some((pid) => {
        try {
            return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(config);
        } catch {
            return false;
        }
    });
    return runs ? Number(/bind 127\.0\.0\.1:(\d+)/.exec(readFileSync(config, "utf8"))?.[1]) : undefined;
}

/** `wanted` when nobody listens on it, on this address or on all; with 0 any free port. */
function freePort(wanted: number): Promise<number | undefined> {
    return new Promise((resolve) => {
        const server = createServer();
        server.once("error", () => resolve(undefined));
        server.listen(wanted, "127.0.0.1", () => {
            const address = server.address();
            server.close(() => resolve(typeof address === "object" && address !== null ? address.port : undefined));
        });
    });
}

async function waitUntilTaken(port: number, config: string): Promise<void> {
    const end = Date.now() + 15_000;
    let delay = 20;
    while ((await freePort(port)) !== undefined) {
        if (Date.now() > end) {
            throw new Error(`The port ${port} on 127.0.0.1 does not open: see haproxy.log beside ${config}`);
        }
        await pause(delay);
        delay = Math.min(delay * 1.5, 1000);
    }
}
