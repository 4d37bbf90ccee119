import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectDir } from "../../tools/paths";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";

const example = (name: string) => readFileSync(join(projectDir, "examples", name, "index.ts"), "utf8");

/** An example's program on real Docker hosts, in turn; those with machines of their own have tests elsewhere. */
describe("examples on machines that exist already", () => {
    let farm: DockerHosts;
    before(async () => {
        farm = await DockerHosts.create("test-examples", { program: example("secrets") });
    });
    after(() => farm?.dispose());

    const set = (key: string, value: string, ...more: string[]) =>
        farm.stack.pulumi(["config", "set", ...more, key, value]);
    async function up() {
        const result = await farm.stack.up();
        assert.equal(result.ok, true, result.text);
        const preview = await farm.stack.preview();
        return { text: result.text, next: changes(preview) };
    }
    const names = async (host: string) => (await farm.docker(host, "ps", "--format", "{{.Names}}")).split("\n");

    it("secrets: a file that inspect does not show, an environment that the state encrypts", async () => {
        await set("image", await farm.image("v1"));
        await set("password", "hunter2", "--secret");
        await set("token", "swordfish", "--secret");
        const { text, next } = await up();
        assert.deepEqual(next, []);
        const [name = ""] = await names("h1");
        const inside = "cat $PASSWORD_FILE; stat -c ' %a' $PASSWORD_FILE; echo $TOKEN";
        assert.equal(await farm.docker("h1", "exec", name, "sh", "-c", inside), "hunter2 400\nswordfish");
        assert.doesNotMatch(await farm.docker("h1", "inspect", name), /hunter2/);
        const state = JSON.stringify(await farm.stack.export());
        assert.doesNotMatch(state + text, /hunter2|swordfish/);
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    it("database: its data outlives a new version", async () => {
        farm.stack.setProgram(example("database"));
        await set("check", JSON.stringify(["test", "-d", "/var/lib/postgresql/data"]));
        await set("protect", "false");
        assert.deepEqual((await up()).next, []);
        const [name = ""] = await names("h1");
        assert.match(name, /^db-0-/);
        await farm.docker("h1", "exec", name, "touch", "/var/lib/postgresql/data/kept");
        await set("image", await farm.image("v2"));
        const { text } = await up();
        assert.match(text, /db replaces 1 of 1 replicas.*db does not serve meanwhile/);
        const [next = ""] = await names("h1");
        assert.notEqual(next, name);
        assert.equal(await farm.docker("h1", "exec", next, "ls", "/var/lib/postgresql/data"), "kept");
        // Its data is on h1, so it cannot go elsewhere.
        await set("hosts", JSON.stringify(farm.hosts.slice(1)));
        const moved = await farm.stack.preview();
        assert.equal(moved.ok, false);
        assert.match(moved.text, /db\.hosts: lacks "h1", where the data of db-0 is; keep it among the hosts/);
        await set("hosts", JSON.stringify(farm.hosts));
        assert.equal((await farm.stack.destroy()).ok, true);
    });

    it("canary: a tenth of the requests, then all", async () => {
        farm.stack.setProgram(example("canary"));
        await set("image", await farm.image("v1"));
        assert.deepEqual((await up()).next, []);
        await set("image", await farm.image("v2"));
        const { text, next } = await up();
        assert.match(text, /as a canary on web-3/);
        assert.ok(next.includes("replace web-0") || next.some((step) => / web-0$/.test(step)), next.join());
        const { endpoints } = await farm.stack.outputs();
        assert.ok(Array.isArray(endpoints));
        assert.deepEqual(
            endpoints.map(({ weight }) => weight),
            [256, 256, 256, 85],
        );
        assert.deepEqual((await up()).next, []);
        assert.equal((await farm.stack.destroy()).ok, true);
    });
});
