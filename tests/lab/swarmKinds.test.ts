import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadWords } from "../support/background";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const config = new pulumi.Config();
const { web: webArgs, agent: agentArgs, password, without } = JSON.parse(readFileSync("args.json", "utf8"));
const hosts = config.requireObject<fusion.ExistingHost[]>("hosts").filter(({ name }) => name !== without);
const swarm = new fusion.FusionSwarm("farm", { hosts, drainSeconds: 20 });
const web = new fusion.FusionContainerSet("web", {
    hosts: swarm, ports: [{ container: 80 }], healthCheck: { http: {}, timeoutSeconds: 20 }, stopSignal: "SIGWINCH",
    update: { parallelism: 1 }, ...webArgs,
    swarm: { monitorSeconds: 2, rollbackOnFailure: false },
    ...(password && { registryAuth: { username: config.require("user"), password: pulumi.secret(password) } }),
});
const agent = new fusion.FusionContainerSet("agent", {
    hosts: swarm, replicas: "every-host", update: { order: "stop-first" }, stopSignal: "SIGKILL", ...agentArgs,
    volumes: [{ name: "seen", path: "/seen", shared: true }],
});
new fusion.FusionBalancer("lb", { listen: 80, backends: [web], directory: config.require("balancerDirectory") });
`;

describe("kinds of sets on a swarm", () => {
    let farm: DockerHosts;
    let args: { web: object; agent: object; password?: string; without?: string };
    before(async () => {
        farm = await DockerHosts.create("swarm-kinds", { hosts: 3, program });
        const { user } = farm.privateRegistry.account;
        await farm.stack.pulumi(["config", "set", "user", user]);
        const image = await farm.image("v1");
        // Each start leaves a line.
        const command = ["sh", "-c", 'echo "$ROUND" >>/seen/rounds; exec sleep 100000'];
        args = { web: { image, replicas: 2 }, agent: { image, command, env: { ROUND: "1" } } };
        write({});
    });
    after(() => farm?.dispose());

    /** Changes the program's arguments. */
    function write(more: Partial<typeof args>): void {
        args = { ...args, ...more };
        writeFileSync(join(farm.stack.dir, "args.json"), JSON.stringify(args));
    }
    async function up(ok = true) {
        const result = await farm.stack.up();
        assert.equal(result.ok, ok, result.text);
        return result;
    }
    /** `up` with clients, of which none may have seen an error. */
    async function upUnderLoad(ok = true) {
        const finish = await farm.load();
        const result = await up(ok);
        const load = await finish();
        console.log(`      ${loadWords(load)}`);
        assert.deepEqual(load.failures.slice(0, 5), []);
        return result;
    }
    const replicas = async (name: string) =>
        await farm.docker("h1", "service", "ls", "--filter", `name=${name}`, "--format", "{{.Replicas}}");
    /** The containers of the web server. */
    const ids = async () =>
        (await Promise.all(farm.hosts.map(({ name }) => farm.docker(name, "ps", "--quiet", "--filter", "name=web"))))
            .flatMap((text) => text.split("\n"))
            .filter(Boolean);
    const page = () => farm.inside("curl", "--silent", "--max-time", "10", "http://127.0.0.1/");
    /** What each host's volume says. */
    const rounds = () =>
        Promise.all(
            farm.hosts.map(({ name }) =>
                farm.onHost(
                    name,
                    "cat $(docker volume inspect --format '{{.Mountpoint}}' $(docker volume ls -q --filter name=seen))/rounds",
                ),
            ),
        );

    it("runs one task on each host, with a volume there", async () => {
        await up();
        assert.deepEqual([await replicas("web"), await replicas("agent")], ["2/2", "3/3"]);
        assert.deepEqual(await rounds(), ["1", "1", "1"]);
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });

    it("keeps the volumes when its tasks are replaced, and has more tasks without a failed request", async () => {
        write({ agent: { ...args.agent, env: { ROUND: "2" } }, web: { ...args.web, replicas: 3 } });
        const started = await ids();
        const { text } = await upUnderLoad();
        assert.match(
            text,
            /agent replaces 3 of 3 replicas, 1 at a time; each old task stops before the new one starts: 2 of 3 serve/,
        );
        assert.deepEqual(await rounds(), ["1\n2", "1\n2", "1\n2"]);
        assert.match(text, /web has 2 replicas, and 3 from now on\./);
        assert.equal(await replicas("web"), "3/3");
        // Those that ran are the same ones.
        const run = await ids();
        assert.deepEqual(
            started.filter((id) => !run.includes(id)),
            [],
        );
    });

    it("has fewer tasks, leaves a host that is taken out of the swarm, and may come back, without a failed request", async () => {
        const at = await farm.docker(
            "h1",
            "service",
            "ps",
            "--filter",
            "desired-state=running",
            "--format",
            "{{.Node}}",
            "web",
        );
        // The one manager that is left is not it.
        const host = at.split("\n").find((name) => name !== "h1") ?? "";
        for (const without of [host, ""]) {
            write({ without, web: { ...args.web, replicas: 2 } });
            const { text } = await upUnderLoad();
            const left = without === "" ? 3 : 2;
            assert.match(
                text,
                new RegExp(
                    without === ""
                        ? "joins as a manager"
                        : `web may no longer run on ${host}; what runs there moves\\.`,
                ),
            );
            assert.deepEqual([await replicas("web"), await replicas("agent")], ["2/2", `${left}/${left}`]);
            const state = await farm.docker(host, "info", "--format", "{{.Swarm.LocalNodeState}}");
            assert.equal(state, without === "" ? "active" : "inactive");
        }
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });

    it("stops where it is with an image that does not run, where it is not to go back, and the rest serves on", async () => {
        const { web } = args;
        write({ web: { ...web, image: await farm.image("v3", { variant: "exits" }) } });
        const { text } = await upUnderLoad(false);
        assert.match(text, /web: the update has failed, and Swarm has stopped it where it was/);
        assert.match(await page(), /v1/);
        write({ web });
        await upUnderLoad();
        assert.equal(await replicas("web"), "2/2");
    });

    it("pulls from a registry that asks for an account without a failed request", async () => {
        const { password } = farm.privateRegistry.account;
        write({ web: { ...args.web, image: await farm.image("v4", { private: true }) }, password });
        const { text } = await upUnderLoad();
        assert.match(await page(), /v4/);
        assert.ok(!text.includes(password) && !JSON.stringify(await farm.stack.export()).includes(password));
        // Nodes get the account with the task.
        assert.equal(await replicas("web"), "2/2");
        const preview = await farm.stack.preview();
        assert.deepEqual(changes(preview), [], preview.text);
    });
});
