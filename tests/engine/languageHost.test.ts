import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type EngineResult, TestStack } from "../support/stack";

const errors = ({ diagnostics }: EngineResult): string[] =>
    diagnostics.filter(({ severity }) => severity === "error").map(({ message }) => message);

describe("a program", () => {
    let stack: TestStack;
    before(async () => {
        stack = await TestStack.create({
            program: "",
            typescript: "checked",
            config: { size: "3", "other:name": "x" },
        });
    });
    after(() => stack.dispose());

    it("sees its project, stack, configuration and whether it is a preview", async () => {
        stack.setProgram(`
            import * as pulumi from "@pulumi/pulumi";
            const size = new pulumi.Config().requireNumber("size");
            const name = new pulumi.Config("other").require("name");
            pulumi.log.info([pulumi.getProject(), pulumi.getStack(), pulumi.getOrganization(), size, name,
                pulumi.runtime.isDryRun()].join(" "));`);
        const { diagnostics } = await stack.preview();
        assert.deepEqual(
            diagnostics.map(({ message }) => message.trim()),
            ["test dev organization 3 x true"],
        );
        const up = await stack.up();
        assert.deepEqual(
            up.diagnostics.map(({ message }) => message.trim()),
            ["test dev organization 3 x false"],
        );
    });

    it("that throws shows its error once", async () => {
        stack.setProgram(`throw new Error("no such rack");`);
        const result = await stack.preview();
        assert.equal(result.ok, false);
        assert.equal(errors(result).length, 1);
        assert.equal(errors(result)[0]?.match(/no such rack/g)?.length, 1);
    });

    it("that throws a RunError shows its message alone", async () => {
        stack.setProgram(`import * as pulumi from "@pulumi/pulumi"; throw new pulumi.RunError("no such rack");`);
        assert.deepEqual(errors(await stack.preview()), ["no such rack\n"]);
    });

    it("with a wrong type shows where", async () => {
        stack.setProgram(`const size: number = "three"; export { size };`);
        const result = await stack.preview();
        assert.equal(result.ok, false);
        assert.match(String(errors(result)[0]), /index\.ts.*Type 'string' is not assignable to type 'number'/);
    });

    it("that ends itself is said to have done so", async () => {
        stack.setProgram("process.exit(7);");
        const result = await stack.preview();
        assert.equal(result.ok, false);
        assert.match(result.text, /non-zero exit code: 7/);
    });

    describe("with a policy pack beside it", () => {
        const setPack = (program: string) => {
            const folder = join(stack.dir, "policy");
            mkdirSync(folder, { recursive: true });
            writeFileSync(join(folder, "PulumiPolicy.yaml"), "runtime: nodejs\n");
            writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "policy", version: "1.0.0" }));
            writeFileSync(join(folder, "index.ts"), program);
        };
        before(() => stack.setProgram(""));

        it("has it know its project, stack, configuration and whether it is a preview", async () => {
            setPack(`
                import * as pulumi from "@pulumi/pulumi";
                import { PolicyPack } from "@pulumi/policy";
                const told = [pulumi.getProject(), pulumi.getStack(), pulumi.getOrganization(),
                    new pulumi.Config().require("size"), pulumi.runtime.isDryRun()].join(" ");
                new PolicyPack("tells", { policies: [{ name: "tells", description: "Tells.", enforcementLevel: "mandatory",
                    validateStack: (_, report) => report(told) }] });`);
            const { ok, text } = await stack.preview("--policy-pack", "policy");
            assert.equal(ok, false);
            assert.match(text, /^ +test dev organization 3 true$/m);
        });

        it("says why that does not start", async () => {
            setPack(`throw new Error("no such rule");`);
            const { ok, text } = await stack.preview("--policy-pack", "policy");
            assert.equal(ok, false);
            assert.match(text, /no such rule/);
        });
    });
});
