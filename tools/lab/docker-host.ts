import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run } from "../run";
import { removeCgroup } from "./cgroups";
import { dockerPrograms } from "./docker-programs";
import { createNamespace, deleteNamespace, namespaceFile } from "./namespace";
import { endProcesses, MARKER } from "./processes";
import { hostKeyOf, sshKeyFile, writeSshdConfig } from "./sshd";

/** The network of Docker hosts: a bridge in the namespace of their clients. */
export interface HostNetwork {
    /** Name of the clients' network namespace. */
    namespace: string;
    bridge: string;
    /** IPv4 address of the bridge, the hosts' gateway. */
    gateway: string;
    /** Registries, as host and port, that Docker pulls from without TLS. */
    registries: readonly string[];
}

/**
 * A machine with Docker, reached over ssh as root: namespaces of this machine, so it runs at native speed. It has an address, a
 * host name, Docker's data, and its own version of what is in /etc, /var, /root and /run.
 */
export class DockerHost {
    private first?: ChildProcess;

    constructor(
        readonly name: string,
        readonly address: string,
        /** All that the host has written is in this folder. */
        readonly dir: string,
        private readonly network: HostNetwork,
    ) {}

    /** The network namespace's name; also that of the control group that the containers are in. */
    get namespace(): string {
        return `${this.network.namespace}-${this.name}`;
    }

    get sshKey(): string {
        return sshKeyFile(this.dir);
    }

    get hostKey(): string {
        return hostKeyOf(this.dir);
    }

    /**
     * Switches the host on; it ends with this process, however that ends.
     *
     * @throws Error with the places of the logs when Docker or sshd does not answer within 60 seconds
     */
    async start(): Promise<void> {
        const programs = await dockerPrograms();
        await mkdir(join(this.dir, "system", "etc", "docker"), { recursive: true });
        await writeFile(join(this.dir, "system", "etc", "docker", "daemon.json"), this.daemonJson());
        await writeSshdConfig(this.dir);
        await createNamespace(this.namespace);
        await this.plugIn();
        // `ip netns exec` would mount /sys anew, without the control groups.
        const enter = ["--pdeathsig", "KILL", "nsenter", `--net=${namespaceFile(this.namespace)}`];
        const isolate = ["unshare", "--mount", "--uts", "--pid", "--fork", "--kill-child", "--mount-proc"];
        const init = ["/bin/sh", join(__dirname, "docker-host.sh"), this.dir, this.name, programs];
        const log = openSync(join(this.dir, "init.log"), "a");
        this.first = spawn("setpriv", [...enter, ...isolate, ...init], {
            detached: true,
            cwd: "/",
            env: { PATH: process.env.PATH, LANG: "C.UTF-8", [MARKER]: this.dir },
            stdio: ["ignore", log, log],
        });
        this.first.unref();
        await this.waitForServices();
    }

    /** Switches the host off as a power loss does: nothing says goodbye to whoever is connected. The data stay. */
    async kill(): Promise<void> {
        await run("ip", ["-n", this.network.namespace, "link", "delete", this.name], { allowFailure: true });
        await endProcesses(this.dir, namespaceFile(this.namespace));
        await deleteNamespace(this.namespace);
        await removeCgroup(this.namespace);
    }

    /** Pulls the network cable out, or puts it in again. */
    async link(state: "up" | "down"): Promise<void> {
        await run("ip", ["-n", this.network.namespace, "link", "set", this.name, state]);
    }

    /** Put before a program and its arguments, it runs on the host, without the network. */
    get wrap(): string[] {
        const pid = this.first?.pid;
        const init = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
        return ["nsenter", `--target=${init}`, "--mount", "--uts", "--net", "--pid"];
    }

    private daemonJson(): string {
        const config = {
            "data-root": join(this.dir, "docker"),
            "storage-driver": "overlay2",
            "insecure-registries": this.network.registries,
            // All that the containers leave in the machine's control groups is then in one place.
            "cgroup-parent": `/${this.namespace}`,
            "exec-opts": ["native.cgroupdriver=cgroupfs"],
            "log-level": "warn",
        };
        return `${JSON.stringify(config, undefined, 4)}\n`;
    }

    private async plugIn(): Promise<void> {
        const { namespace: clients, bridge, gateway } = this.network;
        const inside = ["-n", this.namespace];
        // As a real machine's, the hardware address outlasts a power loss: the clients remember it.
        const hardware = this.address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
        const end = ["name", "eth0", "address", `02:00:${hardware.join(":")}`, "netns", this.namespace];
        const peer = ["type", "veth", "peer", ...end];
        await run("ip", ["link", "add", this.name, "netns", clients, ...peer]);
        await run("ip", ["-n", clients, "link", "set", this.name, "master", bridge, "up"]);
        await run("ip", [...inside, "address", "add", `${this.address}/24`, "dev", "eth0"]);
        await run("ip", [...inside, "link", "set", "eth0", "up"]);
        await run("ip", [...inside, "route", "add", "default", "via", gateway]);
    }

    private async waitForServices(): Promise<void> {
        const end = Date.now() + 60_000;
        for (let delay = 100; !(await this.answers()); delay = Math.min(delay * 1.5, 1000)) {
            if (Date.now() > end || this.first?.exitCode !== null) {
                throw new Error(`Docker or sshd does not answer on ${this.name}: see the logs in ${this.dir}`);
            }
            await pause(delay);
        }
    }

    private async answers(): Promise<boolean> {
        try {
            const [nsenter = "", ...wrap] = this.wrap;
            const look = "docker version && ss -Hltn sport = :22 | grep -q .";
            return (await run(nsenter, [...wrap, "sh", "-c", look], { allowFailure: true })).code === 0;
        } catch {
            // There is no first process yet.
            return false;
        }
    }
}
