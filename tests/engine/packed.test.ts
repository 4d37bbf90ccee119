import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { place } from "../../lib/placement";
import { ensureEngine } from "../../tools/engine";
import { requiredPackages } from "../../tools/engine/stand-ins/packages";
import { versions } from "../../tools/engine/versions";
import { labConfig } from "../../tools/farm/hypervisor";
import { type Lab, labDown, labUp } from "../../tools/lab";
import { projectDir } from "../../tools/paths";
import { run } from "../../tools/run";
import { installPacked } from "../support/packed";
import { TestStack } from "../support/stack";
import { webfarmProgram } from "../support/webfarm";

/** Where it is installed, once for all. */
let dir = "";
before(async () => {
    dir = await installPacked();
});
after(() => rmSync(dir, { recursive: true, force: true }));

describe("the packed library, installed in an empty project", () => {
    let lab: Lab | undefined;
    after(async () => {
        if (lab) {
            await labDown(lab.name, lab.dir);
        }
    });

    it("tells Pulumi which plugins it needs, libvirt's with its parameter", () => {
        const found = requiredPackages(dir).map(({ name, version, parameterization }) => ({
            name,
            version,
            parameter: parameterization && `${parameterization.name} ${parameterization.version}`,
        }));
        assert.deepEqual(found, [
            { name: "command", version: `v${versions.command}`, parameter: undefined },
            { name: "docker", version: `v${versions.docker}`, parameter: undefined },
            {
                name: "terraform-provider",
                version: `v${versions.terraformProvider}`,
                parameter: `libvirt ${versions.libvirt}`,
            },
        ]);
    });

    it("type-checks and previews a program with the four components", async () => {
        lab = await labUp("test-packed", mkdtempSync(join(tmpdir(), "fusion-test-packed-")));
        const options = { project: "webfarm", config: labConfig(lab), wrap: lab.wrap, typescript: "checked" as const };
        const stack = await TestStack.create({
            ...options,
            program: webfarmProgram,
            modules: join(dir, "node_modules"),
        });
        try {
            const preview = await stack.preview();
            assert.equal(preview.ok, true, preview.text);
            const components = new Set(
                preview.steps.map(({ type }) => type).filter((type) => /^fusion:index:Fusion/.test(type)),
            );
            assert.deepEqual([...components].sort(), [
                "fusion:index:FusionBalancer",
                "fusion:index:FusionContainerSet",
                "fusion:index:FusionHypervisor",
                "fusion:index:FusionVm",
            ]);
        } finally {
            await stack.dispose();
        }
    });
});

/** Leaves a record as a container set does, without machines. */
const program = `
import * as pulumi from "@pulumi/pulumi";
class PlacementRecord extends pulumi.ComponentResource {
    constructor(name: string, outputs: pulumi.Inputs) {
        super("fusion:index:PlacementRecord", name);
        this.registerOutputs(outputs);
    }
}
const held = { "web-0": { vm: "vm1" }, "web-1": { vm: "vm2" } };
const host = (zone: string) => ({ labels: { zone }, capacity: { cpu: 1000 } });
new PlacementRecord("web", { held, hosts: { vm1: host("a"), vm2: host("b") }, demand: { cpu: 250 } });
`;
const example = (name: string) => join(projectDir, "examples", "problems", name);

describe("the command fusion of the packed library", () => {
    const bin = () => join(dir, "node_modules", ".bin", "fusion");
    const fusion = (args: readonly string[], input?: string) =>
        run(bin(), args, { cwd: dir, allowFailure: true, ...(input !== undefined && { input }) });

    it("answers as the library does", async () => {
        const { code, stdout, stderr } = await fusion(["place", "--json", example("3-vms.json")]);
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.deepEqual(JSON.parse(stdout), place(JSON.parse(readFileSync(example("3-vms.json"), "utf8"))));
        const { version } = JSON.parse(readFileSync(join(projectDir, "package.json"), "utf8"));
        assert.equal((await run("npx", ["--no-install", "fusion", "--version"], { cwd: dir })).stdout, `${version}\n`);
    });

    it("ends with 1 for a finding, with 2 for wrong input, and reads standard input", async () => {
        assert.equal((await fusion(["graph", example("3-vms.json")])).code, 1);
        const { code, stdout, stderr } = await fusion(["place", "-"], "{");
        assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
        assert.match(stderr, /^fusion: standard input:1:2: /);
    });

    it("ends quietly when nobody reads on", async () => {
        const piped = `"${bin()}" place --svg - "${example("300-vms.json")}" | head -c 99`;
        const { stdout, stderr } = await run("sh", ["-c", piped]);
        assert.deepEqual({ length: stdout.length, stderr }, { length: 99, stderr: "" });
    });

    it("starts without Pulumi", async () => {
        const file = join(dir, "node_modules", "pulumi-fusion", "dist", "lib", "cli", "fusion.js");
        const listing = `process.on("exit", () => console.error(Object.keys(require.cache).join("\\n")));`;
        const args = [
            "-e",
            `${listing} process.argv.splice(1, 0, "fusion"); require(${JSON.stringify(file)})`,
            "--",
            "--version",
        ];
        const { stderr } = await run(process.execPath, args, { cwd: dir });
        const loaded = stderr.split("\n").filter((file) => file.includes("node_modules"));
        assert.ok(loaded.some((file) => file.endsWith("fusion.js")));
        const others = loaded.filter((file) => !file.includes(join("pulumi-fusion", "dist", "lib")));
        assert.deepEqual(
            others.filter((file) => !file.includes(join("node_modules", "ipaddr.js"))),
            [],
        );
    });

    it("reads the state of a stack, by itself and from a pipe", async () => {
        const stack = await TestStack.create({ program });
        try {
            const up = await stack.up();
            assert.equal(up.ok, true, up.text);
            const state = await stack.pulumi(["stack", "export"]);
            const piped = await fusion(["graph", "--state", "-"], state);
            assert.deepEqual({ code: piped.code, stderr: piped.stderr }, { code: 0, stderr: "" });
            assert.match(piped.stdout, /^2 replicas of 1 service on 2 hosts/);
            const { env } = await ensureEngine();
            const own = { PULUMI_BACKEND_URL: `file://${join(stack.dir, ".state")}`, PULUMI_CONFIG_PASSPHRASE: "test" };
            const asked = await run(bin(), ["graph", "--stack", "dev"], { cwd: stack.dir, env: { ...env, ...own } });
            assert.equal(asked.stdout, piped.stdout);
            const review = await run(bin(), ["review", "--stack", "dev"], { cwd: stack.dir, env: { ...env, ...own } });
            assert.match(review.stdout, /\*\*Nothing to do: the stack is as the program says\.\*\*/);
        } finally {
            await stack.dispose();
        }
    });
});
