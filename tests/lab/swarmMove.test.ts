import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { summarisePreview } from "../../lib";
import { projectDir } from "../../tools/paths";
import { DockerHosts } from "../support/dockerHosts";
import { changes } from "../support/machines";

const program = readFileSync(join(projectDir, "examples", "swarm", "index.ts"), "utf8");

describe("the example swarm, on real hosts", () => {
    let farm: DockerHosts;
    before(async () => {
        farm = await DockerHosts.create("swarm-move", { hosts: 3, program });
        await farm.stack.pulumi(["config", "set", "image", await farm.image("v1")]);
    });
    after(() => farm?.dispose());

    const services = () => farm.docker("h1", "service", "ls", "--format", "{{.Name}} {{.Replicas}}");

    it("comes up in one go, and nothing changes in a second preview", async () => {
        const up = await farm.stack.up();
        assert.equal(up.ok, true, up.text);
        assert.equal(await services(), "web 2/2");
        assert.deepEqual((await farm.stack.outputs()).managers, ["h1", "h2", "h3"]);
        assert.deepEqual(changes(await farm.stack.preview()), []);
    });

    it("tells a reviewer what a new image does to it", async () => {
        await farm.stack.pulumi(["config", "set", "image", await farm.image("v2")]);
        const preview = JSON.parse(await farm.stack.pulumi(["preview", "--json", "--show-sames"]));
        await farm.stack.pulumi(["config", "set", "image", await farm.image("v1")]);
        const { headline, services, stops } = summarisePreview(preview, {});
        assert.match(headline, /^web: 2 replicas roll from [0-9a-f]{4} to [0-9a-f]{4}, at least 2 serve throughout/);
        assert.deepEqual(
            services.map(({ name, before, after, replaced, lowest }) => ({ name, before, after, replaced, lowest })),
            [{ name: "web", before: 2, after: 2, replaced: 2, lowest: 2 }],
        );
        assert.deepEqual(stops, []);
    });

    for (const [engine, expected] of [
        ["plain", ""],
        ["swarm", "web 2/2"],
    ] as const) {
        it(`moves a set to ${engine === "plain" ? "the plain engines" : "the swarm"} without a failed request`, async () => {
            await farm.stack.pulumi(["config", "set", "engine", engine]);
            if (engine === "plain") {
                const told = JSON.parse(await farm.stack.pulumi(["preview", "--json", "--show-sames"]));
                assert.match(
                    summarisePreview(told, {}).headline,
                    /^web: all of it moves to plain hosts, at least 2 serve throughout/,
                );
            }
            const load = await farm.load();
            const up = await farm.stack.up();
            const { sent, failures } = await load();
            assert.equal(up.ok, true, up.text);
            console.log(`      ${sent} requests while web moved to ${engine}, ${failures.length} failed`);
            assert.deepEqual(failures, []);
            assert.equal(await services(), expected);
            const preview = await farm.stack.preview();
            assert.deepEqual(changes(preview), [], preview.text);
        });
    }
});
