import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { deployScript, removeBalancerScript } from "../../lib/balancer/deployScript";
import type { HaproxySpec } from "../../lib/balancer/haproxySpec";
import { socketPath } from "../../lib/balancer/places";
import { renderHaproxyConfig } from "../../lib/balancer/renderHaproxyConfig";
import { createNamespace, deleteNamespace } from "../../tools/lab/namespace";
import { type RunResult, run } from "../../tools/run";
import { Background, type LoadResult } from "./background";
import { holdRequest } from "./heldRequest";
import { Load, type LoadPlan } from "./load";

/** A network namespace of its own, with HAProxy's directory, real HTTP servers and real clients in it. */
export class BalancerBench {
    readonly namespace = `fusion-test-lb-${process.pid}`;
    readonly directory = `/run/fusion-test-${process.pid}/lb`;
    readonly place = { directory: this.directory, owner: "test/stack/lb", unit: "fusion-test-lb", lockSeconds: 300 };
    /** The backends of which each server has a command that puts it back. */
    inTurn: readonly string[] = [];
    /** The folder of the `haproxy` that deployments run. @default that of the PATH */
    haproxy: string | undefined;
    private readonly children = new Set<Background>();
    /** Servers add a line for each POST that they have done. */
    private get posts(): string {
        return join(dirname(this.directory), "posts");
    }

    async open(): Promise<void> {
        mkdirSync(dirname(this.posts), { recursive: true });
        await createNamespace(this.namespace, "10.99.99.1");
    }

    /** Takes everything away, in whatever state it is. */
    async close(): Promise<void> {
        await this.remove();
        for (const child of this.children) {
            await child.end("SIGKILL");
        }
        rmSync(dirname(this.posts), { recursive: true, force: true });
        await deleteNamespace(this.namespace);
    }

    /**
     * A configuration that listens on `binds` and sends to servers on these ports, of 127.0.0.1 or of another address.
     *
     * @param more what replaces that, or is said beside it
     * @param lines of the backend
     */
    config(
        servers: readonly (number | `${string}:${number}`)[],
        binds: readonly number[] = [8080],
        more: Partial<HaproxySpec> = {},
        lines: readonly string[] = [],
    ): string {
        return renderHaproxyConfig({
            socket: socketPath(this.directory),
            hardStopAfterSeconds: 20,
            frontends: [{ name: "lb", bind: binds.map((port) => `127.0.0.1:${port}`), defaultBackend: "web" }],
            backends: [
                {
                    name: "web",
                    healthCheck: { http: { path: "/" } },
                    lines,
                    servers: servers.map((server) => {
                        const [port = "", address = "127.0.0.1"] = String(server).split(":").reverse();
                        return { name: `web-${port}`, address, port: Number(port) };
                    }),
                },
            ],
            ...more,
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
        const PATH = [...(this.haproxy === undefined ? [] : [this.haproxy]), process.env.PATH].join(delimiter);
        const env = { ...process.env, PATH };
        const options = { allowFailure: true, timeout: 180_000, env, ...(input !== undefined && { input }) };
        return run("ip", ["netns", "exec", this.namespace, ...argv], options);
    }

    /** Starts servers on these ports of 127.0.0.1, or on ADDRESS:PORT, in one process. */
    server(...ports: (number | string)[]): Promise<Background> {
        return this.start("httpServers.ts", ports.map(String), { POSTS: this.posts });
    }

    /** Starts servers as `server` does; the answer stops them. */
    async serve(...ports: (number | string)[]): Promise<() => Promise<void>> {
        const child = await this.server(...ports);
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

    /** Starts clients that go on from one case to the next. */
    async clients(plan: LoadPlan): Promise<Load> {
        const load = await Load.start(this.namespace, plan);
        this.children.add(load.clients);
        return load;
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

    /** The servers' states as HAProxy sees them, by name: UP, DOWN, MAINT... */
    async states(): Promise<Record<string, string>> {
        const lines = (await this.socket("admin", "show stat")).split("\n").map((line) => line.split(","));
        const servers = lines.filter(([, name = ""]) => /^(?!BACKEND|FRONTEND|svname)./.test(name));
        // "UP 1/3" after a reload: up, and not yet looked at often enough to say so.
        return Object.fromEntries(servers.map((fields) => [fields[1], fields[17]?.split(" ")[0] ?? ""]));
    }

    /** Sends a request that its client does not finish. @returns what ends its connection */
    hold(port = 8080): () => Promise<void> {
        return holdRequest(this.namespace, port);
    }

    /** Waits until a server has so many requests. */
    async holds(server: string, requests: number): Promise<void> {
        const end = Date.now() + 10_000;
        for (let found = -1; found !== requests; await pause(50)) {
            const lines = (await this.socket("admin", "show stat")).split("\n").map((line) => line.split(","));
            found = Number(lines.find(([, name]) => name === server)?.[4]);
            assert.ok(found === requests || Date.now() < end, `${server} has ${found} requests, not ${requests}`);
        }
    }

    /** Waits until HAProxy sees a server so. @returns how long that took, in milliseconds */
    async sees(server: string, state: string, seconds = 20): Promise<number> {
        const begin = Date.now();
        for (let found = ""; found !== state; await pause(20)) {
            found = (await this.states())[server] ?? "";
            assert.ok(found === state || Date.now() - begin < seconds * 1000, `HAProxy sees ${server} ${found}`);
        }
        return Date.now() - begin;
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

    /** What was done more than once of what `Load` has posted. */
    doneTwice(): string[] {
        const done = readFileSync(this.posts, "utf8").split("\n").filter(Boolean);
        const seen = new Set<string>();
        return done.filter((post) => seen.size === seen.add(post).size);
    }

    private async start(
        program: string,
        args: readonly string[],
        env: Readonly<Record<string, string>> = {},
    ): Promise<Background> {
        const child = await Background.start(this.namespace, program, args, env);
        this.children.add(child);
        return child;
    }
}

export const hashOf = (config: string): string => /description "(fusion-[0-9a-f]+)"/.exec(config)?.[1] ?? "";

/** A script with a line's beginning replaced, or more before it; the line must be there. */
export function instead(script: string, line: string, other: string): string {
    assert.ok(script.includes(`\n${line}`), `the script has no line that begins with ${line}`);
    return script.replace(`\n${line}`, () => `\n${other}`);
}

export const insertBefore = (script: string, line: string, more: string): string =>
    instead(script, line, `${more}\n${line}`);
