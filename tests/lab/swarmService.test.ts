import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type LoadResult, loadWords } from "../support/background";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";
import type { EngineResult } from "../support/stack";
import { eventually } from "../support/webfarm";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const { file, ...args } = JSON.parse(readFileSync("args.json", "utf8"));
const swarm = new fusion.FusionSwarm("farm", { hosts: config.requireObject<fusion.ExistingHost[]>("hosts") });
const web = new fusion.FusionContainerSet("web", {
    hosts: swarm, replicas: 2, ports: [{ container: 80 }], healthCheck: { http: {}, timeoutSeconds: 30 },
    stopSignal: "SIGWINCH", update: { parallelism: 1 }, swarm: { monitorSeconds: 2 },
    files: { "/etc/web.conf": pulumi.secret(file) }, ...args,
});
new fusion.FusionBalancer("lb", { listen: 80, backends: [web], directory: config.require("balancerDirectory") });
export const { endpoints } = web;
`;

describe("a container set on a swarm", () => {
    let farm: DockerHosts;
    let images: string[];

    before(async () => {
        farm = await DockerHosts.create("swarm-service", { hosts: 3, program });
        images = [await farm.image("v1"), await farm.image("v2"), await farm.image("v3", { variant: "exits" })];
    });
    after(() => farm?.dispose());

    const set = (image: number, file: string, more: object = {}) =>
        writeFileSync(join(farm.stack.dir, "args.json"), JSON.stringify({ image: images[image], file, ...more }));

    async function up(ok = true): Promise<EngineResult> {
        const started = Date.now();
        const result = await farm.stack.up();
        console.log(`      up in ${((Date.now() - started) / 1000).toFixed(1)} s`);
        assert.equal(result.ok, ok, result.text);
        return result;
    }

    /** `up` under load, with which not one request may fail. */
    async function upUnderLoad(ok = true): Promise<EngineResult> {
        const finish = await farm.load();
        const result = await up(ok).catch(async (error) => {
            await finish();
            throw error;
        });
        const load: LoadResult = await finish();
        console.log(`      ${loadWords(load)}`);
        assert.deepEqual(load.failures.slice(0, 5), []);
        assert.ok(load.sent > 200, `only ${load.sent} requests were sent`);
        return result;
    }

    async function assertUnchanged(): Promise<void> {
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), [], preview.text);
    }

    /** Who answers several requests: tag and host, each once. */
    async function answering(): Promise<string[]> {
        const pages: string[] = [];
        for (let asked = 0; asked < 6; asked++) {
            const page = await farm.inside("curl", "--silent", "--max-time", "10", "http://127.0.0.1/").catch(String);
            pages.push(/<h1>(.*)<\/h1>\s.* on (\S+)\./.exec(page)?.slice(1).join(" ") ?? page);
        }
        return [...new Set(pages)].sort();
    }
    const secrets = async () => (await farm.docker("h1", "secret", "ls", "--format", "{{.Name}}")).split("\n");
    /** The hosts whose tasks are to run. */
    const running = async (asked: string) =>
        (await farm.docker(asked, "service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}}", "web"))
            .split("\n")
            .sort();

    it("serves behind a balancer that finds its tasks, and shows no difference in a second preview", async () => {
        set(0, "content alpha");
        await up();
        const where = await running("h1");
        assert.equal(where.length, 2);
        assert.deepEqual(
            await answering(),
            where.map((host) => `v1 ${host}`),
        );
        const file = await Promise.all(
            where.map((host) => farm.onHost(host, "docker exec $(docker ps -q) sh -c 'cat /etc/web.conf'")),
        );
        assert.deepEqual(file, ["content alpha", "content alpha"]);
        await assertUnchanged();
    });

    it("rolls to another image without a failed request, and says so before", async () => {
        set(1, "content alpha");
        const { text } = await upUnderLoad();
        assert.match(
            text,
            /web replaces 2 of 2 replicas, 1 at a time; each new task is healthy before an old one stops/,
        );
        assert.match(text, /no more requests before they stop: web-h\d/);
        assert.deepEqual(
            await answering(),
            (await running("h1")).map((host) => `v2 ${host}`),
        );
    });

    it("goes back from an image that does not run, without a failed request, and says which task failed", async () => {
        set(2, "content beta");
        const { text } = await upUnderLoad(false);
        assert.match(text, /web: the update has failed, and Swarm has gone back to the version before/);
        assert.match(text, /task web\.\d on h\d is failed: task: non-zero exit \(1\)/);
        assert.match(text, /its last lines:\s+v3: no configuration in \/etc\/web\.conf/);
        assert.deepEqual(
            await answering(),
            (await running("h1")).map((host) => `v2 ${host}`),
        );
    });

    it("is mended by the next up; a file's content is in no diff, and its secrets go when they are not used", async () => {
        set(0, "content beta");
        const before = await secrets();
        const preview = await farm.stack.preview("--diff");
        assert.doesNotMatch(preview.text, /content (alpha|beta)|Y29udGVudC/);
        const { text } = await up();
        assert.doesNotMatch(text, /content alpha|content beta/);
        assert.deepEqual(
            await answering(),
            (await running("h1")).map((host) => `v1 ${host}`),
        );
        const after = await secrets();
        assert.deepEqual([before.length, after.length], [2, 1]);
        await assertUnchanged();
    });

    it("comes back all at once to what serves, and goes back to that from the next failure too, no request failed", async () => {
        const serving = async () => (await running("h1")).map((host) => `v1 ${host}`);
        // The number of its tasks fails with the version, so that both are tried again.
        set(2, "content beta", { replicas: 1 });
        await upUnderLoad(false);
        assert.deepEqual(await answering(), await serving());
        set(0, "content beta", { update: { parallelism: 2 } });
        await upUnderLoad();
        assert.deepEqual(await answering(), await serving());
        // It fails only when all else of the deployment is done.
        set(0, "content beta", { command: ["sh", "-c", "sleep 5; exit 1"] });
        const { text } = await upUnderLoad(false);
        assert.match(text, /web: the update has failed, and Swarm has gone back to the version before/);
        assert.deepEqual([(await serving()).length, await answering()], [2, await serving()]);
        set(0, "content beta");
        await up();
        await assertUnchanged();
    });

    it("runs elsewhere when a host is lost, with no up, and the balancer finds it", async () => {
        const where = await running("h1");
        const lost = where.find((host) => host !== "h1") ?? "";
        const left = ["h1", "h2", "h3"].filter((host) => host !== lost);
        const started = Date.now();
        await farm.kill(lost);
        await eventually("two tasks answer", 90, async () =>
            (await answering()).join() === left.map((host) => `v1 ${host}`).join() ? true : undefined,
        );
        console.log(
            `      ${((Date.now() - started) / 1000).toFixed(1)} s after ${lost} was lost two tasks serve again`,
        );
    });
});
