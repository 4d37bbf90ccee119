import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { HaproxySpec } from "../lib/balancer/haproxySpec";
import { renderHaproxyConfig } from "../lib/balancer/renderHaproxyConfig";
import { type Benchmark, median, rounded, timed } from "./figure";

const SERVERS = 10_000;

/** The text for 10,000 servers in one backend, and how long HAProxy takes to check it. */
export const haproxy: Benchmark = () => {
    const { result: text, ms } = timed(3, () => renderHaproxyConfig(spec()));
    const runs = ms.map((time) => rounded(time));
    const checks = check(text).map((time) => rounded(time / 1000, 2));
    const size = { servers: SERVERS, bytes: Buffer.byteLength(text) };
    return [
        { bench: "haproxy.render", value: median(runs), unit: "ms", ...size, runs },
        { bench: "haproxy.check", value: median(checks), unit: "s", ...size, haproxy: version(), runs: checks },
    ];
};

function spec(): HaproxySpec {
    return {
        frontends: [{ name: "http", bind: ["*:80"], defaultBackend: "web" }],
        backends: [
            {
                name: "web",
                healthCheck: { http: { path: "/" } },
                servers: Array.from({ length: SERVERS }, (_, i) => ({
                    name: `web-${i}`,
                    address: `10.77.${i >> 8}.${i & 255}`,
                    port: 20_000,
                })),
            },
        ],
    };
}

/** Runs `haproxy -c` on the text. @returns milliseconds of each run */
function check(text: string): number[] {
    const dir = mkdtempSync(join(tmpdir(), "fusion-bench-"));
    try {
        const file = join(dir, "haproxy.cfg");
        writeFileSync(file, text);
        return timed(3, () => program(["-dW", "-c", "-f", file])).ms;
    } finally {
        rmSync(dir, { recursive: true, force: true });
    }
}

const version = (): string => /version (\S+)/.exec(program(["-v"]))?.[1] ?? "unknown";

function program(args: readonly string[]): string {
    // Debian has it where a plain user's PATH does not look.
    const PATH = [process.env.PATH, "/usr/local/sbin", "/usr/sbin"].join(delimiter);
    try {
        return execFileSync("haproxy", args, { encoding: "utf8", env: { ...process.env, PATH }, stdio: "pipe" });
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") {
            throw new Error("this benchmark runs haproxy, which is missing; install the package haproxy");
        }
        throw error;
    }
}
