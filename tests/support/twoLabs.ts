import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, type LabEnd, labDown, labUp, linkLabs, remoteUri } from "../../tools/lab";
import { namespaceFile } from "../../tools/lab/namespace";
import { labProcesses, sharedConnections } from "../../tools/lab/processes";
import { run } from "../../tools/run";
import { TestStack } from "./stack";

/** Two hypervisors: pulumi runs on the first and reaches the second over ssh, through a cable between the two labs. */
export class TwoLabs {
    private constructor(
        readonly labs: readonly [Lab, Lab],
        readonly end: LabEnd,
        readonly stack: TestStack,
    ) {}

    /** @param program is told of the labs in its configuration: `labs`, and the secret `key` for the second one's machines */
    static async create(name: string, program: string): Promise<TwoLabs> {
        const up = (which: string) =>
            labUp(`${name}-${which}`, mkdtempSync(join(tmpdir(), `fusion-${name}-${which}-`)));
        const labs: [Lab, Lab] = [await up("a"), await up("b")];
        try {
            return await TwoLabs.over(labs, program);
        } catch (error) {
            await downAll(labs);
            throw error;
        }
    }

    private static async over(labs: readonly [Lab, Lab], program: string): Promise<TwoLabs> {
        const [end, far] = await linkLabs(...labs);
        const told = labs.map((lab, index) => ({
            uri: index === 0 ? lab.uri : remoteUri(lab, far.address),
            domainType: lab.domainType,
            poolPath: join(lab.poolPath, "rack"),
            image: lab.image,
            httpd: lab.httpd,
            sshKey: lab.sshKey,
        }));
        const config = { labs: JSON.stringify(told) };
        const stack = await TestStack.create({ program, config, wrap: labs[0].wrap });
        // The first line keeps the key from being read as options.
        await stack.pulumi(["config", "set", "--secret", "key", `\n${readFileSync(labs[1].sshKey, "utf8")}`]);
        return new TwoLabs(labs, end, stack);
    }

    async dispose(): Promise<void> {
        rmSync(this.stack.dir, { recursive: true, force: true });
        await downAll(this.labs);
    }

    /** Runs a program in the network of one of the labs and returns what it wrote. */
    async inside(lab: Lab, ...argv: string[]): Promise<string> {
        const [ip = "ip", ...wrap] = lab.wrap;
        return (await run(ip, [...wrap, ...argv])).stdout.trim();
    }

    /** Bytes that have gone over the cable, both ways together. */
    async bytes(): Promise<number> {
        const link = JSON.parse(await this.inside(this.labs[0], "ip", "-s", "-j", "link", "show", this.end.device));
        const { rx, tx } = link[0].stats64;
        return rx.bytes + tx.bytes;
    }

    /** TCP connections that pulumi's side has open to an address's sshd. */
    async sshConnections(address: string): Promise<number> {
        const filter = ["state", "established", "dst", address, "dport", "=", ":22"];
        return (await this.inside(this.labs[0], "ss", "-Htn", ...filter)).split("\n").filter(Boolean).length;
    }

    /** Ends the connections that clients have left open for each other. */
    forgetConnections(): void {
        const [lab] = this.labs;
        for (const pid of labProcesses(lab.dir, namespaceFile(lab.namespace))) {
            if (sharedConnections([pid]).length > 0) process.kill(pid, "SIGTERM");
        }
    }

    virsh(lab: Lab, ...args: string[]): Promise<string> {
        return run("virsh", ["--connect", lab.uri, ...args]).then(({ stdout }) => stdout.trim());
    }
}

async function downAll(labs: readonly Lab[]): Promise<void> {
    for (const lab of labs) {
        await labDown(lab.name, lab.dir);
    }
}

/** Calls `look` again and again while `work` is done; the work's result, and the most that was seen. */
export async function mostDuring<T>(look: () => Promise<number>, work: Promise<T>): Promise<[T, number]> {
    let most = 0;
    let done = false;
    const watch = (async () => {
        while (!done) {
            most = Math.max(most, await look());
            await new Promise((resolve) => setTimeout(resolve, 50));
        }
    })();
    try {
        return [await work, most];
    } finally {
        done = true;
        await watch;
    }
}
