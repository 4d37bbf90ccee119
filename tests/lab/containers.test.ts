import assert from "node:assert/strict";
import { join } from "node:path";
import { changes } from "../support/machines";
import { done, Sets, type SetsArgs } from "../support/sets";

/** Who answers requests at the balancer: the tags of the images, with their counts. */
const tags = (pages: readonly string[]): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const page of pages) {
        const tag = /<h1>(.*)<\/h1>/.exec(page)?.[1] ?? page;
        counts[tag] = (counts[tag] ?? 0) + 1;
    }
    return counts;
};

describe("containers on real Docker hosts", () => {
    let sets: Sets;
    let v1: string;
    let v2: string;
    before(async () => {
        sets = await Sets.create("test-containers");
        [v1, v2] = [await sets.farm.image("v1"), await sets.farm.image("v2")];
    });
    after(() => sets?.farm.dispose());

    const inspect = async (host: string, pattern: RegExp) => {
        const name = (await sets.running(host)).find((one) => pattern.test(one));
        assert.ok(name, `${pattern} on ${host}`);
        return { name, facts: JSON.parse(await sets.farm.docker(host, "inspect", name))[0] };
    };
    const pages = async (times: number) => {
        const all: string[] = [];
        for (let i = 0; i < times; i++) {
            all.push(await sets.farm.inside("curl", "--silent", "--max-time", "10", "http://127.0.0.1/"));
        }
        return tags(all);
    };
    const nothingToDo = async (args: SetsArgs) => {
        const preview = await sets.preview(args);
        assert.deepEqual(changes(preview), [], preview.text);
    };

    it("have what the arguments say, and what the user adds", async () => {
        const app = {
            image: v1,
            env: { MODE: "test" },
            files: { "/run/secrets/key": "hunter2\n", "/etc/web.conf": { content: "a=1\n", mode: "0640" } },
            volumes: [{ name: "data", path: "/data", protect: false }],
            resources: { cpus: 0.25, memoryMiB: 32, limits: { cpus: 0.5, memoryMiB: 64 } },
            stopSeconds: 3,
            stopSignal: "SIGINT",
            healthCheck: { command: ["sh", "-c", "test -s /etc/web.conf"], startPeriodSeconds: 5 },
            container: {
                labels: [{ label: "team", value: "web" }],
                ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
                capabilities: { drops: ["CAP_NET_RAW"] },
                tmpfs: { "/scratch": "size=1m" },
            },
        };
        const args = { sets: { app } };
        await sets.up(args);
        const { name, facts } = await inspect("h1", /^app-0-/);
        const { Config: config, HostConfig: host } = facts;
        assert.ok(config.Env.includes("MODE=test"));
        assert.equal(config.StopSignal, "SIGINT");
        assert.equal(config.StopTimeout, 3);
        assert.deepEqual([host.Memory, host.NanoCpus], [64 * 2 ** 20, 5e8]);
        assert.deepEqual(host.Ulimits, [{ Name: "nofile", Hard: 2048, Soft: 1024 }]);
        assert.deepEqual(host.CapDrop, ["CAP_NET_RAW"]);
        assert.deepEqual([config.Labels.team, config.Labels["fusion.set"]], ["web", "app"]);
        assert.equal(
            await sets.farm.docker("h1", "exec", name, "sh", "-c", "cat /run/secrets/key; stat -c %a /etc/web.conf"),
            "hunter2\n640",
        );
        assert.doesNotMatch(JSON.stringify(facts), /hunter2/);
        assert.doesNotMatch(JSON.stringify(await sets.farm.stack.export()), /hunter2/);
        await sets.farm.docker("h1", "exec", name, "touch", "/data/kept");
        await nothingToDo(args);

        // The volume has one writer, so the old one stops first; another file is another version.
        const changed = { sets: { app: { ...app, files: { "/run/secrets/key": "other\n", "/etc/web.conf": "b\n" } } } };
        const preview = await sets.preview(changed);
        assert.match(
            preview.text,
            /app replaces 1 of 1 replicas; each old container is out of its balancers and stopped before the new one starts \(app\.volumes\[0\] allows one container of a replica\): app does not serve meanwhile\./,
        );
        assert.doesNotMatch(preview.text, /other|hunter2/);
        const steps = done(await sets.up(changed));
        assert.ok(
            steps.indexOf("delete-replaced Container app-0") < steps.indexOf("create-replacement Container app-0"),
        );
        const next = await inspect("h1", /^app-0-/);
        assert.notEqual(next.name, name);
        assert.equal(await sets.farm.docker("h1", "exec", next.name, "ls", "/data"), "kept");
    });

    it("get ports that nobody has, whoever it is", async () => {
        await sets.farm.docker("h2", "run", "--detach", "--name", "other", "--publish", "20000:80", v1);
        try {
            const web: SetsArgs = { sets: { web: { replicas: 2, image: v1, placement: { spreadOver: "host" } } } };
            await sets.up(web);
            assert.match(
                await sets.farm.docker("h2", "ps", "--format", "{{.Names}} {{.Ports}}"),
                /web-\d-\S+ 10\.78\.0\.12:20008->/,
            );
            await nothingToDo(web);
        } finally {
            await sets.farm.docker("h2", "rm", "--force", "other");
        }
    });

    it("that never get healthy fail the deployment with their last lines, the old ones serve, the old image mends it", async () => {
        const web = { replicas: 2, healthCheck: { http: {}, timeoutSeconds: 20 } };
        const args = (image: string): SetsArgs => ({ sets: { web: { ...web, image } }, balanced: "web" });
        await sets.up(args(v1));
        const wrong = args(await sets.farm.image("v3", { variant: "exits" }));
        sets.set(wrong);
        const failed = await sets.farm.stack.up();
        assert.equal(failed.ok, false);
        assert.match(failed.text, /web-0 is not healthy on h1 after its start: it has ended \d+ times: asked http/);
        assert.match(failed.text, /v3: no configuration in \/etc\/web\.conf/);
        assert.deepEqual(Object.keys(await pages(4)), ["v1"]);
        assert.equal((await sets.farm.stack.up()).ok, false);
        assert.deepEqual(Object.keys(await pages(4)), ["v1"], "what serves is left alone when it is tried again");
        await sets.up(args(v1));
        assert.deepEqual(Object.keys(await pages(4)), ["v1"]);
        assert.equal((await sets.running("h1")).filter((name) => name.startsWith("web-")).length, 1);
        await nothingToDo(args(v1));
        const v4 = await sets.farm.image("v4", { variant: "silent" });
        const silent = args(v4);
        // Broken off before any container is made, which the next deployment must not take for done.
        sets.set({ ...silent, sets: { web: { ...web, image: v4, pull: "never" } } });
        assert.equal((await sets.farm.stack.up()).ok, false);
        sets.set(silent);
        const timedOut = await sets.farm.stack.up();
        assert.equal(timedOut.ok, false);
        assert.match(timedOut.text, /web-0 is not healthy on h1 after 2\d s: asked http .*answer: .*timed out/);
        assert.deepEqual(Object.keys(await pages(4)), ["v1"]);
        await sets.up(args(v1));
    });

    it("take a new image on a canary first, with its share of the requests, and go back by one argument", async () => {
        const args = (image: string, more: object = {}): SetsArgs => ({
            sets: { web: { replicas: 4, image, canary: { replicas: 1, weight: 50 }, ...more } },
            balanced: "web",
        });
        await sets.up(args(v1));
        const tried = await sets.up(args(v2));
        assert.match(tried.text, /web replaces 1 of 4 replicas; each new container is healthy/);
        assert.match(
            tried.text,
            /image: .*@sha256:\w{12} -> .*@sha256:\w{12} as a canary on web-3; the next up brings it to all\./,
        );
        const share = await pages(40);
        assert.ok((share.v2 ?? 0) >= 15 && (share.v2 ?? 0) <= 25, JSON.stringify(share));
        // It is not wanted after all.
        const back = await sets.up(args(v2, { rollback: true }));
        assert.match(back.text, /\(rollback\)/);
        assert.deepEqual(Object.keys(await pages(8)), ["v1"]);
        await nothingToDo(args(v2, { rollback: true }));
        // Once more, and confirmed.
        await sets.up(args(v2));
        const confirmed = await sets.up(args(v2));
        assert.match(confirmed.text, /web replaces 3 of 4 replicas, all at once/);
        assert.match(confirmed.text, /\(the canary is confirmed\)/);
        assert.deepEqual(Object.keys(await pages(8)), ["v2"]);
        await nothingToDo(args(v2));
        // And back to what served before that.
        await sets.up(args(v2, { rollback: true }));
        assert.deepEqual(Object.keys(await pages(8)), ["v1"]);
        await nothingToDo(args(v2, { rollback: true }));
    });

    it("come and go alone, when there are more or fewer", async () => {
        const args = (replicas: number): SetsArgs => ({ sets: { web: { replicas, image: v2 } }, balanced: "web" });
        await sets.up(args(2));
        const more = await sets.up(args(4));
        assert.match(more.text, /web gets web-2 on h1, web-3 on h2\./);
        const containers = (result: typeof more) => done(result).filter((step) => / Container /.test(step));
        assert.deepEqual(containers(more).sort(), ["create Container web-2", "create Container web-3"]);
        const fewer = await sets.up(args(3));
        assert.match(fewer.text, /web loses, out of its balancers first, web-3 on h2\./);
        const steps = done(fewer);
        assert.deepEqual(containers(fewer), ["delete Container web-3"]);
        assert.ok(steps.indexOf("update Command lb") < steps.indexOf("delete Container web-3"));
    });

    it("that were deleted behind Pulumi's back are what a refresh shows", async () => {
        const args: SetsArgs = { sets: { web: { replicas: 3, image: v2 } }, balanced: "web" };
        const { name } = await inspect("h2", /^web-1-/);
        await sets.farm.docker("h1", "restart", (await inspect("h1", /^web-0-/)).name);
        await nothingToDo(args);
        await sets.farm.docker("h2", "rm", "--force", name);
        const refreshed = await sets.farm.stack.refresh();
        assert.equal(refreshed.ok, true, refreshed.text);
        assert.match(refreshed.text, / - {2}docker:index:Container web-1 /);
        assert.match(refreshed.text, /- 1 deleted\n +14 unchanged/);
        const up = await sets.up(args);
        assert.deepEqual(
            done(up).filter((step) => / Container /.test(step)),
            ["create Container web-1"],
        );
        await nothingToDo(args);
    });

    describe("of several sets", () => {
        const folder = () => join(sets.farm.dir, "data");
        const web = (more: object = {}) => ({
            replicas: 2,
            image: v1,
            ports: [{ container: 80 }, { container: 8080 }, { container: 53, protocol: "udp" }],
            healthCheck: { tcp: { port: 80 }, timeoutSeconds: 20 },
            volumes: [
                { name: "all", path: "/all", shared: true },
                { name: "host", path: "/host", hostPath: folder(), shared: true },
                { name: "look", path: "/look", hostPath: folder(), readOnly: true },
            ],
            ...more,
        });
        const args = (hosts: readonly string[], more: Record<string, object> = {}): SetsArgs => ({
            sets: {
                web: web(),
                fixed: { image: v1, ports: [{ container: 80, host: 8081 }] },
                agent: { image: v1, replicas: "every-host" },
                ...more,
            },
            hosts,
        });
        const containers = (steps: readonly string[]) => steps.filter((step) => / Container /.test(step)).sort();

        it("have several ports, UDP and fixed ones, and volumes of each kind, with nothing to do in a second preview", async () => {
            await sets.up(args(["h1"]));
            const { name, facts } = await inspect("h1", /^web-0-/);
            const ports: [string, { HostIp: string; HostPort: string }[]][] = Object.entries(
                facts.HostConfig.PortBindings,
            );
            assert.deepEqual(ports.map(([port]) => port).sort(), ["53/udp", "80/tcp", "8080/tcp"]);
            const bound = ports.flatMap(([, [at]]) => at ?? []);
            assert.ok(bound.every(({ HostIp }) => HostIp === "10.78.0.11"));
            assert.equal(new Set(bound.map(({ HostPort }) => HostPort)).size, 3);
            const page = await sets.farm.inside("curl", "--silent", "--max-time", "10", "http://10.78.0.11:8081/");
            assert.match(page, /<h1>v1<\/h1>/);

            const other = await inspect("h1", /^web-1-/);
            const write = "echo one >/all/file && echo two >/host/file && ! touch /look/file 2>/dev/null";
            await sets.farm.docker("h1", "exec", name, "sh", "-c", write);
            const read = ["sh", "-c", "cat /all/file /host/file /look/file"];
            assert.equal(await sets.farm.docker("h1", "exec", other.name, ...read), "one\ntwo\ntwo");
            assert.equal(await sets.farm.onHost("h1", `cat ${join(folder(), "file")}`), "two");
            await nothingToDo(args(["h1"]));
        });

        it("stay where they are when a host is added, but for those on every host", async () => {
            assert.deepEqual(containers(done(await sets.up(args(["h1", "h2"])))), ["create Container agent-h2"]);
            assert.equal((await sets.running("h2")).length, 1);
        });

        it("are asked again by another check, and told with what a command answers that fails", async () => {
            const command = ["sh", "-c", "echo no such luck; exit 3"];
            sets.set(args(["h1", "h2"], { web: web({ healthCheck: { command, timeoutSeconds: 5 } }) }));
            const before = await sets.running("h1");
            const failed = await sets.farm.stack.up();
            assert.equal(failed.ok, false);
            assert.match(
                failed.text,
                /web-0 is not healthy on h1 after \d+ s: asked command .*, answer: code 3 no such luck/,
            );
            assert.deepEqual(containers(done(failed)), []);
            assert.deepEqual(await sets.running("h1"), before);
        });

        it("are another version with another value that is passed through", async () => {
            const before = await inspect("h1", /^fixed-0-/);
            const fixed = { image: v1, ports: [{ container: 80, host: 8081 }], container: { shmSize: 32 } };
            const steps = done(await sets.up(args(["h1", "h2"], { fixed })));
            assert.ok(steps.includes("create-replacement Container fixed-0"), steps.join());
            assert.ok(containers(steps).every((step) => step.endsWith(" fixed-0")));
            const { name, facts } = await inspect("h1", /^fixed-0-/);
            assert.notEqual(name, before.name);
            assert.notEqual(facts.Config.Labels["fusion.version"], before.facts.Config.Labels["fusion.version"]);
            assert.equal(facts.HostConfig.ShmSize, 32 * 2 ** 20);
        });
    });
});
