import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";
import { done } from "../support/sets";
import type { EngineResult } from "../support/stack";

/** A job whose arguments a test changes, with secrets, and a set that waits for it. */
const program = `
import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";
const config = new pulumi.Config();
const { job, web } = JSON.parse(readFileSync("args.json", "utf8"));
const hosts = config.requireObject<fusion.ExistingHost[]>("hosts");
const secret = config.requireSecret("secret");
const migrate = new fusion.FusionJob("migrate", {
    hosts, placement: { require: { host: ["h1"] } }, ...job, env: { ...job.env, TOKEN: secret },
    files: { "/run/secrets/key": secret, "/etc/job.conf": { content: "a=1\\n", mode: "0640" } },
});
const set = web && new fusion.FusionContainerSet("web", {
    hosts, replicas: 2, ports: [{ container: 80 }], healthCheck: { http: {} }, ...web,
}, { dependsOn: [migrate] });
export const host = migrate.host;
export const endpoints = set?.endpoints;
`;
const SECRET = "hunter2-Tr0ub4dor";
const shell = (text: string) => ["sh", "-c", text];

describe("jobs on real Docker hosts", () => {
    let farm: DockerHosts;
    let v1: string;
    let v2: string;
    before(async () => {
        farm = await DockerHosts.create("test-jobs", { program });
        await farm.stack.pulumi(["config", "set", "--secret", "secret", SECRET]);
        [v1, v2] = [await farm.image("v1"), await farm.image("v2")];
    });
    after(() => farm?.dispose());

    const set = (args: { job: object; web?: object }) =>
        writeFileSync(join(farm.stack.dir, "args.json"), JSON.stringify(args));
    const run = async (args: { job: object; web?: object }): Promise<EngineResult> => {
        set(args);
        const result = await farm.stack.up();
        assert.doesNotMatch(result.text, new RegExp(SECRET));
        return result;
    };
    const up = async (args: { job: object; web?: object }): Promise<EngineResult> => {
        const result = await run(args);
        assert.equal(result.ok, true, result.text);
        return result;
    };
    const nothingToDo = async () => {
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), [], preview.text);
    };
    const lines = (text: string) => text.split("\n").filter(Boolean);
    /** The containers of the job that have been started until now. */
    const starts = async () => {
        const filters = ["--filter", "event=start", "--filter", "label=fusion.job=migrate"];
        const until = await farm.onHost("h1", "echo $(($(date +%s) + 1))");
        return lines(await farm.docker("h1", "events", "--since", "0", "--until", until, ...filters)).length;
    };
    const left = async () =>
        lines(await farm.docker("h1", "ps", "--all", "--filter", "label=fusion.job", "--format", "{{.Names}}"));
    /** Begins a deployment, and ends it, as Ctrl-C does or at once, when the job's container runs and has been looked at. */
    const interrupt = async (
        args: { job: object; web?: object },
        how: "interruptWhen" | "killWhen",
        look = async (_container: string) => {},
    ) => {
        set(args);
        let seen = false;
        const watched = (async () => {
            for (let i = 0; i < 240 && !seen; i++) {
                const [name] = await left();
                if (name !== undefined && (await farm.docker("h1", "ps", "--quiet", "--filter", `name=${name}`))) {
                    await look(name);
                    seen = true;
                }
                await new Promise((resolve) => setTimeout(resolve, 250));
            }
        })();
        const { ok, text } = await farm.stack[how](() => seen);
        await watched;
        if (how === "killWhen") await farm.stack.pulumi(["cancel", "--yes"]);
        assert.equal(ok, false, text);
        assert.equal((await left()).length, 1, text);
    };
    const webs = async () => {
        const all = ["h1", "h2"].map((host) => farm.docker(host, "ps", "--all", "--format", "{{.Names}} {{.State}}"));
        return lines((await Promise.all(all)).join("\n")).sort();
    };
    const tags = async () => {
        const { endpoints } = await farm.stack.outputs();
        assert.ok(Array.isArray(endpoints));
        const asked = endpoints.map(({ address, port }) =>
            farm.inside("curl", "-s", "-m", "9", `http://${address}:${port}/`),
        );
        return (await Promise.all(asked)).map((page) => /<h1>(.*)<\/h1>/.exec(page)?.[1]);
    };

    it("run once, and again when what they are made of changes", async () => {
        const check = [
            '[ "$TWO" = "$(printf "a=1\\n b")" ] && [ "$MODE" = " x " ] && [ "$FUSION_HOST/$FUSION_JOB" = h1/migrate ]',
            '[ "$(cat /run/secrets/key)" = "$TOKEN" ] && [ "$(stat -c %a:%u /etc/job.conf)" = 640:0 ]',
            "[ $(stat -c %a /tmp) = 1777 ] && [ $(stat -c %a /etc) = 755 ] && printf 'it is\\0 so'",
        ];
        const job = {
            image: v1,
            command: shell(check.join(" && ")),
            env: { TWO: "a=1\n b", MODE: " x " },
            resources: { cpus: 0.1, memoryMiB: 16, limits: { cpus: 0.5, memoryMiB: 64 } },
        };
        set({ job, web: { image: v1 } });
        const preview = await farm.stack.preview();
        assert.match(preview.text, /migrate runs on h1\.[\s\S]*host *: "h1"/);
        assert.doesNotMatch(preview.text, /unknown|\[Output/);
        const first = await up({ job });
        assert.match(first.text, /migrate runs on h1\./);
        assert.equal((await farm.stack.outputs()).host, "h1");
        assert.deepEqual([await starts(), await left()], [1, []]);
        await nothingToDo();
        await up({ job });
        assert.equal(await starts(), 1);
        const limited = await up({ job: { ...job, timeoutSeconds: 300 } });
        assert.ok(done(limited).includes("update Command migrate"));
        assert.doesNotMatch(limited.text, /migrate runs on/);
        assert.equal(await starts(), 1, "another limit is no reason to run again");
        await up({ job: { ...job, env: { ...job.env, MORE: "1" } } });
        assert.equal(await starts(), 2);
        const state = JSON.stringify(await farm.stack.export());
        assert.doesNotMatch(state, new RegExp(SECRET));
        assert.ok(!state.includes(Buffer.from(SECRET).toString("base64")));
    });

    it("that fail stop the rollout of what waits for them, with their last lines, and the old version serves on", async () => {
        const job = { image: v1, command: shell("echo tables are there") };
        const first = await up({ job, web: { image: v1 } });
        const steps = done(first);
        assert.ok(steps.indexOf("update Command migrate") < steps.indexOf("create Container web-0"), steps.join("\n"));
        await nothingToDo();
        const before = await webs();
        const wrong = shell("echo migrating; echo no such table: users >&2; exit 3");
        const failed = await run({ job: { image: v2, command: wrong }, web: { image: v2 } });
        assert.equal(failed.ok, false);
        // Docker reads both outputs each by itself: which comes first when they are written together is open.
        assert.match(
            failed.text,
            /migrate failed on h1: exit code 3; its last lines:\n(\s*migrating\n\s*no such table: users|\s*no such table: users\n\s*migrating)\n/,
        );
        assert.deepEqual(await webs(), before);
        assert.deepEqual(await tags(), ["v1", "v1"]);
        assert.deepEqual(await left(), []);
        // Back is not forth: the old version of the job is what has run last.
        const count = await starts();
        await up({ job, web: { image: v1 } });
        assert.equal(await starts(), count);
        assert.deepEqual(await webs(), before);
        const mended = await up({ job: { ...job, image: v2 }, web: { image: v2 } });
        const order = done(mended);
        assert.ok(order.indexOf("update Command migrate") < order.indexOf("create-replacement Container web-0"));
        assert.deepEqual(await tags(), ["v2", "v2"]);
        await nothingToDo();
    });

    it("that do not end in time are stopped, and fail", async () => {
        const job = { image: v2, command: shell("echo begun; exec sleep 1000"), timeoutSeconds: 3 };
        const { ok, text } = await run({ job, web: { image: v2 } });
        assert.equal(ok, false);
        assert.match(
            text,
            /migrate failed on h1: it did not end within 3 s and was stopped; its last lines:\n\s*begun/,
        );
        assert.deepEqual(await left(), []);
    });

    it("that take more memory than they may say so", async () => {
        const command = shell("x=0123456789abcdef; while :; do x=$x$x; done");
        const { ok, text } = await run({ job: { image: v2, command, resources: { limits: { memoryMiB: 16 } } } });
        assert.equal(ok, false);
        assert.match(text, /exit code 137, (most likely )?since it took more memory than resources\.limits\.memoryMiB/);
    });

    it("whose deployment was interrupted are waited for by the next, and show no secrets while they run", async () => {
        const job = { image: v2, command: shell('echo "$TOKEN" | wc -c; sleep 20; echo has come to its end') };
        const count = await starts();
        let seen = "";
        let processes = "";
        await interrupt({ job, web: { image: v2 } }, "interruptWhen", async (name) => {
            seen = await farm.docker("h1", "inspect", "--format", "{{json .Mounts}} {{json .Config.Cmd}}", name);
            processes = await farm.onHost("h1", "cat /proc/[0-9]*/cmdline | tr '\\0' ' '");
        });
        assert.match(processes, /docker wait/);
        assert.doesNotMatch(processes + seen, new RegExp(SECRET));
        await up({ job, web: { image: v2 } });
        assert.equal(await starts(), count + 1);
        assert.deepEqual(await left(), []);
        await nothingToDo();
    });

    it("whose deployment was interrupted are found also by one that wants the version before", async () => {
        const before = { image: v2, command: shell("echo the version before") };
        await up({ job: before, web: { image: v2 } });
        const count = await starts();
        await interrupt({ job: { image: v2, command: shell("sleep 60; exit 3") }, web: { image: v2 } }, "killWhen");
        const back = await up({ job: before, web: { image: v2 } });
        assert.match(back.text, /migrate: its last run has not ended well: h1 is looked at/);
        assert.match(back.text, /still runs on h1, from an earlier deployment: waiting for its end/);
        assert.deepEqual([await starts(), await left()], [count + 1, []]);
        await nothingToDo();
    });

    it("whose deployment was interrupted are ended where they may run no more", async () => {
        const job = { image: v2, command: shell("sleep 600") };
        await interrupt({ job, web: { image: v2 } }, "killWhen");
        const elsewhere = { image: v2, command: shell("hostname"), placement: { require: { host: ["h2"] } } };
        await up({ job: elsewhere, web: { image: v2 } });
        assert.deepEqual([(await farm.stack.outputs()).host, await left()], ["h2", []]);
        await nothingToDo();
    });

    it("are told to have no systemd where a schedule is asked for, and leave nothing when they go", async () => {
        const { ok, text } = await run({ job: { image: v2, schedule: "daily" }, web: { image: v2 } });
        assert.equal(ok, false);
        assert.match(text, /migrate on h1: a schedule needs systemd, which does not run there; leave schedule out/);
        const destroyed = await farm.stack.destroy();
        assert.equal(destroyed.ok, true, destroyed.text);
        assert.deepEqual([await left(), await webs()], [[], []]);
    });
});
