import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { deployScript, removeBalancerScript } from "../../lib/balancer/deployScript";
import {
    type KeepalivedPlace,
    keepalivedScript,
    oneHolderScript,
    removeKeepalivedScript,
    reviveKeepalivedScript,
} from "../../lib/balancer/keepalivedScripts";
import { socketPath } from "../../lib/balancer/places";
import { renderHaproxyConfig } from "../../lib/balancer/renderHaproxyConfig";
import { renderKeepalivedConfig } from "../../lib/balancer/renderKeepalivedConfig";
import { servedScript, standsByScript } from "../../lib/balancer/standbyScripts";
import { createNamespace, deleteNamespace } from "../../tools/lab/namespace";
import { type RunResult, run } from "../../tools/run";
import { Background, type LoadResult } from "./background";

const NETWORK = "10.98.7";
export const VIRTUAL = `${NETWORK}.10`;
/** Where the servers are: an address of its own, so that a balancer can lose its way to them alone. */
export const SERVERS = `${NETWORK}.2`;
/** The first balancer, and its standby. */
export const machines = ["a", "b"] as const;
export type Machine = (typeof machines)[number];
const addresses = { a: `${NETWORK}.11`, b: `${NETWORK}.12` };
/** The bridge's end of what connects a machine to it. */
const cable = (machine: Machine): string => `lb-${machine}`;
export const otherOf = (machine: Machine): Machine => (machine === "a" ? "b" : "a");

/** Three network namespaces with a bridge in one: clients and servers there, HAProxy and keepalived in each of the others. */
export class PairBench {
    readonly namespace = `fusion-test-pair-${process.pid}`;
    private readonly folder = `/run/fusion-test-pair-${process.pid}`;
    private readonly children = new Set<Background>();

    async open(): Promise<void> {
        await createNamespace(this.namespace);
        const ip = (...args: string[]) => run("ip", ["-n", this.namespace, ...args]);
        await ip("link", "add", "br0", "type", "bridge");
        for (const address of [`${NETWORK}.1/24`, `${SERVERS}/24`]) await ip("address", "add", address, "dev", "br0");
        await ip("link", "set", "br0", "up");
        for (const machine of machines) {
            await createNamespace(this.of(machine));
            await this.plugIn(machine);
        }
    }

    async close(): Promise<void> {
        for (const machine of machines) {
            for (const pid of await this.processes(machine)) kill(pid);
        }
        for (const child of this.children) await child.end("SIGKILL");
        for (const name of [...machines.map((machine) => this.of(machine)), this.namespace])
            await deleteNamespace(name);
        rmSync(this.folder, { recursive: true, force: true });
    }

    directory = (machine: Machine): string => `${this.folder}/${machine}`;

    place(machine: Machine): KeepalivedPlace {
        return {
            ...{ directory: this.directory(machine), owner: `test/stack/${machine}`, lockSeconds: 300 },
            ...{ unit: "fusion-haproxy-pair", argument: "lb.standby", address: VIRTUAL, port: "80" },
            ...{ own: addresses[machine], peer: addresses[otherOf(machine)] },
        };
    }

    /** @param ports of the servers */
    config(machine: Machine, ports: readonly number[]): string {
        return renderHaproxyConfig({
            ...{ socket: socketPath(this.directory(machine)), hardStopAfterSeconds: 20, nonlocalBinds: true },
            frontends: [{ name: "lb", bind: [`${VIRTUAL}:80`], defaultBackend: "web" }],
            backends: [
                {
                    name: "web",
                    healthCheck: { http: { path: "/" } },
                    servers: ports.map((port) => ({ name: `web-${port}`, address: SERVERS, port })),
                },
            ],
        });
    }

    deploy(machine: Machine, ports: readonly number[]): Promise<RunResult> {
        const text = deployScript(this.place(machine), 20, { backends: ["web"] }, 10);
        return this.script(machine, text, this.config(machine, ports));
    }

    /** @param delay seconds that it keeps out of it after its start */
    keepalived(machine: Machine, delay = machine === "b" ? 10 : 0): Promise<RunResult> {
        const { directory, own, peer } = this.place(machine);
        const config = renderKeepalivedConfig({
            ...{ name: "lb", directory, address: `${VIRTUAL}/24`, routerId: 51, own, peer, startupDelaySeconds: delay },
        });
        return this.script(machine, keepalivedScript(this.place(machine), machine === "a"), config);
    }

    oneHolder = (told: string): Promise<RunResult> => this.script("b", oneHolderScript(this.place("b")), told);

    /** The check of the standby before the first is changed, as the component does it. */
    async standsBy(mayLack = false): Promise<RunResult> {
        const served = await this.script("a", this.served("a"));
        return await this.script("b", standsByScript(this.place("b"), mayLack), served.stdout);
    }

    served = (machine: Machine): string => servedScript(this.place(machine));
    revive = (machine: Machine): string => reviveKeepalivedScript(this.place(machine));

    async remove(machine: Machine): Promise<void> {
        for (const text of [removeKeepalivedScript(this.place(machine)), removeBalancerScript(this.place(machine))]) {
            const { code, stderr } = await this.script(machine, text);
            assert.equal(code, 0, stderr);
        }
    }

    script(machine: Machine, text: string, input?: string): Promise<RunResult> {
        const options = { allowFailure: true, timeout: 120_000, ...(input !== undefined && { input }) };
        return run("ip", ["netns", "exec", this.of(machine), "sh", "-c", text], options);
    }

    /** The process of HAProxy or keepalived that has started the others. */
    pid = (machine: Machine, program: "haproxy" | "keepalived"): number =>
        Number(readFileSync(`${this.directory(machine)}/${program}.pid`, "utf8").split("\n")[0]);

    /** Power loss: nothing says goodbye, and what was in memory, addresses too, is gone. */
    async powerOff(machine: Machine): Promise<void> {
        await run("ip", ["-n", this.namespace, "link", "delete", cable(machine)]);
        for (const pid of await this.processes(machine)) kill(pid);
    }

    async plugIn(machine: Machine): Promise<void> {
        const inside = ["-n", this.of(machine)];
        const peer = ["type", "veth", "peer", "name", "eth0", "netns", this.of(machine)];
        await run("ip", ["link", "add", cable(machine), "netns", this.namespace, ...peer]);
        await run("ip", ["-n", this.namespace, "link", "set", cable(machine), "master", "br0", "up"]);
        await run("ip", [...inside, "address", "add", `${addresses[machine]}/24`, "dev", "eth0"]);
        await run("ip", [...inside, "link", "set", "eth0", "up"]);
    }

    /** Whether a balancer has a way to the servers. */
    way(machine: Machine, is: "lost" | "back"): Promise<RunResult> {
        const change = ["route", is === "lost" ? "add" : "delete", "blackhole", `${SERVERS}/32`];
        return run("ip", ["-n", this.of(machine), ...change]);
    }

    /** The machines that have the virtual address. */
    async holders(): Promise<Machine[]> {
        const found = machines.map(async (machine) => {
            const look = ["-n", this.of(machine), "-o", "address", "show", "to", VIRTUAL];
            return (await run("ip", look, { allowFailure: true })).stdout.trim() === "" ? [] : [machine];
        });
        return (await Promise.all(found)).flat();
    }

    /** Looks every 20 ms until a machine, and no other that has power, has the address. @returns when, in ms since 1970 */
    async holds(machine: Machine, seconds: number): Promise<number> {
        for (const end = Date.now() + seconds * 1000; ; await pause(20)) {
            const holders = await this.holders();
            if (holders.length === 1 && holders[0] === machine) return Date.now();
            assert.ok(Date.now() < end, `after ${seconds} s ${holders.join(" and ") || "nobody"} has ${VIRTUAL}`);
        }
    }

    /** Starts servers at these ports; the answer stops them. */
    async serve(...ports: number[]): Promise<() => Promise<void>> {
        const child = await this.start(
            "httpServers.ts",
            ports.map((port) => `${SERVERS}:${port}`),
        );
        return async () => {
            await child.end();
            this.children.delete(child);
        };
    }

    /** Starts clients of the virtual address; the answer ends them, once they have sent so many requests, and says how they fared. */
    async load(least = 0): Promise<() => Promise<LoadResult>> {
        const child = await this.start("httpLoad.ts", [`${VIRTUAL}:80`, "busy", String(least)]);
        return async () => {
            const output = await child.end();
            this.children.delete(child);
            return JSON.parse(output);
        };
    }

    /** The status that the virtual address answers with; 000 for none. */
    async status(): Promise<string> {
        const curl = ["curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "5", `http://${VIRTUAL}/`];
        return (await run("ip", ["netns", "exec", this.namespace, ...curl], { allowFailure: true })).stdout;
    }

    isProgram = (pid: number, name: string): boolean => readFileSync(`/proc/${pid}/comm`, "utf8").trim() === name;

    async processes(machine: Machine): Promise<number[]> {
        const { stdout } = await run("ip", ["netns", "pids", this.of(machine)], { allowFailure: true });
        return stdout.split("\n").filter(Boolean).map(Number);
    }

    private of = (machine: Machine): string => `${this.namespace}-${machine}`;

    private async start(program: string, args: readonly string[]): Promise<Background> {
        const child = await Background.start(this.namespace, program, args);
        this.children.add(child);
        return child;
    }
}

function kill(pid: number): void {
    try {
        process.kill(pid, "SIGKILL");
    } catch {
        // It ended with another.
    }
}
