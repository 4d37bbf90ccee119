import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { forgetConnection } from "../../lib/ssh";
import { DockerHosts } from "../support/dockerHosts";
import { processesWith } from "../support/machine";
import { changes } from "../support/machines";
import type { EngineResult } from "../support/stack";
import { eventually } from "../support/webfarm";

const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

const all = new pulumi.Config().requireObject<fusion.ExistingHost[]>("hosts");
const { hosts, ...args } = JSON.parse(readFileSync("args.json", "utf8"));
const swarm = new fusion.FusionSwarm("farm", {
    hosts: all.filter(({ name }) => hosts.includes(name)).map((host) => ({ ...host, labels: { zone: "z-" + host.name } })),
    networks: { backend: { encrypted: true } },
    ...args,
});
export const { managers, unlockKey } = swarm;
`;

/** A node as the swarm's managers list it. */
interface Node {
    host: string;
    role: string;
    state: string;
    address: string;
    labels: Record<string, string>;
}

describe("a swarm of Docker hosts", () => {
    let farm: DockerHosts;
    before(async () => {
        farm = await DockerHosts.create("swarm", { hosts: 4, program });
    });
    after(() => farm?.dispose());

    const up = async (args: object, ok = true, ...more: string[]): Promise<EngineResult> => {
        writeFileSync(join(farm.stack.dir, "args.json"), JSON.stringify(args));
        const started = Date.now();
        const result = await farm.stack.up(...more);
        console.log(`      up in ${((Date.now() - started) / 1000).toFixed(1)} s`);
        assert.equal(result.ok, ok, result.text);
        return result;
    };
    /** Power loss, long enough ago that nobody is connected any more. */
    const lose = async (host: string): Promise<void> => {
        await farm.kill(host);
        const ssh = farm.hosts.find(({ name }) => name === host);
        await farm.inside("sh", "-c", forgetConnection({ address: ssh?.address ?? "", ...ssh?.ssh }));
    };
    /** The nodes, as a manager sees them, sorted by name. */
    const nodes = async (manager: string): Promise<Node[]> => {
        const format =
            '{"labels":{{json .Spec.Labels}},"role":"{{.Spec.Role}}","state":"{{.Status.State}}","address":"{{.Status.Addr}}"}';
        const ids = (await farm.docker(manager, "node", "ls", "--quiet")).split("\n");
        const lines = await farm.docker(manager, "node", "inspect", "--format", format, ...ids);
        const all: Node[] = lines.split("\n").map((line) => JSON.parse(line));
        return all
            .map((node) => ({ ...node, host: node.labels["fusion.host"] ?? "" }))
            .sort((a, b) => (a.host < b.host ? -1 : 1));
    };
    const roles = async (manager: string) =>
        (await nodes(manager)).map(({ host, role, state }) => `${host} ${role} ${state}`);
    const inSwarm = (host: string) => farm.docker(host, "info", "--format", "{{.Swarm.LocalNodeState}}");
    const tokens = (manager: string) =>
        Promise.all(["manager", "worker"].map((role) => farm.docker(manager, "swarm", "join-token", "--quiet", role)));
    const tasks = async (manager: string) =>
        (
            await farm.docker(
                manager,
                "service",
                "ps",
                "web",
                "--filter",
                "desired-state=running",
                "--format",
                "{{.Node}} {{.CurrentState}}",
            )
        )
            .split("\n")
            .map((line) => line.split(" ").slice(0, 2).join(" "))
            .sort();

    it("is not taken from somebody else", async () => {
        await farm.docker("h1", "swarm", "init", "--advertise-addr", "10.78.0.11");
        const { text } = await up({ hosts: ["h1", "h2", "h3"] }, false);
        assert.match(text, /h1 manages a swarm already that is not farm: its nodes are h1/);
        await farm.docker("h1", "swarm", "leave", "--force");
    });

    it("is formed from nothing", async () => {
        await up({ hosts: ["h1", "h2", "h3"] });
        assert.deepEqual(
            (await nodes("h2")).map(({ host, role, address, labels }) => [host, role, address, labels.zone]),
            ["h1", "h2", "h3"].map((name, index) => [name, "manager", `10.78.0.1${index + 1}`, `z-${name}`]),
        );
        assert.match(
            await farm.docker("h1", "network", "inspect", "farm-backend-encrypted"),
            /"10\.201\.1\.0\/24"[\s\S]*"encrypted": "true"/,
        );
    });

    it("shows no difference in a second preview", async () => {
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), []);
    });

    it("takes another host in, and no token is seen or is of use afterwards", async () => {
        const before = await tokens("h1");
        // Of all processes, those on the hosts included.
        const seen = new Set<string>();
        const watch = setInterval(() => {
            for (const word of ["FUSION_JOIN", "SWMTKN"]) if (processesWith(word).length > 0) seen.add(word);
        }, 200);
        const result = await up({ hosts: ["h1", "h2", "h3", "h4"] });
        clearInterval(watch);
        assert.deepEqual([...seen], ["FUSION_JOIN"]);
        assert.deepEqual(changes(result), ["update farm", "create farm-h4"], result.text);
        assert.deepEqual(await roles("h3"), [
            "h1 manager ready",
            "h2 manager ready",
            "h3 manager ready",
            "h4 worker ready",
        ]);
        assert.notEqual((await tokens("h1"))[1], before[1]);
        assert.ok(!result.text.includes("SWMTKN"));
        assert.ok(!JSON.stringify(await farm.stack.export()).includes("SWMTKN"));
    });

    it("lets a host that is taken away go, whose tasks move before", async () => {
        const image = await farm.image("v1");
        await farm.docker("h1", "service", "create", "--quiet", "--name", "web", "--replicas", "4", image);
        const result = await up({ hosts: ["h1", "h2", "h3"] });
        assert.match(result.text, /farm: h4 is drained and leaves\./);
        assert.deepEqual(await roles("h1"), ["h1 manager ready", "h2 manager ready", "h3 manager ready"]);
        assert.equal(await inSwarm("h4"), "inactive");
        assert.equal((await tasks("h1")).filter((task) => /^h[123] Running$/.test(task)).length, 4);
    });

    it("leaves a host in another swarm alone, and says so", async () => {
        await farm.docker("h4", "swarm", "init", "--advertise-addr", "10.78.0.14");
        const { text } = await up({ hosts: ["h1", "h2", "h3", "h4"] }, false);
        assert.match(text, /h4 is a node of another swarm, whose managers are: 10\.78\.0\.14:2377/);
        await farm.docker("h4", "swarm", "leave", "--force");
    });

    it("has another manager in the place of one that is lost", async () => {
        await lose("h1");
        await eventually("the others agree", 60, () => farm.docker("h2", "node", "ls").catch(() => undefined));
        let failed = 0;
        let asked = 0;
        let done = false;
        const watch = (async () => {
            for (; !done; asked++) await farm.docker("h3", "node", "ls").catch(() => failed++);
        })();
        await up({ hosts: ["h2", "h3", "h4"] });
        done = true;
        await watch;
        assert.equal(failed, 0, `of ${asked} questions`);
        assert.ok(asked > 5);
        assert.deepEqual(await roles("h2"), ["h2 manager ready", "h3 manager ready", "h4 manager ready"]);
    });

    it("takes back a host that was lost", async () => {
        await farm.start("h1");
        await up({ hosts: ["h1", "h2", "h3", "h4"] });
        assert.deepEqual(await roles("h2"), [
            "h1 worker ready",
            "h2 manager ready",
            "h3 manager ready",
            "h4 manager ready",
        ]);
    });

    it("says that most managers are lost, and starts anew from one that is left, with its services", async () => {
        await lose("h3");
        await lose("h4");
        const failed = await up({ hosts: ["h1", "h2", "h3", "h4"] }, false);
        assert.match(failed.text, /no manager of the swarm farm answers with a quorum; asked were:/);
        await up({ hosts: ["h1", "h2"], recover: "h2" });
        assert.deepEqual(await roles("h2"), ["h1 worker ready", "h2 manager ready"]);
        await eventually("all tasks run", 30, async () =>
            (await tasks("h2")).filter((task) => /^h[12] Running$/.test(task)).length === 4 ? true : undefined,
        );
    });

    it("has another host stand in for its one manager while that is away", async () => {
        const all = await farm.stack.export();
        const urn = all.find((resource) => resource.urn.endsWith("::farm-h2"))?.urn ?? "";
        const result = await up({ hosts: ["h1", "h2"] }, true, "--replace", urn);
        assert.deepEqual(changes(result).sort(), [
            "create-replacement farm-h2",
            "delete-replaced farm-h2",
            "replace farm-h2",
            "update farm",
            "update farm",
        ]);
        await eventually("the managers agree", 30, async () =>
            (await roles("h2")).join() === "h1 worker ready,h2 manager ready" ? true : undefined,
        );
        assert.match((await tasks("h2")).join(), /h[12] Running/);
    });

    it("locks its managers", async () => {
        await up({ hosts: ["h1", "h2"], autolock: true });
        const { unlockKey } = await farm.stack.outputs();
        await lose("h2");
        await farm.start("h2");
        assert.equal(await inSwarm("h2"), "locked");
        await farm.onHost("h2", `echo '${unlockKey}' | docker swarm unlock`);
        await eventually("the manager is back", 30, async () =>
            (await roles("h2").catch(() => [])).join() === "h1 worker ready,h2 manager ready" ? true : undefined,
        );
    });

    it("is no more when it is destroyed", async () => {
        const result = await farm.stack.destroy();
        assert.equal(result.ok, true, result.text);
        assert.deepEqual([await inSwarm("h1"), await inSwarm("h2")], ["inactive", "inactive"]);
    });
});
