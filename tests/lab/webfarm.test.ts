import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { type Command, cloneCheckout, npm, traces } from "../support/clone";
import { changes } from "../support/machines";
import type { EngineResult } from "../support/stack";
import { ask, askTimes, eventually, Webfarm, webfarmProgram } from "../support/webfarm";

/** What a hypervisor has. */
async function inventory(farm: Webfarm): Promise<Record<string, unknown>> {
    return {
        domains: await farm.virsh("list", "--all", "--name"),
        networks: await farm.virsh("net-list", "--all", "--name"),
        pools: await farm.virsh("pool-list", "--all", "--name"),
        files: readdirSync(farm.lab.poolPath, { recursive: true }),
    };
}

// One farm for all: to make one takes minutes under emulation. Each test leaves it serving, the last two take it away.
describe("npm start in a fresh clone, and the web farm that it makes", () => {
    let dir: string;
    let clean: Record<string, string[]>;
    let started: Command;
    let farm: Webfarm;
    let url: string;

    before(async () => {
        dir = await cloneCheckout();
        clean = await traces(dir);
    });
    after(async function () {
        if (farm !== undefined && this.test?.parent?.tests.some(({ state }) => state === "failed")) {
            console.log(started.text);
            for (const vm of ["vm1", "vm2"]) {
                console.log(await farm.virsh("domstats", vm, "--state", "--vcpu", "--interface").catch(String));
            }
        }
        await npm(dir, "stop");
        rmSync(dir, { recursive: true, force: true });
    });

    /** All servers up: under emulation a busy guest may miss a check. */
    const serving = () =>
        eventually("both machines answer", 60, async () => {
            const vms = new Set((await askTimes(url, 4)).map(({ vm }) => vm));
            return vms.size === 2 ? vms : undefined;
        });

    it("can be interrupted in the midst, and stopped clean", async () => {
        const interrupted = await npm(dir, "start", (child, text) => {
            const isTime = async () => (/vm1 creating .*waiting for vm1/.test(text()) ? true : undefined);
            eventually("the machines have been started", 300, isTime)
                .then(() => process.kill(-(child.pid ?? 0), "SIGINT"))
                .catch(() => process.kill(-(child.pid ?? 0), "SIGKILL"));
        });
        assert.notEqual(interrupted.code, 0, interrupted.text);
        const stopped = await npm(dir, "stop");
        assert.equal(stopped.code, 0, stopped.text);
        assert.deepEqual(await traces(dir), clean);
    });

    it("comes up in one go, and prints the URL last, which both machines answer", async () => {
        started = await npm(dir, "start");
        assert.equal(started.code, 0, started.text);
        farm = await Webfarm.started(dir);
        url = started.stdout.trim().split("\n").at(-1) ?? "";
        assert.match(url, /^http:\/\/127\.0\.0\.1(:\d+)?\/$/);
        assert.match(started.text, /Resources:\s+\+ \d+ created\n/);
        await serving();
    });

    it("changes nothing when it is run again, nor in a preview", async () => {
        const again = await npm(dir, "start");
        assert.equal(again.code, 0, again.text);
        assert.equal(again.stdout.trim().split("\n").at(-1), url);
        assert.match(again.text, /Resources:\s+\d+ unchanged\n/);
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), []);
    });

    it("serves 20 requests from both machines in turn", async () => {
        await serving();
        const answers = await askTimes(url, 20);
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
        const byVm = (name: string) => answers.filter(({ vm }) => vm === name).length;
        assert.deepEqual([byVm("vm1"), byVm("vm2")], [10, 10]);
        assert.match(answers[0]?.container ?? "", /^web-[01]-[0-9a-f]{8}-0$/);
    });

    it("exports its URL, and the text that HAProxy runs", async () => {
        assert.deepEqual(await farm.stack.outputs(), { url: "http://localhost/" });
    });

    it("pulled its image from the registry, by digest", async () => {
        const digest = farm.lab.httpd.split("@")[1] ?? "none";
        for (const address of ["10.77.0.11", "10.77.0.12"]) {
            assert.ok((await farm.onGuest(address, "docker image ls --digests")).includes(digest));
        }
    });

    it("has two machines of the asked size with one OS, and a container on each", async () => {
        for (const [vm, address] of Object.entries({ vm1: "10.77.0.11", vm2: "10.77.0.12" })) {
            const info = await farm.virsh("dominfo", vm);
            assert.match(info, /CPU\(s\): +1\n/);
            assert.match(info, /Max memory: +2097152 KiB/);
            const guest = await farm.onGuest(
                address,
                ". /etc/os-release; echo $PRETTY_NAME; df -BG --output=size / | tail -n 1; docker ps -q | wc -l",
            );
            const [os, disk, containers] = guest.split("\n").map((line) => line.trim());
            assert.match(os ?? "", /^Debian GNU\/Linux 12/);
            assert.match(disk ?? "", /^(9|10)G$/);
            assert.equal(containers, "1");
        }
    });

    it("answers while a container is killed, and Docker starts it again", async () => {
        await serving();
        const { container } = await eventually("vm1 answers", 30, async () => {
            const answer = await ask(url);
            return answer.vm === "vm1" ? answer : undefined;
        });
        // From outside Docker, which would take its own command for the wish to have it stopped.
        await farm.onGuest("10.77.0.11", `sudo kill -9 $(docker inspect --format '{{.State.Pid}}' ${container})`);
        const answers = await askTimes(url, 20);
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
        await serving();
    });

    it("rolls out a changed page, the old one serving until the new one does", async () => {
        await serving();
        await farm.stack.pulumi(["config", "set", "greeting", "It still works"]);
        const asked: Promise<{ status: number; heading: string }>[] = [];
        const load = setInterval(() => {
            asked.push(ask(url).catch((error: unknown) => ({ status: 0, heading: String(error) })));
        }, 500);
        let up: EngineResult;
        try {
            up = await farm.stack.up();
        } finally {
            clearInterval(load);
        }
        assert.equal(up.ok, true, up.text);
        const answers = await Promise.all(asked);
        assert.deepEqual(
            answers.filter(({ status }) => status !== 200),
            [],
        );
        assert.ok(answers.length > 5, `only ${answers.length} requests were made meanwhile`);
        assert.ok(answers.every(({ heading }) => ["It works", "It still works"].includes(heading)));
        assert.equal((await ask(url)).heading, "It still works");
        const containers = up.done.filter(({ type }) => type === "docker:index/container:Container");
        const rolled = containers.map(({ op, name }) => `${op} ${name}`).filter((step) => !step.startsWith("replace"));
        assert.deepEqual(rolled.sort(), [
            "create-replacement web-0",
            "create-replacement web-1",
            "delete-replaced web-0",
            "delete-replaced web-1",
        ]);
        const balancer = up.done.findIndex(({ op, name }) => op === "update" && name === "lb");
        const firstDeleted = up.done.findIndex((step) => step.op === "delete-replaced" && containers.includes(step));
        assert.ok(balancer >= 0 && balancer < firstDeleted, "the balancer must forget the old containers first");
    });

    it("keeps the old containers serving when new ones do not answer, and goes back to them", async () => {
        await serving();
        const { heading } = await ask(url);
        const broken = webfarmProgram
            .replace("exec httpd-foreground", "exec sleep 600")
            .replace('path: "/", port: 80 } }', 'path: "/", port: 80 }, timeoutSeconds: 15 }');
        farm.stack.setProgram(broken);
        const failed = await farm.stack.up();
        assert.equal(failed.ok, false);
        assert.match(failed.text, /web-0 is not healthy on vm1 after \d+ s: asked http 10\.77\.0\.11:\d+\/, answer: /);
        await serving();
        assert.equal((await ask(url)).heading, heading);

        farm.stack.setProgram(webfarmProgram);
        const back = await farm.stack.up();
        assert.equal(back.ok, true, back.text);
        await serving();
        for (const address of ["10.77.0.11", "10.77.0.12"]) {
            assert.equal(await farm.onGuest(address, "docker ps --all --quiet | wc -l"), "1", "what failed is gone");
        }
        assert.deepEqual(changes(await farm.stack.preview()), []);
    });

    it("leaves the hypervisor as it was when it is destroyed", async () => {
        const destroyed = await farm.stack.destroy();
        assert.equal(destroyed.ok, true, destroyed.text);
        assert.deepEqual(await inventory(farm), { domains: "", networks: "", pools: "", files: [] });
        assert.deepEqual(await farm.stack.export(), []);
    });

    it("is gone without a trace after npm stop", async () => {
        const stopped = await npm(dir, "stop");
        assert.equal(stopped.code, 0, stopped.text);
        assert.deepEqual(await traces(dir), clean);
    });
});
