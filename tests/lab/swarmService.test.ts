import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadWords } from "../support/background";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";
import { eventually } from "../support/webfarm";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const args = JSON.parse(readFileSync("args.json", "utf8"));
const swarm = new fusion.FusionSwarm("farm", { hosts: config.requireObject<fusion.ExistingHost[]>("hosts") });
const { files, ...web } = args;
const set = new fusion.FusionContainerSet("web", {
    hosts: swarm, replicas: 2, ports: [{ container: 80 }], healthCheck: { http: {}, timeoutSeconds: 20 },
    update: { parallelism: 1 }, swarm: { monitorSeconds: 2 }, ...web,
    ...(files && { files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, pulumi.secret(text as string)])) }),
});
const lb = new fusion.FusionBalancer("lb", { listen: 80, backends: [set], directory: config.require("balancerDirectory") });
export const endpoints = set.endpoints;
`;

describe("a container set on a swarm", () => {
    let farm: DockerHosts;
    let images: string[];

    before(async () => {
        farm = await DockerHosts.create("test-swarm-service", { hosts: 3, program });
        images = [await farm.image("v1"), await farm.image("v2"), await farm.image("v3", { variant: "exits" })];
        await found();
    });
    after(() => farm?.dispose());

    /** The swarm of the three hosts, by hand. */
    async function found() {
        const [first, ...others] = farm.hosts;
        assert.ok(first);
        await farm.docker(first.name, "swarm", "init", "--advertise-addr", first.address);
        const token = await farm.docker(first.name, "swarm", "join-token", "--quiet", "manager");
        for (const { name, address } of others) {
            await farm.docker(name, "swarm", "join", "--advertise-addr", address, "--token", token, first.address);
        }
        for (const { name } of farm.hosts) {
            await farm.docker(first.name, "node", "update", "--label-add", `fusion.host=${name}`, name);
        }
    }

    const set = (args: object) => writeFileSync(join(farm.stack.dir, "args.json"), JSON.stringify(args));
    async function up(args: object) {
        set(args);
        const start = Date.now();
        const result = await farm.stack.up();
        console.log(`      up: ${Math.round((Date.now() - start) / 1000)} s`);
        return result;
    }

    /** Who answers: tag and host of many requests, each once. */
    async function answering(): Promise<string[]> {
        const ask = () => farm.inside("curl", "--silent", "--max-time", "10", "http://127.0.0.1/");
        const pages = [];
        for (let asked = 0; asked < 6; asked++) pages.push(await ask().catch(() => ""));
        return [...new Set(pages.map((page) => /<h1>(.*)<\/h1>\s.* on (\S+)\./.exec(page)?.slice(1).join(" ") ?? page))].sort();
    }

    it("serves behind a balancer that finds its tasks, and shows no difference in a second preview", async () => {
        const first = await up({ image: images[0] });
        assert.equal(first.ok, true, first.text);
        console.log(await answering());
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });

    it("takes another image without a failed request", async () => {
        const finish = await farm.load();
        const result = await up({ image: images[1] });
        const load = await finish();
        assert.equal(result.ok, true, result.text);
        console.log(`      ${loadWords(load)}`, load.failures.slice(0, 5));
        console.log(await answering());
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
        assert.deepEqual(load.failures, []);
    });

    it("goes back from a bad image while the old version serves, and says which task failed", async () => {
        const finish = await farm.load();
        const result = await up({ image: images[2] });
        const load = await finish();
        console.log(result.text);
        console.log(`      ${loadWords(load)}`, load.failures.slice(0, 5));
        assert.equal(result.ok, false);
        console.log(await answering());
    });

    it("is mended by the next up", async () => {
        const result = await up({ image: images[0] });
        assert.equal(result.ok, true, result.text);
        console.log(result.text);
        console.log(await answering());
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });

    it("is started elsewhere when its host is lost, which the balancer finds", async () => {
        const [where = ""] = (await farm.docker("h2", "service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}}", "web"))
            .split("\n").filter((name) => name !== "h2");
        const start = Date.now();
        await farm.kill(where);
        const others = farm.hosts.map(({ name }) => name).filter((name) => name !== where);
        await eventually("two tasks answer", 90, async () => {
            const said = await answering();
            return said.join() === others.map((name) => `v1 ${name}`).join() ? true : undefined;
        });
        console.log(`      ${Math.round((Date.now() - start) / 1000)} s after ${where} was lost, two tasks serve`);
    });
});
