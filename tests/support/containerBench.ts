import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployScript } from "../../lib/balancer/deployScript";
import { DockerLab } from "../../tools/lab/docker-lab";
import { haproxyImage } from "../../tools/lab/haproxy-image";
import type { OciImage } from "../../tools/lab/httpd-image";
import { shortHash } from "../../tools/lab/lock";
import { namespaceName } from "../../tools/lab/namespace";
import { writeVariant } from "../../tools/lab/oci";
import { pushImage } from "../../tools/lab/registry";
import { projectDir } from "../../tools/paths";
import { type RunResult, run } from "../../tools/run";
import { BalancerBench } from "./balancerBench";

const LAB = "test-box";
const DIR = join(tmpdir(), `fusion-${LAB}-${shortHash(projectDir, 6)}`);

/** A bench whose machine has Docker, and images of HAProxy in a registry that it reaches. */
export class ContainerBench extends BalancerBench {
    override readonly namespace = `${namespaceName(LAB, DIR)}-h1`;
    override readonly directory = join(DIR, "balancers", "lb");
    override readonly place = {
        directory: this.directory,
        owner: "test/stack/lb",
        unit: "fusion-haproxy-test",
        lockSeconds: 300,
    };
    /** What the container is of; undefined: HAProxy is the machine's own program. */
    image: string | undefined;
    private lab: DockerLab | undefined;
    private built: OciImage | undefined;

    override async open(): Promise<void> {
        this.lab = await DockerLab.up(LAB, DIR, 1);
        mkdirSync(join(DIR, "balancers"));
        this.built = await haproxyImage(join(DIR, "haproxy"));
    }

    override async close(): Promise<void> {
        try {
            await super.close();
        } finally {
            await this.lab?.down();
        }
    }

    /** Pushes an image of its own digest. @returns its reference */
    async push(tag: string): Promise<string> {
        const { lab, built } = this;
        if (lab === undefined || built === undefined) {
            throw new Error("the bench is not open");
        }
        const layout = join(DIR, "images", tag);
        const digest = await writeVariant(built.layout, layout, { Labels: { tag } });
        return pushImage(lab.wrap, "haproxy", { layout, digest }, { tag });
    }

    override deploy(config: string, change = (script: string) => script): Promise<RunResult> {
        const { inTurn, image } = this;
        return this.inside(
            ["sh", "-c", change(deployScript(this.place, 20, { backends: ["web"], inTurn, image }, 10))],
            config,
        );
    }

    /** Runs a program on the machine. */
    override inside(argv: readonly string[], input?: string): Promise<RunResult> {
        const [nsenter = "nsenter", ...wrap] = this.lab?.hosts[0]?.wrap ?? [];
        const options = { allowFailure: true, timeout: 180_000, ...(input !== undefined && { input }) };
        return run(nsenter, [...wrap, ...argv], options);
    }

    /** What Docker's command line writes on the machine. */
    async docker(...argv: string[]): Promise<string> {
        const { stdout, stderr } = await this.inside(["docker", ...argv]);
        return stdout.trim() || stderr.trim();
    }
}
