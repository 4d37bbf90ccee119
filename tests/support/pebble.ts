import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../tools/run";
import { eventually } from "./webfarm";

const ADDRESS = "10.99.99.14";

interface PebbleOptions {
    names: readonly string[];
    /** The address that names lead to, from which it asks too, and the port that it asks. */
    at: readonly [address: string, port: number];
    /** How long its certificates are valid. @default 90 */
    days?: number;
}

/**
 * Pebble, Let's Encrypt's own ACME server for tests, in a network namespace, with names that lead to an
 * address there. It proves names by asking another port than 80.
 */
export class Pebble {
    readonly url = `https://${ADDRESS}:14000/dir`;

    private constructor(
        private readonly namespace: string,
        private readonly folder: string,
        private readonly child: ChildProcess,
    ) {}

    static async start(namespace: string, { names, at, days = 90 }: PebbleOptions): Promise<Pebble> {
        const [address, port] = at;
        const folder = mkdtempSync(join(tmpdir(), "fusion-pebble-"));
        mkdirSync(`/etc/netns/${namespace}`, { recursive: true });
        writeFileSync(`/etc/netns/${namespace}/hosts`, names.map((name) => `${address} ${name}\n`).join(""));
        const [certificate, privateKey] = [join(folder, "own.crt"), join(folder, "own.key")];
        const own = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=pebble"];
        const out = ["-addext", `subjectAltName=IP:${ADDRESS}`, "-keyout", privateKey, "-out", certificate];
        await run("openssl", ["req", "-x509", ...own, ...out]);
        const listen = { listenAddress: `${ADDRESS}:14000`, managementListenAddress: "127.0.0.1:15000" };
        const settings = { httpPort: port, tlsPort: 8443, certificateValidityPeriod: days * 86_400 };
        writeFileSync(
            join(folder, "config.json"),
            JSON.stringify({ pebble: { ...listen, ...settings, certificate, privateKey } }),
        );
        await run("ip", ["-n", namespace, "address", "add", `${ADDRESS}/32`, "dev", "lo"]);
        const argv = ["netns", "exec", namespace, "pebble", "-config", join(folder, "config.json")];
        const env = { ...process.env, PEBBLE_VA_NOSLEEP: "1" };
        const pebble = new Pebble(namespace, folder, spawn("ip", argv, { env, stdio: "ignore" }));
        await eventually("Pebble answers", 20, async () => (await pebble.root().catch(() => "")) || undefined);
        return pebble;
    }

    /** PEM: the authority of Pebble's own certificate. */
    get authority(): string {
        return readFileSync(join(this.folder, "own.crt"), "utf8");
    }

    /** PEM: the root of the certificates that it gives. */
    async root(): Promise<string> {
        const argv = ["exec", this.namespace, "curl", "-sSfk", "https://127.0.0.1:15000/roots/0"];
        return (await run("ip", ["netns", ...argv])).stdout;
    }

    /** Has nobody reach it, or everybody again. */
    async reachable(is: boolean): Promise<void> {
        await run("ip", ["-n", this.namespace, "address", is ? "add" : "delete", `${ADDRESS}/32`, "dev", "lo"]);
    }

    async close(): Promise<void> {
        this.child.kill();
        if (this.child.exitCode === null && this.child.signalCode === null) {
            await new Promise((resolve) => this.child.once("exit", resolve));
        }
        rmSync(this.folder, { recursive: true, force: true });
        rmSync(`/etc/netns/${this.namespace}`, { recursive: true, force: true });
    }
}
