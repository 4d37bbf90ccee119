import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { backendEnv } from "../../tools/engine/backend";
import { labConfig, labDir, labName } from "../../tools/farm/hypervisor";
import { stackName } from "../../tools/farm/stack";
import { joinPort, type Lab, labDown, labUp } from "../../tools/lab";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { TestStack, type TestStackOptions } from "./stack";

/** The example's program, as it stands in the repository. */
export const webfarmProgram = readFileSync(join(projectDir, "examples", "webfarm", "index.ts"), "utf8");

/** The example on a lab of its own, in a state of its own. */
export class Webfarm {
    private constructor(
        readonly lab: Lab,
        readonly stack: TestStack,
    ) {}

    /** @param name of the lab; a test's own, so that tests do not meet */
    static async create(
        name: string,
        program = webfarmProgram,
        typescript?: TestStackOptions["typescript"],
    ): Promise<Webfarm> {
        const lab = await labUp(name, mkdtempSync(join(tmpdir(), `fusion-${name}-`)));
        const options = { program, project: "webfarm", config: labConfig(lab), wrap: lab.wrap, typescript };
        return new Webfarm(lab, await TestStack.create(options));
    }

    /** The one that `npm start` has made in a checkout. Its stack is `npm stop`'s to remove, and so is the lab. */
    static async started(checkout: string): Promise<Webfarm> {
        const lab = await labUp(labName, join(checkout, relative(projectDir, labDir)));
        const main = join("examples", "webfarm", "index.ts");
        const { PULUMI_BACKEND_URL: _, ...env } = process.env;
        const stack = await TestStack.of(checkout, {
            ...{ name: stackName, main, wrap: lab.wrap },
            env: backendEnv(checkout, env),
        });
        return new Webfarm(lab, stack);
    }

    /** Takes everything away, whatever state it is in. */
    async dispose(): Promise<void> {
        // The lab takes all resources with it, so the state needs no destroying.
        rmSync(this.stack.dir, { recursive: true, force: true });
        await labDown(this.lab.name, this.lab.dir);
    }

    /** A URL on the machine's own loopback that leads to the balancer. */
    async url(): Promise<string> {
        return `http://127.0.0.1:${await joinPort(this.lab, { address: "127.0.0.1", port: 80 })}/`;
    }

    virsh(...args: string[]): Promise<string> {
        return run("virsh", ["--connect", this.lab.uri, ...args]).then(({ stdout }) => stdout.trim());
    }

    /** Runs a command on a guest and returns what it wrote. */
    async onGuest(address: string, command: string): Promise<string> {
        const [program = "", ...wrap] = this.lab.wrap;
        const trust = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
        const ssh = ["ssh", ...trust, "-i", this.lab.sshKey, `fusion@${address}`, command];
        return (await run(program, [...wrap, ...ssh])).stdout.trim();
    }
}

/** Who answered a request: the container and the machine that the page names, and its heading. */
export interface Answer {
    status: number;
    heading: string;
    container: string;
    vm: string;
}

/** One request over a new connection. */
export async function ask(url: string): Promise<Answer> {
    const response = await fetch(url, { headers: { connection: "close" }, signal: AbortSignal.timeout(20_000) });
    const text = await response.text();
    const [, container = "", vm = ""] = /Served by container (\S+) on (\S+)\./.exec(text) ?? [];
    return { status: response.status, heading: /<h1>(.*)<\/h1>/.exec(text)?.[1] ?? "", container, vm };
}

/** A number of requests, one after the other. */
export async function askTimes(url: string, times: number): Promise<Answer[]> {
    const answers: Answer[] = [];
    for (let i = 0; i < times; i++) {
        answers.push(await ask(url));
    }
    return answers;
}

/** Calls until it gives something, with a growing pause. @throws Error that says what was awaited */
export async function eventually<T>(what: string, seconds: number, look: () => Promise<T | undefined>): Promise<T> {
    const end = Date.now() + seconds * 1000;
    for (let pause = 100; ; pause = Math.min(pause * 1.5, 2000)) {
        const found = await look();
        if (found !== undefined) {
            return found;
        }
        if (Date.now() > end) {
            throw new Error(`${what}: not within ${seconds} s`);
        }
        await new Promise((resolve) => setTimeout(resolve, pause));
    }
}
