import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { containerOf, forgetCommand, type JobRun, jobData, runOnceScript } from "../../../lib/jobs/runScript";
import { renderService, renderTimer, scheduleScript, unscheduleCommand } from "../../../lib/jobs/timerScript";
import { run } from "../../../tools/run";
import { assertGolden } from "../../support/golden";
import { StubJobHost } from "../../support/stubJobs";

const ssh = { address: "10.77.0.11", user: "ops" };
const job: JobRun = {
    job: "migrate",
    stack: "shop/prod",
    version: "1a2b3c4d",
    vm: "h1",
    image: "shop:1",
    command: ["sh", "-c", 'echo "it\'s $HOME"'],
    options: ["--cpus=0.5"],
    timeoutSeconds: 600,
};
const NAME = containerOf(job);
const OTHER = containerOf({ ...job, version: "00000000" });
const RAN = "migrate-1a2b3c4d has run";
const unit = "fusion-shop-prod-migrate";
const env = { TOKEN: "hunter2", TWO: "it's\n$two", EMPTY: "" };
const files = [{ file: "/srv/key", content: "hunter2\n", permissions: "0440" }];
const data = jobData({ env, files });
const create = [
    `docker create --env TWO --name ${NAME} --label fusion.job=migrate --label fusion.stack=shop/prod`,
    "--label fusion.version=1a2b3c4d --label fusion.until=1700000600 --env-file /fusion-X/env --env FUSION_HOST=h1 --env FUSION_JOB=migrate",
    `--cpus=0.5 shop:1 sh -c echo "it's $HOME"`,
].join(" ");
const made = [create, `docker cp - ${NAME}:/`, `docker start ${NAME}`, `docker wait ${NAME}`];
const removed = `docker rm --force --volumes ${NAME}`;
const removedOther = `docker rm --force --volumes ${OTHER}`;

describe("what a job is given", () => {
    it("has a line for the env file, for what does not go into one, and for each file", () => {
        const lines = data.trimEnd().split("\n");
        const text = (line = "") => Buffer.from(line.split(" ")[3] ?? "", "base64").toString();
        assert.deepEqual(
            lines.map((line) => line.split(" ").slice(0, 3).join(" ")),
            ["env - -", "exports - -", "file /srv/key 0440"],
        );
        assert.equal(text(lines[0]), "EMPTY=\nTOKEN=hunter2\n");
        assert.equal(text(lines[1]), "export TWO='it'\\''s\n$two'\nset -- --env TWO \"$@\"\n");
        assert.equal(text(lines[2]), "hunter2\n");
    });
});

describe("a job that runs once", () => {
    let host: StubJobHost;
    beforeEach(() => {
        host = new StubJobHost();
    });
    afterEach(() => host.dispose());
    const once = (more: Partial<JobRun> = {}) => runOnceScript(ssh, { ...job, ...more });

    it("is run by the script in tests/golden, which a shell can read", async () => {
        assertGolden("jobs/once.sh", once());
        await run("sh", ["-n"], { input: once() });
    });

    it("is made, given its files, waited for, shown and removed, and no secret is in a call", async () => {
        const { code, stdout, stderr, calls } = await host.run(once(), data);
        assert.deepEqual([code, stdout, stderr], [0, `lines of ${NAME}\n${RAN}\n`, ""]);
        assert.deepEqual(calls, [removed, ...made, removed]);
        assert.equal(host.machine.read("lab/env"), "EMPTY=\nTOKEN=hunter2\n");
        assert.equal(host.machine.read("lab/exported"), "it's\n$two\n");
        const listed = await run("tar", ["-tvf", join(host.machine.dir, "lab/files.tar")]);
        assert.match(listed.stdout, /^-r--r----- (root\/root|0\/0) +8 .* \.\/srv\/key\n$/);
    });

    it("does not run again where its last output says that it has", async () => {
        const last = { PULUMI_COMMAND_STDOUT: `tables\n${RAN}` };
        const again = await host.run(once({ timeoutSeconds: 9, vm: "h2" }), data, last);
        assert.deepEqual([again.code, again.stdout, again.calls], [0, `${RAN}\n`, [removed]], again.stderr);
        const other = { PULUMI_COMMAND_STDOUT: "migrate-00000000 has run" };
        assert.deepEqual((await host.run(once(), data, other)).calls, [removed, ...made, removed]);
        const said = { PULUMI_COMMAND_STDOUT: `${RAN}\nit says itself` };
        assert.equal((await host.run(once(), data, said)).calls.length, 6);
    });

    for (const [what, lines] of [
        ["ends without a newline", "done"],
        ["is nothing", ""],
        ["has what no variable can hold", "a\0b\n\n"],
    ] as const) {
        it(`says that it has run on a line of its own, also when what it writes ${what}`, async () => {
            host.machine.write("lab/lines", lines);
            const first = await host.run(once(), data);
            assert.equal(first.code, 0, first.stderr);
            assert.equal(first.stdout.split("\n").at(-2), RAN);
            assert.ok(!first.stdout.includes("\0"));
            const last = { PULUMI_COMMAND_STDOUT: first.stdout.trimEnd() };
            assert.deepEqual((await host.run(once({ timeoutSeconds: 9 }), data, last)).calls, [removed]);
        });
    }

    describe("whose version has run, but is not what was begun last", () => {
        const last = { PULUMI_COMMAND_STDOUT: RAN };
        const back = () => host.run(once(), data, last);

        it("waits for the end of that one and takes it away", async () => {
            host.leave(OTHER, "running", 3);
            const { code, stdout, calls } = await back();
            assert.deepEqual([code, stdout.split("\n").slice(1)], [0, [RAN, ""]]);
            assert.match(stdout, /^migrate-00000000-\w{8} still runs on h1, from an earlier deployment: waiting for/);
            assert.deepEqual(calls, [`docker wait ${OTHER}`, removedOther, removed]);
            host.leave(OTHER, "exited", 3);
            assert.deepEqual((await back()).calls, [removedOther, removed]);
        });

        it("runs again where that one has come to its end, until it has run well", async () => {
            host.leave(OTHER, "running", 0).machine.write("lab/exit", "3\n");
            const failed = await back();
            assert.equal(failed.code, 1);
            assert.deepEqual(failed.calls, [`docker wait ${OTHER}`, removed, ...made, removed]);
            // What has ended is the exit code in the stub's file.
            host.leave(OTHER, "exited", 0).machine.write("lab/exit", "0\n");
            const { code, calls } = await back();
            assert.deepEqual([code, calls], [0, [removed, ...made, removedOther, removed]]);
            assert.deepEqual((await back()).calls, [removed]);
        });

        it("runs again where that was a run of its own that has failed", async () => {
            host.leave(NAME, "exited", 3);
            assert.deepEqual((await back()).calls, [removed, ...made, removed]);
        });
    });

    it("is told apart from one of that name in another stack", async () => {
        const twin = containerOf({ ...job, stack: "shop/test" });
        assert.notEqual(twin, NAME);
        const { calls } = await host.leave(twin, "running", 0, "shop/test").run(once(), data);
        assert.deepEqual(calls, [removed, ...made, removed]);
        await host.run(forgetCommand(ssh, job));
        assert.ok(host.has(`lab/${twin}`));
    });

    it("fails with its exit code, or when it takes too long, with its last lines", async () => {
        host.machine.write("lab/exit", "3\n");
        const failed = await host.run(once(), data);
        assert.equal(failed.code, 1);
        assert.equal(failed.stderr, `migrate failed on h1: exit code 3; its last lines:\nlines of ${NAME}\n`);
        assert.deepEqual(failed.calls, [removed, ...made, removed]);
        host.machine.write("lab/hangs", "");
        const late = await host.run(once(), data);
        assert.match(late.stderr, /^migrate failed on h1: it did not end within 600 s and was stopped; its last/);
        assert.deepEqual(late.calls.slice(-2), [`docker stop --time 10 ${NAME}`, removed]);
    });

    it("that runs already is waited for, and one that has ended counts, unless it has failed", async () => {
        const running = await host.leave(NAME, "running", 0).run(once(), data);
        assert.match(running.stdout, /^migrate-1a2b3c4d-\w{8} runs on h1 already: waiting for its end\n/);
        assert.deepEqual(running.calls, [`docker wait ${NAME}`, removed]);
        const ended = await host.leave(NAME, "exited", 0).run(once(), data);
        assert.deepEqual([ended.code, ended.calls], [0, [removed]]);
        const afresh = [removed, ...made, removed];
        assert.deepEqual((await host.leave(NAME, "exited", 3).run(once(), data)).calls, afresh);
        assert.deepEqual((await host.leave(NAME, "created", 0).run(once(), data)).calls, afresh);
    });

    it("waits for one of another version, whatever comes of it", async () => {
        const { code, stdout, calls } = await host.leave(OTHER, "running", 1).run(once(), data);
        assert.equal(code, 0);
        assert.match(
            stdout,
            /^migrate-00000000-\w{8} still runs on h1, from an earlier deployment: waiting for its end\n/,
        );
        assert.deepEqual(calls.slice(0, 2), [`docker wait ${OTHER}`, removedOther]);
        assert.deepEqual(calls.slice(2), [removed, ...made, removed]);
    });

    it("whose host does not answer says so; its removal is no error then", async () => {
        host.machine.write("lab/gone", "");
        const { code, stderr } = await host.run(once(), data);
        assert.equal(code, 255);
        assert.match(stderr, /^migrate failed on h1: no connection, or it was lost; if the job runs there, the next/);
        const gone = await host.run(forgetCommand(ssh, job));
        assert.deepEqual(
            [gone.code, gone.stdout],
            [0, "h1 cannot be reached; unless it is gone, a job is left there\n"],
        );
    });

    it("leaves no container when it is removed", async () => {
        const { code, calls } = await host.leave(NAME, "running").run(forgetCommand(ssh, job));
        assert.deepEqual([code, calls], [0, [removed]]);
    });
});

describe("a job on a schedule", () => {
    let host: StubJobHost;
    const on = (options?: ConstructorParameters<typeof StubJobHost>[0]) => {
        host = new StubJobHost(options);
        return host;
    };
    afterEach(() => host.dispose());
    const scheduled = (schedule = "daily") => scheduleScript(ssh, { ...job, unit, schedule });
    const unschedule = unscheduleCommand(ssh, { ...job, unit });
    const folder = `var/lib/fusion/jobs/${unit}`;
    const units = ["service", "timer"].map((kind) => `etc/systemd/system/${unit}.${kind}`);
    const stamp = `var/lib/systemd/timers/stamp-${unit}.timer`;

    it("is set up by the script and the units in tests/golden", async () => {
        on();
        assertGolden("jobs/schedule.sh", `${scheduled()}\n`);
        assertGolden("jobs/migrate.service", renderService({ ...job, unit }));
        assertGolden("jobs/migrate.timer", renderTimer({ ...job, schedule: "*-*-* 03:00:00 Europe/Berlin" }));
        assertGolden("jobs/unschedule.sh", `${unschedule}\n`);
    });

    it("has its data where root alone can read it, and a timer that is started anew with each change", async () => {
        const { code, stdout, stderr, calls } = await on().run(scheduled(), data);
        assert.deepEqual([code, stdout], [0, 'migrate runs on h1 at "daily"\n'], stderr);
        assert.deepEqual(calls, [
            "systemd-analyze calendar daily",
            "systemctl daemon-reload",
            `systemctl enable --quiet ${unit}.timer`,
            `systemctl restart ${unit}.timer`,
        ]);
        const mode = (path: string) => (statSync(join(host.machine.dir, path)).mode & 0o777).toString(8);
        assert.deepEqual([folder, `${folder}/data`, `${folder}/run`, ...units].map(mode), [
            "700",
            "600",
            "600",
            "644",
            "644",
        ]);
        assert.equal(host.machine.read(`${folder}/data`), data);
        assert.match(host.machine.read(units[1] ?? ""), /^OnCalendar=daily\nPersistent=true$/m);
        await host.run(scheduled("*:0/15"), data);
        assert.match(host.machine.read(units[1] ?? ""), /^OnCalendar=\*:0\/15$/m);
    });

    it("runs by what is kept there, and shows all that the job writes", async () => {
        await on().run(scheduled(), data);
        const it = `sh ${host.machine.dir}/${folder}/run <${host.machine.dir}/${folder}/data`;
        const { code, stdout, calls } = await host.run(it);
        assert.deepEqual([code, stdout], [0, `lines of ${NAME}\n${RAN}\n`]);
        assert.deepEqual(calls, [removed, ...made, removed]);
        const again = await host.leave(NAME, "exited", 0).run(it);
        assert.deepEqual(again.calls, [removed, ...made, removed], "an end of long ago is none of this run");
    });

    it("is set up by sudo, and says what is missing for it", async () => {
        const sudo = await on({ user: 1000 }).run(scheduled(), data);
        assert.deepEqual([sudo.code, sudo.stdout], [0, 'migrate runs on h1 at "daily"\n'], sudo.stderr);
        host.dispose();
        const refused = await on({ user: 1000, sudo: false }).run(scheduled(), data);
        assert.equal(refused.code, 1);
        assert.match(refused.stderr, /a schedule needs root: sudo asks ops for a password on h1; let it not/);
        host.dispose();
        const without = await on({ systemd: false }).run(scheduled(), data);
        assert.equal(without.code, 1);
        assert.match(without.stderr, /^migrate on h1: a schedule needs systemd, which does not run there; leave/);
    });

    it("that systemd does not understand changes nothing", async () => {
        const { code, stderr } = await on().run(scheduled("sometimes"), data);
        assert.equal(code, 1);
        assert.match(
            stderr,
            /schedule is no calendar expression of systemd: "sometimes" \(Failed to parse calendar\); give/,
        );
        assert.ok(!host.has(folder));
    });

    it("leaves nothing when it is removed, nor that it has run, and a host that is gone is no error", async () => {
        await on().run(scheduled(), data);
        host.machine.write(stamp, "");
        const { code, calls } = await host.leave(NAME, "running").run(unschedule);
        assert.equal(code, 0);
        assert.deepEqual(calls, [
            `systemctl disable --now --quiet ${unit}.timer`,
            `systemctl stop ${unit}.service`,
            `systemctl reset-failed ${unit}.service`,
            "systemctl daemon-reload",
            removed,
        ]);
        assert.deepEqual(
            [folder, stamp, ...units].filter((path) => host.has(path)),
            [],
        );
        host.machine.write("lab/gone", "");
        assert.equal((await host.run(unschedule)).code, 0);
    });

    it("is told apart from one of that name in another stack", async () => {
        await on().run(scheduled(), data);
        const twin = { ...job, stack: "shop/test", unit: "fusion-shop-test-migrate" };
        await host.run(scheduleScript(ssh, { ...twin, schedule: "daily" }), data);
        await host.run(unscheduleCommand(ssh, twin));
        assert.ok([folder, ...units].every((path) => host.has(path)));
    });
});
