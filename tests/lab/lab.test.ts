import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { joinPort, type Lab, labDown, labStatus, labUp } from "../../tools/lab";
import { socketLink } from "../../tools/lab/libvirtd";
import { namespaceFile, namespaceName } from "../../tools/lab/namespace";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { added, machineState, processesWith } from "../support/machine";

/** The same network in each lab: only namespaces keep the two bridges and addresses apart. */
const NETWORK =
    "<network><name>same</name><forward mode='nat'/><bridge name='same0'/>" +
    "<ip address='10.99.0.1' netmask='255.255.255.0'/></network>";

/** Other labs of this machine come and go while these tests run. */
const OTHERS = /fusion-|run\/netns$/;

describe("lab", () => {
    // Deep enough that no socket could be bound below it.
    const base = join(mkdtempSync(join(tmpdir(), "fusion-lab-")), "deep".repeat(30));
    const dir = (name: string) => join(base, name);
    const virsh = (lab: Lab, ...args: string[]) => run("virsh", ["-c", lab.uri, ...args]);
    let earlier: Set<string>;

    // What is made once on a machine, images and all, is made before anything is compared or timed.
    before(async () => {
        await labUp("first", dir("first"));
        await labDown("first", dir("first"));
    });
    beforeEach(() => {
        earlier = machineState();
    });
    after(async () => {
        for (const name of ["first", "one", "two", "cut"]) {
            await labDown(name, dir(name));
        }
        rmSync(join(base, ".."), { recursive: true, force: true });
    });

    async function assertGone(...names: string[]): Promise<void> {
        assert.deepEqual(added(earlier, OTHERS), []);
        assert.deepEqual(processesWith(base), []);
        for (const name of names) {
            assert.equal(existsSync(dir(name)), false, `the folder of ${name}`);
            assert.equal(existsSync(namespaceFile(namespaceName(name, dir(name)))), false, `the namespace of ${name}`);
            assert.equal(lstatSync(socketLink(dir(name)), { throwIfNoEntry: false }), undefined, `the link of ${name}`);
            assert.equal((await labStatus(name, dir(name))).state, "down");
        }
    }

    it("runs twice at once with the same networks inside, and leaves nothing", async () => {
        const labs = await Promise.all(["one", "two"].map((name) => labUp(name, dir(name))));
        for (const lab of labs) {
            const file = join(lab.dir, "network.xml");
            await run("tee", [file], { input: NETWORK });
            await virsh(lab, "net-define", file);
            await virsh(lab, "net-start", "same");
            const { stdout } = await run("ip", ["netns", "exec", lab.namespace, "ip", "-br", "address"]);
            assert.match(stdout, /same0 .*10\.99\.0\.1\/24/);
            assert.match(stdout, /lo .*10\.255\.255\.254\/32/);
            assert.equal((await labStatus(lab.name, lab.dir)).state, "up");
        }
        assert.deepEqual(added(earlier, OTHERS), [], "nothing of the labs shows in the machine's own network");
        await Promise.all(labs.map((lab) => labDown(lab.name, lab.dir)));
        await assertGone("one", "two");
    });

    it("leaves what runs as it is when it is started again", async () => {
        const first = await labUp("one", dir("one"));
        const pid = (await labStatus("one", dir("one"))).processes;
        const started = async () => (await run("ip", ["netns", "pids", first.namespace])).stdout;
        const running = await started();
        assert.deepEqual(await labUp("one", dir("one")), first);
        assert.equal(await started(), running);
        assert.ok(pid > 3);
        await labDown("one", dir("one"));
        await labDown("one", dir("one"));
        await assertGone("one");
    });

    it("serves the httpd image by its digest", async () => {
        const lab = await labUp("one", dir("one"));
        const [registry = "", name = "", digest = ""] = lab.httpd.split(/[/@]/);
        assert.equal(registry, lab.registry);
        const { stdout } = await run("ip", [
            ...["netns", "exec", lab.namespace, "skopeo", "inspect", "--tls-verify=false"],
            `docker://${registry}/${name}@${digest}`,
        ]);
        assert.equal(JSON.parse(stdout).Digest, digest);
    });

    it("joins a port of the machine to one inside, the preferred one where it is free", async () => {
        const lab = await labUp("one", dir("one"));
        const registry = { address: "10.255.255.254", port: 5000 };
        const port = await joinPort(lab, registry);
        const answer = await fetch(`http://127.0.0.1:${port}/v2/`);
        assert.equal(answer.status, 200);
        assert.equal(await joinPort(lab, registry), port, "the same place keeps its port");
        const elsewhere = { address: "127.0.0.1", port: 5000 };
        const other = await joinPort(lab, elsewhere, port);
        assert.notEqual(other, port, "a taken port is not taken again");
        await labDown("one", dir("one"));
        await assert.rejects(fetch(`http://127.0.0.1:${port}/v2/`));
        await assertGone("one");
    });

    it("comes up after its first process was killed", async () => {
        const lab = await labUp("one", dir("one"));
        const pids = (await run("ip", ["netns", "pids", lab.namespace])).stdout.split("\n").filter(Boolean).map(Number);
        process.kill(Math.min(...pids), "SIGKILL");
        assert.equal((await labUp("one", dir("one"))).uri, lab.uri);
        assert.match((await virsh(lab, "uri")).stdout, /^qemu/);
        await labDown("one", dir("one"));
        await assertGone("one");
    });

    it("can be killed at any point of its start, then completed or taken away", async () => {
        const cli = [join(projectDir, "tools/node.mjs"), join(projectDir, "tests/support/labUp.ts"), "cut", dir("cut")];
        for (let delay = 250, round = 0; round < 14; delay += 70, round++) {
            const child = spawn("node", cli, { stdio: "ignore", detached: true });
            const ended = new Promise((resolve) => child.on("exit", resolve));
            await pause(delay);
            if (child.exitCode === null) {
                // The whole group, as when a terminal or a container goes away.
                process.kill(-(child.pid ?? 0), "SIGKILL");
            }
            await ended;
            if (round % 2 === 0) {
                const lab = await labUp("cut", dir("cut"));
                assert.match((await virsh(lab, "uri")).stdout, /^qemu/, `killed after ${delay} ms`);
            }
            await labDown("cut", dir("cut"));
            await assertGone("cut");
        }
    });
});
