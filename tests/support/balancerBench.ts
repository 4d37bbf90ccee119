import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { deployScript, removeBalancerScript } from "../../lib/balancer/deployScript";
import { socketPath } from "../../lib/balancer/places";
import { renderHaproxyConfig } from "../../lib/balancer/renderHaproxyConfig";
import { createNamespace, deleteNamespace } from "../../tools/lab/namespace";
import { type RunResult, run } from "../../tools/run";
import { Background, type LoadResult } from "./background";

/** A network namespace of its own, with HAProxy's directory, real HTTP servers and real clients in it. */
export class BalancerBench {
    readonly namespace = `fusion-test-lb-${process.pid}`;
    readonly directory = `/run/fusion-test-${process.pid}/lb`;
    readonly place = { directory: this.directory, owner: "test/stack/lb", unit: "fusion-test-lb", lockSeconds: 300 };
    /** The backends of which each server has a command that puts it back. */
    inTurn: readonly string[] = [];
    private readonly children = new Set<Background>();

    open(): Promise<void> {
        return createNamespace(this.namespace, "10.99.99.1");
    }

    /** Takes everything away, in whatever state it is. */
    async close(): Promise<void> {
        await this.remove();
        for (const child of this.children) {
            await child.end("SIGKILL");
        }
        rmSync(join(this.directory, ".."), { recursive: true, force: true });
        await deleteNamespace(this.namespace);
    }

    /** A configuration that listens on `binds` and sends to servers on these ports, of 127.0.0.1 or of another address. */
    config(servers: readonly (number | `${string}:${number}`)[], binds: readonly number[] = [8080]): string {
        return renderHaproxyConfig({
            socket: socketPath(this.directory),
            hardStopAfterSeconds: 20,
            frontends: [{ name: "lb", bind: binds.map((port) => `127.0.0.1:${port}`), defaultBackend: "web" }],
            backends: [
                {
                    name: "web",
                    healthCheck: { http: { path: "/" } },
                    servers: servers.map((server) => {
                        const [port = "", address = "127.0.0.1"] = String(server).split(":").reverse();
                        return { name: `web-${port}`, address, port: Number(port) };
                    }),
                },
            ],
        });
    }

    /** @param change what is done to the script's text before it runs */
    deploy(config: string, change = (script: string) => script): Promise<RunResult> {
        const script = change(deployScript(this.place, 20, { backends: ["web"], inTurn: this.inTurn }, 10));
        return this.inside(["sh", "-c", script], config);
    }

    remove(): Promise<RunResult> {
        return this.inside(["sh", "-c", removeBalancerScript(this.place)]);
    }

    /** Runs a program in the namespace. */
    inside(argv: readonly string[], input?: string): Promise<RunResult> {
        const options = { allowFailure: true, timeout: 180_000, ...(input !== undefined && { input }) };
        return run("ip", ["netns", "exec", this.namespace, ...argv], options);
    }

    /** Starts servers on these ports of 127.0.0.1, or on ADDRESS:PORT; the answer stops them. */
    async serve(...ports: (number | string)[]): Promise<() => Promise<void>> {
        const child = await this.start("httpServers.ts", ports.map(String));
        return async () => {
            await child.end();
            this.children.delete(child);
        };
    }

    /** Starts clients of the balancer; the answer ends them and says how they fared. */
    async load(port = 8080, ...how: "tls"[]): Promise<() => Promise<LoadResult>> {
        const child = await this.start("httpLoad.ts", [String(port), ...how]);
        return async () => {
            const output = await child.end();
            this.children.delete(child);
            return JSON.parse(output);
        };
    }

    /** What answers at a port, a request each on a connection of its own. */
    async ask(times: number, port = 8080): Promise<string[]> {
        const url = `http://127.0.0.1:${port}/`;
        const answers: string[] = [];
        for (let i = 0; i < times; i++) {
            const { stdout, stderr } = await this.inside(["curl", "--silent", "--show-error", "--max-time", "10", url]);
            answers.push(stdout.trim() || stderr.trim());
        }
        return answers;
    }

    /** Waits until HAProxy says that it runs this configuration. */
    async runs(config: string): Promise<void> {
        const want = hashOf(config);
        const end = Date.now() + 20_000;
        for (let found = ""; found !== want; await pause(100)) {
            found = /^description: (.*)$/im.exec(await this.socket("admin", "show info"))?.[1] ?? "";
            assert.ok(found === want || Date.now() < end, `HAProxy runs ${found}, not ${want}`);
        }
    }

    /** The master's own line in `show proc`: its id, how often it has reloaded. */
    async master(): Promise<{ pid: number; reloads: number }> {
        const [, pid, reloads] = /^(\d+)\s+master\s+(\d+)/m.exec(await this.socket("master", "show proc")) ?? [];
        return { pid: Number(pid), reloads: Number(reloads) };
    }

    async socket(name: "admin" | "master", command: string): Promise<string> {
        const address = `UNIX-CONNECT:${this.directory}/${name}.sock`;
        return (await run("socat", ["-t", "5", "-", address], { input: `${command}\n`, allowFailure: true })).stdout;
    }

    /** The processes in the namespace, HAProxy's or all. */
    async processes(): Promise<number[]> {
        const { stdout } = await run("ip", ["netns", "pids", this.namespace]);
        return stdout.split("\n").filter(Boolean).map(Number);
    }

    private async start(program: string, args: readonly string[]): Promise<Background> {
        const child = await Background.start(this.namespace, program, args);
        this.children.add(child);
        return child;
    }
}

export const hashOf = (config: string): string => /description "(fusion-[0-9a-f]+)"/.exec(config)?.[1] ?? "";
