import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cgroupFolders } from "../../tools/lab/cgroups";
import { DockerLab } from "../../tools/lab/docker-lab";
import { namespaceName } from "../../tools/lab/namespace";
import { loadWords } from "../support/background";
import { DockerHosts } from "../support/dockerHosts";
import { added, machineState, processesWith } from "../support/machine";
import { changes } from "../support/machines";
import { eventually } from "../support/webfarm";

/** Other labs of this machine come and go while these tests run. */
const OTHERS = /fusion-(?!test-hosts)|run\/netns$/;

describe("Docker hosts", () => {
    let farm: DockerHosts;
    let earlier: Set<string>;

    before(async () => {
        earlier = machineState();
        farm = await DockerHosts.create("test-hosts");
        await farm.stack.pulumi(["config", "set", "image", await farm.image("v1")]);
    });
    after(() => farm?.dispose());

    /** Who answers: tag, host. */
    const ask = async () => {
        const page = await farm.inside("curl", "--silent", "--show-error", "--max-time", "10", "http://127.0.0.1/");
        const [, tag, host] = /<h1>(.*)<\/h1>\s.* on (\S+)\./.exec(page) ?? [];
        return `${tag} ${host}`;
    };
    const answering = async () => [...new Set([await ask(), await ask(), await ask(), await ask()])].sort();

    it("run a container set behind a balancer", async () => {
        const up = await farm.stack.up();
        assert.equal(up.ok, true, up.text);
        assert.deepEqual(await answering(), ["v1 h1", "v1 h2"]);
        assert.equal((await farm.docker("h1", "ps", "--quiet")).split("\n").length, 1);
    });

    it("are machines of their own, reached over ssh", async () => {
        assert.equal(
            await farm.onHost("h2", "hostname; docker info -f '{{.CgroupDriver}} {{.Driver}}'"),
            "h2\ncgroupfs overlay2",
        );
        assert.match(await farm.onHost("h2", "ip -br address show eth0"), /10\.78\.0\.12\/24/);
        assert.ok((await farm.sshConnections("h1")) > 0, "the deployment's shared connection");
    });

    it("show no difference in a second preview", async () => {
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), []);
    });

    it("take another image without a failed request", async () => {
        await farm.stack.pulumi(["config", "set", "image", await farm.image("v2")]);
        const finish = await farm.load();
        const up = await farm.stack.up();
        const result = await finish();
        assert.equal(up.ok, true, up.text);
        assert.deepEqual(result.failures, [], loadWords(result));
        assert.ok(result.sent > 200, `only ${result.sent} requests were sent`);
        assert.deepEqual(await answering(), ["v2 h1", "v2 h2"]);
    });

    it("lose power, and come back with their containers", async () => {
        await farm.kill("h1");
        await assert.rejects(farm.onHost("h1", "true"));
        await eventually("only h2 answers", 30, async () =>
            (await answering()).join() === "v2 h2" ? true : undefined,
        );
        await farm.start("h1");
        assert.equal(await farm.onHost("h1", "hostname"), "h1");
        await eventually("both answer", 30, async () => ((await answering()).length === 2 ? true : undefined));
    });

    it("lose the network, and get it back", async () => {
        await farm.cut("h2");
        await eventually("only h1 answers", 30, async () =>
            (await answering()).join() === "v2 h1" ? true : undefined,
        );
        assert.match(await farm.docker("h2", "ps"), /web-1/);
        await farm.restore("h2");
        await eventually("both answer", 30, async () => ((await answering()).length === 2 ? true : undefined));
    });

    it("have images that never answer or end at once, and a registry that asks who one is", async () => {
        const silent = await farm.image("v3", { variant: "silent" });
        await farm.docker("h1", "run", "--detach", "--publish", "8080:80", "--name", "silent", silent);
        const curl = ["curl", "--silent", "--show-error", "--max-time", "2", "http://10.78.0.11:8080/"];
        await eventually("a connection that is not answered", 10, async () => {
            const said = await farm.inside(...curl).catch(String);
            return said.includes("milliseconds with 0 bytes received") ? true : undefined;
        });
        await farm.docker("h1", "rm", "--force", "silent");

        const exits = await farm.image("v4", { variant: "exits" });
        await assert.rejects(
            farm.docker("h1", "run", "--rm", "--memory", "64m", "--cpus", "0.5", exits),
            /v4: no configuration in \/etc\/web\.conf/,
        );

        const hidden = await farm.image("v5", { private: true });
        await assert.rejects(farm.docker("h1", "pull", hidden), /no basic auth credentials/);
        const { host, account } = farm.privateRegistry;
        await farm.docker("h1", "login", "--username", account.user, "--password", account.password, host);
        await farm.docker("h1", "pull", hidden);
    });

    it("leave nothing when they are disposed", async () => {
        await farm.dispose();
        assert.deepEqual(added(earlier, OTHERS), []);
        assert.deepEqual(processesWith("fusion-hosts-test-hosts"), []);
        assert.deepEqual(
            ["h1", "h2"].flatMap((name) => cgroupFolders(farm.namespaceOf(name))),
            [],
        );
        assert.equal(existsSync(farm.dir), false);
    });

    it("end with the process that has them, and the next one takes away what is left", async () => {
        const dir = join(tmpdir(), "fusion-hosts-test-hosts-killed");
        const program = join(__dirname, "..", "support", "dockerLabUp.ts");
        const node = ["--require", "tsx/cjs", program, "test-hosts", dir];
        const owner = spawn(process.execPath, node, { stdio: ["ignore", "pipe", "inherit"] });
        const said = await Promise.race([once(owner.stdout, "data"), once(owner, "exit")]);
        assert.equal(String(said[0]), "up\n");
        const namespace = namespaceName("test-hosts", dir);
        assert.ok(cgroupFolders(`${namespace}-h1`).length > 0);
        assert.ok(processesWith(dir).length > 3);
        owner.kill("SIGKILL");
        await eventually("no process is left", 10, async () => (processesWith(dir).length === 0 ? true : undefined));

        const lab = await DockerLab.up("test-hosts", dir, 0);
        assert.deepEqual(readdirSync(dir).includes("hosts"), false);
        await lab.down();
        assert.deepEqual(added(earlier, OTHERS), []);
        assert.deepEqual(cgroupFolders(`${namespace}-h1`), []);
        assert.equal(existsSync(dir), false);
    });
});
