import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { TestStack } from "../support/stack";

// These hold for the released plugin as for its stand-in.
describe("local commands", () => {
    let stack: TestStack;
    before(async () => {
        stack = await TestStack.create({ program: "" });
    });
    after(() => stack.dispose());

    /** A program with one command that logs each run to `runs`; the arguments are TypeScript text. */
    const command = (args: string) => `
        import * as command from "@pulumi/command";
        import * as pulumi from "@pulumi/pulumi";
        const one = new command.local.Command("one", { dir: __dirname, ${args} });
        export const stdout = one.stdout;
        export const stderr = one.stderr;`;
    const runs = (): string[] => readFileSync(join(stack.dir, "runs"), "utf8").trim().split("\n");

    it("runs create with standard input, and keeps secrets encrypted", async () => {
        stack.setProgram(
            command(`create: "cat; echo create $TOKEN >> runs; echo $TOKEN; echo warned >&2", stdin: "in\\n",
                environment: { TOKEN: pulumi.secret("hunter2") }, logging: "none"`),
        );
        const preview = await stack.preview();
        assert.deepEqual(preview.changes, { create: 2 });
        assert.equal(existsSync(join(stack.dir, "runs")), false, "a preview runs nothing");
        const up = await stack.up();
        assert.equal(up.ok, true, up.text);
        assert.deepEqual(await stack.outputs(), { stdout: "in\nhunter2", stderr: "warned" });
        assert.deepEqual(runs(), ["create hunter2"]);
        const state = JSON.stringify(await stack.export());
        assert.equal(state.includes("hunter2"), false, "the state has the secret in plain text");
        assert.equal(up.text.includes("hunter2"), false, "the secret was shown");
    });

    it("changes nothing the second time, nor by a refresh", async () => {
        assert.deepEqual((await stack.up()).changes, { same: 2 });
        assert.deepEqual((await stack.refresh()).changes, { same: 2 });
        assert.deepEqual(runs(), ["create hunter2"]);
    });

    it("runs create again for another create, and update where there is one, with the last output", async () => {
        stack.setProgram(command(`create: "echo again | tee -a runs"`));
        const again = await stack.up();
        assert.deepEqual(again.changes, { update: 1, same: 1 });
        assert.deepEqual(await stack.outputs(), { stdout: "again", stderr: "" });
        stack.setProgram(
            command(`create: "false", update: "echo update after $PULUMI_COMMAND_STDOUT | tee -a runs",
                delete: "echo delete the old >> runs"`),
        );
        assert.equal((await stack.up()).ok, true);
        assert.deepEqual(runs().slice(1), ["again", "update after again"]);
    });

    it("replaces for other triggers: create the new, then delete with the old inputs", async () => {
        stack.setProgram(
            command(
                `create: "echo create the new | tee -a runs", delete: "echo delete the new >> runs", triggers: [1]`,
            ),
        );
        const up = await stack.up();
        assert.deepEqual(up.changes, { replace: 1, same: 1 });
        assert.deepEqual(runs().slice(3), ["create the new", "delete the old"]);
    });

    it("shows how a command failed and keeps the state as it was", async () => {
        stack.setProgram(command(`create: "echo one; echo two >&2; exit 3", triggers: [1]`));
        const up = await stack.up();
        assert.equal(up.ok, false);
        const errors = up.diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);
        assert.match(String(errors[0]), /exit status 3: running "echo one; echo two >&2; exit 3":/);
        assert.match(String(errors[0]), /one\n\s*two|two\n\s*one/);
        const [resource] = (await stack.export()).filter(({ type }) => type === "command:local:Command");
        assert.equal(resource?.inputs?.create, "echo create the new | tee -a runs");
    });

    it("refuses a wrong argument in the preview", async () => {
        stack.setProgram(command(`create: "true", logging: "some" as any`));
        const preview = await stack.preview();
        assert.equal(preview.ok, false);
        assert.match(preview.text, /logging/);
    });

    it("runs delete when it is destroyed", async () => {
        assert.equal((await stack.destroy()).ok, true);
        assert.equal(runs().at(-1), "delete the new");
        assert.deepEqual(await stack.export(), []);
    });
});

describe("many commands at once", () => {
    let stack: TestStack;
    before(async () => {
        stack = await TestStack.create({ program: "" });
    });
    after(() => stack.dispose());

    it("run at the same time", async () => {
        // Each waits until all have come: one after another they would never end.
        const wait = "until [ $(ls came-* | wc -l) = 8 ]; do sleep 0.1; done";
        stack.setProgram(`
            import * as command from "@pulumi/command";
            for (let i = 0; i < 8; i++) {
                new command.local.Command("c" + i, { dir: __dirname, create: "touch came-" + i + "; ${wait}" });
            }`);
        const up = await stack.up("--parallel", "8");
        assert.deepEqual([up.ok, up.changes], [true, { create: 9 }], up.text);
    });

    it("end with what they started when the run is interrupted", async () => {
        stack.setProgram(`
            import * as command from "@pulumi/command";
            new command.local.Command("long", { dir: __dirname, create: "echo $$ > pid; sleep 300 & wait" });`);
        const file = join(stack.dir, "pid");
        const pid = () => (existsSync(file) ? Number(readFileSync(file, "utf8")) : 0);
        const result = await stack.interruptWhen(() => pid() > 0);
        assert.equal(result.ok, false);
        assert.equal(await hasEnded(pid()), true, "the command or its child still runs");
    });
});

/** Whether a process group is gone within 5 seconds: init may take a moment to take note of an orphan's end. */
async function hasEnded(group: number): Promise<boolean> {
    for (let i = 0; i < 50; i++) {
        try {
            process.kill(-group, 0);
        } catch {
            return true;
        }
        await sleep(100);
    }
    return false;
}
