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

const program = readFileSync(join(projectDir, "examples", "swarm-farm", "index.ts"), "utf8");
const ADDRESSES: Record<string, string> = { vm1: "10.77.0.11", vm2: "10.77.0.12", vm3: "10.77.0.13" };
const NODES = "docker node ls --format '{{.Status}} {{.Availability}} {{.ManagerStatus}}'";

/** The program with some of its text replaced. */
function changed(text: string, by: string): string {
    assert.ok(program.includes(text), text);
    return program.replace(text, by);
}

// One farm for all: to make one takes minutes under emulation. Each test but the last leaves it serving.
describe("the example swarm-farm: three virtual machines", () => {
    let farm: Webfarm;
    let first: EngineResult;
    let url: string;
    let last: EngineResult | undefined;

    before(async () => {
        farm = await Webfarm.create("test-swarm", program);
        // Under emulation each container, and each look at one, takes a machine seconds.
        for (const [key, value] of [
            ["healthInterval", "15"],
            ["apiReplicas", "2"],
        ])
            await configure(key, value);
        first = await farm.stack.up();
        url = first.ok ? await farm.url() : "";
    });
    after(async function () {
        if (this.test?.parent?.tests.some(({ state }) => state === "failed")) {
            console.log(first?.text, last?.text);
            for (const [vm, address] of Object.entries(ADDRESSES)) {
                const look = "docker node ls; docker service ls; docker service ps web api";
                console.log(vm, await farm.onGuest(address, look).catch(String));
            }
        }
        await farm?.dispose();
    });

    /** Runs `up` with requests to the farm all the while. @returns how they fared */
    async function upUnderLoad() {
        const load = askSteadily(url, 20_000);
        const start = Date.now();
        last = await farm.stack.up().finally(() => load.stop());
        const { asked, failed } = await load.ended;
        return { up: last, asked, failed, seconds: Math.round((Date.now() - start) / 1000) };
    }
    const configure = (key = "", value = "") => farm.stack.pulumi(["config", "set", key, value]);
    /** Runs a command on a machine. */
    const on = (vm: string, command: string) => farm.onGuest(ADDRESSES[vm] ?? "", command);
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
    /** The ID of a machine's node: each time that it joins it has another one. */
    const nodeId = (vm: string) => on(vm, "docker info --format '{{.Swarm.NodeID}}'");
    const twoAnswer = () =>
        eventually("two machines answer", 180, async () => {
            const vms = [...(await answering())];
            return vms.length === 2 ? vms : undefined;
        });

    it("comes up in one go, all machines managers, and serves", async () => {
        assert.equal(first.ok, true, first.text);
        const nodes = await on("vm1", NODES);
        assert.deepEqual(nodes.split("\n").sort(), [
            "Ready Active Leader",
            "Ready Active Reachable",
            "Ready Active Reachable",
        ]);
        await twoAnswer();
    });

    it("has a second preview in which nothing changes", async () => {
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });

    it("answers by the routing mesh, over a network of its own that is encrypted", async () => {
        const page = await eventually("the API answers", 180, apiAnswers);
        assert.match(page, /<h1>API<\/h1>/);
        const networks =
            "docker network inspect --format '{{.Driver}} {{.Options}}' $(docker network ls -q --filter driver=overlay)";
        assert.match(await on("vm1", networks), /^overlay .*encrypted/m);
    });

    it("rolls a change out without a failed request", async () => {
        await configure("greeting", "It rolls");
        const { up, asked, failed, seconds } = await upUnderLoad();
        assert.equal(up.ok, true, up.text);
        console.log(`      ${asked} requests during the update of ${seconds} s, ${failed.length} failed`);
        assert.deepEqual(failed, []);
        assert.equal((await ask(url)).heading, "It rolls");
    });

    it("goes back from a version that does not start, without a failed request", async () => {
        farm.stack.setProgram(changed('page("$GREETING")', '["sh", "-c", "sleep 1; exit 1"]'));
        const { up, asked, failed, seconds } = await upUnderLoad();
        farm.stack.setProgram(program);
        assert.equal(up.ok, false, up.text);
        assert.match(up.text, /went back|rolled back|rollback/);
        console.log(`      ${asked} requests during the rollback of ${seconds} s, ${failed.length} failed`);
        assert.deepEqual(failed, []);
        assert.equal((await ask(url)).heading, "It rolls");
    });

    it("moves a set to the machines' plain engines and back without a failed request", async () => {
        for (const engine of ["plain", "swarm"]) {
            await configure("engine", engine);
            const { up, asked, failed, seconds } = await upUnderLoad();
            assert.equal(up.ok, true, up.text);
            console.log(
                `      ${asked} requests while web moved to ${engine} in ${seconds} s, ${failed.length} failed`,
            );
            assert.deepEqual(failed, []);
            const services = await on("vm1", "docker service ls --format '{{.Name}}'");
            assert.equal(services.split("\n").includes("web"), engine === "swarm", services);
        }
    });

    it("drains a machine that is restarted, which leaves and joins again, without a failed request", async () => {
        const [serving = ""] = await twoAnswer();
        const id = await nodeId(serving);
        farm.stack.setProgram(changed("memoryMiB: 1024", `memoryMiB: name === "${serving}" ? 1088 : 1024`));
        const { up, asked, failed, seconds } = await upUnderLoad();
        assert.equal(up.ok, true, up.text);
        console.log(`      ${asked} requests while ${serving} was restarted in ${seconds} s, ${failed.length} failed`);
        assert.deepEqual(failed, []);
        assert.notEqual(await nodeId(serving), id);
        const nodes = await on("vm1", NODES);
        assert.equal(
            nodes.split("\n").filter((node) => /^Ready Active (Leader|Reachable)$/.test(node)).length,
            3,
            nodes,
        );
    });

    it("has all replicas back elsewhere after the machine that leads was killed, with no `up`", async () => {
        // The swarm has to elect another leader besides.
        const leads = await on("vm1", "docker node ls --format '{{.Hostname}} {{.ManagerStatus}}'");
        const leader = /^(\S+) Leader$/m.exec(leads)?.[1] ?? "";
        const serving = await twoAnswer();
        const killed = serving.includes(leader) ? leader : (serving[0] ?? "");
        const load = askSteadily(url, 5000);
        const start = Date.now();
        await farm.virsh("destroy", killed);
        const seconds = await eventually("two other machines answer", 300, async () => {
            const vms = await answering().catch(() => new Set<string>());
            return vms.size === 2 && !vms.has(killed) ? Math.round((Date.now() - start) / 1000) : undefined;
        }).finally(() => load.stop());
        const { asked, failed } = await load.ended;
        console.log(
            `      ${killed} was killed (${leader} led): both replicas served elsewhere after ${seconds} s; ${failed.length} of ${asked} requests failed`,
        );
        // Those that the machine had when it went, and no more.
        assert.ok(failed.length <= 3, failed.join("\n"));
        assert.match(await eventually("the API answers", 180, apiAnswers), /API/);
    });
});
