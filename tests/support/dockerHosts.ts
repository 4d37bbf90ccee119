import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExistingHost } from "../../lib";
import type { DockerHost } from "../../tools/lab/docker-host";
import { DockerLab } from "../../tools/lab/docker-lab";
import { haproxyImage } from "../../tools/lab/haproxy-image";
import { httpdImage, type OciImage } from "../../tools/lab/httpd-image";
import { shortHash } from "../../tools/lab/lock";
import { writeVariant } from "../../tools/lab/oci";
import { pushImage, type Registry } from "../../tools/lab/registry";
import { knownHostsFile } from "../../tools/lab/sshd";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { Background, type LoadResult } from "./background";
import { holdRequest } from "./heldRequest";
import { TestStack } from "./stack";

/** A replica of the web server on each of two hosts, and HAProxy in front of them on port 80 of the clients' namespace. */
export const webProgram = `
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";
const config = new pulumi.Config();
const web = new fusion.FusionContainerSet("web", {
    hosts: config.requireObject<fusion.ExistingHost[]>("hosts"), image: config.require("image"), replicas: 2,
    ports: [{ container: 80 }], healthCheck: { http: {} },
});
const lb = new fusion.FusionBalancer("lb", {
    listen: 80, backends: [web], directory: config.require("balancerDirectory"),
});
export const url = lb.url;
`;

export interface DockerHostsOptions {
    /** How many; they are called h1, h2... @default 2 */
    hosts?: number;
    /** Told in its configuration: `hosts`, `registry`, `privateRegistry`, `balancerDirectory`. @default `webProgram` */
    program?: string;
    /** Further configuration. */
    config?: Record<string, string>;
    /** Added to the environment of Pulumi and so of the program. */
    env?: NodeJS.ProcessEnv;
}

/**
 * What an image does: `serves` a page that names its tag, its container and its host (`ask` reads it), is `silent`, so that
 * connections are accepted and never answered, or `exits` at once with an error line.
 */
export type Variant = "serves" | "silent" | "exits";

/** A host as programs get it, with all that it takes to log in. */
export type ReachedHost = ExistingHost & { ssh: { user: string; privateKeyFile: string; hostKey: string } };

/** Machines with Docker, reached over ssh, at native speed; the real engine and HAProxy run in their clients' namespace. */
export class DockerHosts {
    readonly hosts: readonly ReachedHost[];
    /** Host and port of the registry that answers everyone. */
    readonly registry: string;
    /** The one that asks for its account. */
    readonly privateRegistry: Required<Registry>;
    /** All that is on disk, the stack apart. */
    readonly dir: string;
    private built: OciImage | undefined;

    private constructor(
        private readonly lab: DockerLab,
        readonly stack: TestStack,
    ) {
        this.hosts = lab.hosts.map(reached);
        this.dir = lab.dir;
        this.registry = lab.registry.host;
        this.privateRegistry = lab.privateRegistry;
    }

    /**
     * Starts hosts without containers, and a stack without resources. What an earlier run of that name left is taken away first.
     *
     * @param name a test's own, so that tests do not meet
     */
    static async create(name: string, options: DockerHostsOptions = {}): Promise<DockerHosts> {
        const dir = join(tmpdir(), `fusion-hosts-${name}-${shortHash(projectDir, 6)}`);
        const lab = await DockerLab.up(name, dir, options.hosts ?? 2);
        try {
            const config = {
                hosts: JSON.stringify(lab.hosts.map(reached)),
                registry: lab.registry.host,
                privateRegistry: lab.privateRegistry.host,
                balancerDirectory: join(dir, "lb"),
                ...options.config,
            };
            const { program = webProgram, env } = options;
            return new DockerHosts(lab, await TestStack.create({ program, config, env, wrap: [...lab.wrap] }));
        } catch (error) {
            await lab.down();
            throw error;
        }
    }

    /** Takes everything away, whatever state it is in. */
    async dispose(): Promise<void> {
        // The hosts take all resources with them, so the state needs no destroying.
        rmSync(this.stack.dir, { recursive: true, force: true });
        await this.lab.down();
    }

    /** Pushes an image of its own digest under `web:TAG`, to the private registry if asked. @returns its reference by digest */
    async image(tag: string, options: { variant?: Variant; private?: boolean } = {}): Promise<string> {
        const { variant = "serves" } = options;
        const { layout: httpd } = await httpdImage();
        const layout = join(this.lab.dir, "images", `${tag}-${variant}`);
        rmSync(layout, { recursive: true, force: true });
        const digest = await writeVariant(httpd, layout, { Cmd: ["sh", "-c", commands[variant](tag)] });
        const registry = options.private ? this.lab.privateRegistry : this.lab.registry;
        return await pushImage(this.lab.wrap, "web", { layout, digest }, { tag, registry });
    }

    /** Pushes an image of HAProxy, of its own digest, under `haproxy:TAG`. @returns its reference by digest */
    async haproxy(tag: string): Promise<string> {
        const folder = join(this.lab.dir, "haproxy");
        this.built ??= await haproxyImage(folder);
        const layout = join(folder, tag);
        const digest = await writeVariant(this.built.layout, layout, { Labels: { tag } });
        return await pushImage(this.lab.wrap, "haproxy", { layout, digest }, { tag });
    }

    /** Runs Docker's command line on a host, without the network, and returns what it wrote. */
    docker(host: string, ...args: string[]): Promise<string> {
        return output([...this.find(host).wrap, "docker", ...args]);
    }

    /** Runs a shell command on a host over an ssh connection of its own and returns what it wrote. */
    onHost(host: string, command: string): Promise<string> {
        const { address, sshKey, dir } = this.find(host);
        const trust = ["-o", `UserKnownHostsFile=${knownHostsFile(dir)}`, "-o", "ConnectTimeout=15"];
        return this.inside("ssh", ...trust, "-i", sshKey, `root@${address}`, command);
    }

    /** Runs a program among the clients and returns what it wrote. */
    inside(...argv: string[]): Promise<string> {
        return output([...this.lab.wrap, ...argv]);
    }

    /** Power loss. */
    kill(host: string): Promise<void> {
        return this.find(host).kill();
    }

    /** Switches a host on again: Docker starts the containers that it ran. */
    start(host: string): Promise<void> {
        return this.find(host).start();
    }

    /** Pulls a host's network cable out. */
    cut(host: string): Promise<void> {
        return this.find(host).link("down");
    }

    restore(host: string): Promise<void> {
        return this.find(host).link("up");
    }

    /** TCP connections that the clients have open to a host's sshd. */
    async sshConnections(host: string): Promise<number> {
        const filter = ["state", "established", "dst", this.find(host).address, "dport", "=", ":22"];
        return (await this.inside("ss", "-Htn", ...filter)).split("\n").filter(Boolean).length;
    }

    /**
     * Counts every 50 ms the TCP connections that the clients have open to each host's sshd.
     *
     * @returns ends it, and says how often it has counted, and the most at once by the hosts' names
     */
    watchConnections(): () => { counts: number; most: Record<string, number> } {
        const hex = (address: string) => Buffer.from(address.split(".").map(Number).reverse()).toString("hex");
        // A process of the clients' namespace that starts no others: on a busy machine those would come late. 0016 is port 22, 01 is open.
        const look = `const { readFileSync } = require("node:fs");
setInterval(() => console.log(readFileSync("/proc/net/tcp", "utf8").match(/ [0-9A-F]{8}:0016 01 /g)?.join("") ?? ""), 50);`;
        const [program = "", ...args] = [...this.lab.wrap, process.execPath, "-e", look];
        const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
        let text = "";
        child.stdout.setEncoding("utf8").on("data", (more: string) => {
            text += more;
        });
        return () => {
            child.kill();
            const looks = text.toLowerCase().split("\n");
            const most = this.hosts.map(({ name, address }) => {
                const open = looks.map((one) => one.split(`${hex(address)}:`).length - 1);
                return [name, Math.max(...open)] as const;
            });
            return { counts: looks.length - 1, most: Object.fromEntries(most) };
        };
    }

    /** Starts clients of 127.0.0.1; the answer ends them and says how they fared. */
    async load(port = 80): Promise<() => Promise<LoadResult>> {
        const clients = await Background.start(this.lab.namespace, "httpLoad.ts", [String(port)]);
        return async () => JSON.parse(await clients.end());
    }

    /** The network namespace of the clients, the engine and HAProxy. */
    get namespace(): string {
        return this.lab.namespace;
    }

    /** Sends a request to 127.0.0.1 that its client does not finish. @returns what ends its connection */
    hold(port = 80): () => Promise<void> {
        return holdRequest(this.lab.namespace, port);
    }

    /** The network namespace of a host; also the control group of its containers. */
    namespaceOf(host: string): string {
        return this.find(host).namespace;
    }

    private find(name: string): DockerHost {
        const host = this.lab.hosts.find((one) => one.name === name);
        if (host === undefined) {
            throw new Error(`there is no host ${name} among ${this.lab.hosts.map((one) => one.name).join(", ")}`);
        }
        return host;
    }
}

const commands: Record<Variant, (tag: string) => string> = {
    serves: (tag) =>
        `printf '<h1>${tag}</h1>\\n<p>Served by container %s on %s.</p>\\n' "$HOSTNAME" "$FUSION_HOST" ` +
        "> /usr/local/apache2/htdocs/index.html && exec httpd-foreground",
    silent: (tag) => `echo ${tag} listens; exec nc -ll -p 80 -e sleep 100000`,
    exits: (tag) => `echo "${tag}: no configuration in /etc/web.conf" >&2; exit 1`,
};

function reached({ name, address, sshKey, hostKey }: DockerHost): ReachedHost {
    return { name, address, ssh: { user: "root", privateKeyFile: sshKey, hostKey } };
}

async function output([program = "", ...args]: readonly string[]): Promise<string> {
    return (await run(program, args)).stdout.trim();
}
