import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import { json } from "node:stream/consumers";

const digest = (text: string) => createHash("sha256").update(text).digest("hex");

/** One of Docker for all hosts, with an `ssh` that leads to it: enough of both for the state of many containers, which never run. */
export class DockerStandIn {
    /** The folder of `ssh`, to stand first on the PATH. */
    readonly bin: string;
    private readonly server: Server;
    /** By id. */
    private readonly containers = new Map<string, object>();

    private constructor(
        dir: string,
        private readonly image: string,
    ) {
        this.bin = join(dir, "bin");
        const socket = join(dir, "docker.sock");
        mkdirSync(this.bin, { recursive: true });
        const connect = `const s = require("net").connect("${socket}"); process.stdin.pipe(s); s.pipe(process.stdout);`;
        writeFileSync(
            join(this.bin, "ssh"),
            `#!/bin/sh\ncase "$*" in *dial-stdio*) exec '${process.execPath}' -e '${connect}' ;; esac\n`,
        );
        chmodSync(join(this.bin, "ssh"), 0o755);
        this.server = createServer(async (request, response) => {
            const [code, answer] = await this.answer(request);
            response.writeHead(code, { "Content-Type": "application/json", "Api-Version": "1.43" });
            response.end(answer === undefined ? undefined : JSON.stringify(answer));
        });
        this.server.listen(socket);
    }

    /** @param image the one that every host has */
    static async start(dir: string, image: string): Promise<DockerStandIn> {
        const made = new DockerStandIn(dir, image);
        await new Promise((resolve) => made.server.once("listening", resolve));
        return made;
    }

    stop(): void {
        this.server.close();
        this.server.closeAllConnections();
    }

    private async answer(request: IncomingMessage): Promise<[number, unknown?]> {
        const { pathname, searchParams } = new URL(request.url ?? "/", "http://docker");
        const path = pathname.replace(/^\/v[\d.]+/, "");
        const [, id = "", verb] = /^\/containers\/([^/]+)\/(\w+)$/.exec(path) ?? [];
        if (path === "/_ping") return [200, {}];
        const image = { Id: `sha256:${digest(this.image)}`, RepoDigests: [this.image] };
        if (path.startsWith("/images/")) return [200, path === "/images/json" ? [image] : image];
        if (path === "/containers/create") {
            return [201, this.create(searchParams.get("name") ?? "", await json(request))];
        }
        if (path === "/containers/json") return [200, [...this.containers.keys()].map((known) => ({ Id: known }))];
        if (verb === "json") return this.containers.has(id) ? [200, this.containers.get(id)] : [404, {}];
        return [204];
    }

    /** What is created runs. */
    private create(name: string, wanted: unknown): { Id: string; Warnings: string[] } {
        const { HostConfig, NetworkingConfig: _, ...Config } = Object(wanted);
        const Id = digest(name);
        const State = { Status: "running", Running: true, Pid: 1, StartedAt: "2026-01-01T00:00:00Z" };
        const Ports: unknown = HostConfig.PortBindings;
        const NetworkSettings = { Ports, Networks: { bridge: { IPAddress: "172.17.0.2", Gateway: "172.17.0.1" } } };
        this.containers.set(Id, {
            ...{ Id, Name: `/${name}`, Created: State.StartedAt, Path: "httpd-foreground", Args: [] },
            ...{ Image: `sha256:${digest(this.image)}`, State, Config, HostConfig, NetworkSettings },
        });
        return { Id, Warnings: [] };
    }
}
