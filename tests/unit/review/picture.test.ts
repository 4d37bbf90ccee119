import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCli } from "../../support/cli";
import { manySteps } from "../../support/previews";

const recording = (name: string) =>
    readFileSync(join(__dirname, "..", "..", "golden", "review", `${name}.json`), "utf8");
const URL = "https://git.example.org/shop/-/jobs/7/artifacts/file/graph.svg";

describe("the graph of a review as a picture", () => {
    let dir: string;
    let file: string;
    beforeEach(() => {
        dir = mkdtempSync(join(tmpdir(), "fusion-picture-"));
        file = join(dir, "new", "graph.svg");
    });
    afterEach(() => rmSync(dir, { recursive: true }));

    it("is written and linked, with every host where the Mermaid text has groups alone", async () => {
        const preview = manySteps({ sets: 10, replicas: 100, hosts: 50 });
        // One more replica: where things run changes.
        const steps = [...preview.steps, extra];
        const stdin = JSON.stringify({ ...preview, steps });
        const { code, out, err } = await runCli(["review", "--svg", file, "--svg-url", URL], { stdin });
        assert.equal(code, 0, err);
        assert.match(out, new RegExp(`\\[Each host with what runs on it\\]\\(<${URL}>\\)`));
        assert.ok(out.length < 65_536);
        const picture = readFileSync(file, "utf8");
        for (let i = 0; i < 50; i++) assert.ok(picture.includes(`>h${i}<`), `h${i}`);
        assert.doesNotMatch(out, /"h49/);
    });

    it("is neither written nor linked where nothing of it changes, or not all is known", async () => {
        for (const name of ["nothing", "listener-added", "image-without-sames"]) {
            const { out } = await runCli(["review", "--svg", file, "--svg-url", URL], { stdin: recording(name) });
            assert.equal(existsSync(file), false, name);
            assert.ok(!out.includes(URL), name);
        }
    });

    it("tells wrong use with what to do", async () => {
        writeFileSync(join(dir, "new"), "");
        for (const [args, words] of [
            [["--svg", "graph.png"], /--svg takes a file that ends in \.svg, got "graph\.png"/],
            [["--svg-url", "javascript:alert(1)"], /--svg-url takes a URL of http or https, got "javascript/],
            [["--svg-url", "https://x.org/>)<b>"], /--svg-url takes a URL of http or https/],
            [["--svg", file], /new: is a file; give a name/],
        ] as const) {
            const { code, err } = await runCli(["review", ...args], { stdin: recording("scale-up") });
            assert.equal(code, 2);
            assert.match(err, words);
        }
    });
});

const SET = "fusion:index:FusionContainerSet";
const extra = {
    op: "create",
    urn: `urn:pulumi:dev::shop::${SET}$docker:index/container:Container::s0-100`,
    newState: {
        type: "docker:index/container:Container",
        parent: `urn:pulumi:dev::shop::${SET}::s0`,
        inputs: { labels: [{ label: "fusion.host", value: "h0" }] },
    },
};
