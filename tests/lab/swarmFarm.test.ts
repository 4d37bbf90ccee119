import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { projectDir } from "../../tools/paths";
import { askSteadily } from "../support/askSteadily";
import { changes } from "../support/machines";
import type { EngineResult } from "../support/stack";
import { ask, askTimes, eventually, Webfarm } from "../support/webfarm";

const program = readFileSync(join(projectDir, "examples", "swarm", "index.ts"), "utf8");
const ADDRESSES: Record<string, string> = { vm1: "10.77.0.11", vm2: "10.77.0.12", vm3: "10.77.0.13" };

// One farm for all: to make one takes minutes under emulation. Each test but the last leaves it serving.
describe("the example swarm: three virtual machines", () => {
    let farm: Webfarm;
    let first: EngineResult;
    let url: string;
    let last: EngineResult | undefined;

    before(async () => {
        farm = await Webfarm.create("test-swarm", program);
        first = await farm.stack.up();
        url = first.ok ? await farm.url() : "";
    });
    after(async function () {
        if (this.test?.parent?.tests.some(({ state }) => state === "failed")) {
            console.log(first?.text, last?.text);
            for (const [vm, address] of Object.entries(ADDRESSES)) {
                const look = "sudo docker node ls; sudo docker service ls; sudo docker service ps web api";
                console.log(vm, await farm.onGuest(address, look).catch(String));
            }
        }
        await farm?.dispose();
    });

    /** Runs `up` with requests to the farm all the while. @returns how they fared */
    async function upUnderLoad() {
        const load = askSteadily(url, 20_000);
        last = await farm.stack.up().finally(() => load.stop());
        const { asked, failed } = await load.ended;
        return { up: last, asked, failed };
    }
    const configure = (key: string, value: string) => farm.stack.pulumi(["config", "set", key, value]);
    /** The machines that answer for the web server. */
    const answering = async () => new Set((await askTimes(url, 6)).map(({ vm }) => vm));
    /** The API's page; undefined while it has none. */
    const apiAnswers = async () => {
        const { status, body } = await askAs("api.example.org");
        return status === 200 ? body : undefined;
    };
    const askAs = (host: string) =>
        new Promise<{ status?: number; body: string }>((resolve, reject) => {
            get(url, { headers: { host }, agent: false, timeout: 20_000 }, async (response) => {
                resolve({ status: response.statusCode, body: await text(response) });
            }).on("error", reject);
        });

    it("comes up in one go, all machines managers, and serves", async () => {
        assert.equal(first.ok, true, first.text);
        const nodes = await farm.onGuest(ADDRESSES.vm1 ?? "", "docker node ls --format '{{.ManagerStatus}}'");
        assert.deepEqual(nodes.split("\n").sort(), ["Leader", "Reachable", "Reachable"]);
        await eventually("two machines answer", 90, async () => ((await answering()).size === 2 ? true : undefined));
    });

    it("has a second preview in which nothing changes", async () => {
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });

    it("answers by the routing mesh, over a network of its own that is encrypted", async () => {
        const page = await eventually("the API answers", 60, apiAnswers);
        assert.match(page, /<h1>API<\/h1>/);
        const networks =
            "docker network inspect --format '{{.Driver}} {{.Options}}' $(docker network ls -q --filter driver=overlay)";
        assert.match(await farm.onGuest(ADDRESSES.vm1 ?? "", networks), /^overlay .*encrypted/m);
    });

    it("rolls a change out without a failed request", async () => {
        await configure("greeting", "It rolls");
        const { up, asked, failed } = await upUnderLoad();
        assert.equal(up.ok, true, up.text);
        console.log(`      ${asked} requests during the update, ${failed.length} failed`);
        assert.deepEqual(failed, []);
        assert.equal((await ask(url)).heading, "It rolls");
    });

    it("moves a set to the machines' plain engines and back without a failed request", async () => {
        for (const engine of ["plain", "swarm"]) {
            await configure("engine", engine);
            const { up, asked, failed } = await upUnderLoad();
            assert.equal(up.ok, true, up.text);
            console.log(`      ${asked} requests while web moved to ${engine}, ${failed.length} failed`);
            assert.deepEqual(failed, []);
            const services = await farm.onGuest(ADDRESSES.vm1 ?? "", "docker service ls --format '{{.Name}}'");
            assert.equal(services.split("\n").includes("web"), engine === "swarm", services);
        }
    });

    it("has all replicas back elsewhere after a machine was killed, with no `up`", async () => {
        const [killed = ""] = await eventually("two machines answer", 60, async () => {
            const vms = [...(await answering())];
            return vms.length === 2 ? vms : undefined;
        });
        const load = askSteadily(url, 5000);
        const start = Date.now();
        await farm.virsh("destroy", killed);
        const seconds = await eventually("two other machines answer", 180, async () => {
            const vms = await answering().catch(() => new Set<string>());
            return vms.size === 2 && !vms.has(killed) ? Math.round((Date.now() - start) / 1000) : undefined;
        }).finally(() => load.stop());
        const { asked, failed } = await load.ended;
        console.log(
            `      ${killed} was killed: both replicas served elsewhere after ${seconds} s; ${failed.length} of ${asked} requests failed`,
        );
        // Those that the machine had when it went, and no more.
        assert.ok(failed.length <= 3, failed.join("\n"));
        assert.match(await eventually("the API answers", 60, apiAnswers), /API/);
    });
});
