import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readdirSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../run";
import { DockerHost, type HostNetwork } from "./docker-host";
import { dockerPrograms } from "./docker-programs";
import { locked } from "./lock";
import { createNamespace, deleteNamespace, namespaceFile, namespaceName } from "./namespace";
import { ensurePackages } from "./packages";
import { endProcesses, labProcesses, MARKER, sharedConnections } from "./processes";
import { REGISTRY, REGISTRY_ADDRESS, type Registry, writeRegistryConfig } from "./registry";

const SUBNET = "10.78.0";
const NETWORK = { bridge: "hosts", gateway: `${SUBNET}.1` };
/** What containers are pulled from with a user's name and password. */
const PRIVATE: Required<Registry> = {
    host: `${REGISTRY_ADDRESS}:5001`,
    account: { user: "puller", password: "let me pull" },
};

/**
 * A number of Docker hosts and a namespace where their clients run, which has the registries too. All of it runs at native speed
 * and ends with this process; what an earlier one has left in the same folder is taken away first.
 */
export class DockerLab {
    /** Put before a program and its arguments, it runs in the clients' namespace. */
    readonly wrap: readonly string[];
    readonly hosts: readonly DockerHost[];
    /** It answers everyone. */
    readonly registry: Registry = { host: REGISTRY };
    /** It answers its account only. */
    readonly privateRegistry = PRIVATE;

    private constructor(
        readonly dir: string,
        readonly namespace: string,
        hosts: number,
        private readonly release: () => void,
    ) {
        this.wrap = ["ip", "netns", "exec", namespace];
        const network: HostNetwork = { namespace, ...NETWORK, registries: [REGISTRY, PRIVATE.host] };
        this.hosts = Array.from({ length: hosts }, (_, index) => {
            const name = `h${index + 1}`;
            return new DockerHost(name, `${SUBNET}.${11 + index}`, join(dir, "hosts", name), network);
        });
    }

    /**
     * @param name lower-case letters, digits and hyphens
     * @param dir the lab's own folder; one process at a time has it, another one waits
     * @param hosts how many; they are called h1, h2...
     */
    static async up(name: string, dir: string, hosts: number): Promise<DockerLab> {
        await ensurePackages();
        await dockerPrograms();
        const lab = new DockerLab(dir, namespaceName(name, dir), hosts, await hold(dir));
        try {
            await lab.takeAway();
            await lab.start();
            return lab;
        } catch (error) {
            await lab.down();
            throw error;
        }
    }

    /** Takes everything away: containers, daemons, namespaces, control groups and the folder. */
    async down(): Promise<void> {
        try {
            await this.takeAway();
        } finally {
            this.release();
        }
    }

    private async start(): Promise<void> {
        await mkdir(this.dir, { recursive: true, mode: 0o755 });
        await createNamespace(this.namespace, REGISTRY_ADDRESS);
        const ip = (...args: string[]) => run("ip", ["-n", this.namespace, ...args]);
        await ip("link", "add", NETWORK.bridge, "type", "bridge");
        await ip("address", "add", `${NETWORK.gateway}/24`, "dev", NETWORK.bridge);
        await ip("link", "set", NETWORK.bridge, "up");
        for (const registry of [this.registry, this.privateRegistry]) {
            this.serve(await writeRegistryConfig(this.dir, registry));
        }
        const started = await Promise.allSettled(this.hosts.map((host) => host.start()));
        for (const result of started) {
            if (result.status === "rejected") throw result.reason;
        }
    }

    private serve(config: string): ChildProcess {
        const log = openSync(`${config}.log`, "a");
        const server = ["docker-registry", "serve", config];
        const child = spawn("setpriv", ["--pdeathsig", "KILL", ...this.wrap, ...server], {
            detached: true,
            env: { PATH: process.env.PATH, [MARKER]: this.dir },
            stdio: ["ignore", log, log],
        });
        child.unref();
        return child;
    }

    private async takeAway(): Promise<void> {
        const file = namespaceFile(this.namespace);
        const sockets = sharedConnections(labProcesses(this.dir, file));
        const folder = join(this.dir, "hosts");
        // Those of an earlier process, which may have been more.
        const names = new Set([
            ...(existsSync(folder) ? readdirSync(folder) : []),
            ...this.hosts.map(({ name }) => name),
        ]);
        const network = { namespace: this.namespace, ...NETWORK, registries: [] };
        for (const name of names) {
            await new DockerHost(name, "", join(folder, name), network).kill();
        }
        await endProcesses(this.dir, file);
        await Promise.all(sockets.map((socket) => rm(socket, { force: true })));
        await deleteNamespace(this.namespace);
        await rm(this.dir, { recursive: true, force: true });
    }
}

/** Takes a lock and keeps it until the function that is returned is called, or this process ends. */
function hold(key: string): Promise<() => void> {
    return new Promise((resolve, reject) => {
        const waiting = () => console.error(`  waiting for another process that has the Docker hosts of ${key}`);
        const held = () => new Promise<void>((release) => resolve(release));
        locked(key, waiting, held).catch(reject);
    });
}
