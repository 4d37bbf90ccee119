import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, labDown, labUp } from "../../tools/lab";
import { TestStack } from "../support/stack";

/** A program that constructs machines in two goes, as one does that waits for something in between. */
const program = ({ uri, domainType }: Lab, second = "") => `
import * as fusion from "pulumi-fusion";
const image = { source: "/etc/hosts", sha256: "${"a".repeat(64)}" };
const ssh = { authorizedKeys: ["ssh-ed25519 OPERATOR"] };
export = async () => {
    const hypervisor = new fusion.FusionHypervisor("rack", { uri: "${uri}", domainType: "${domainType}" });
    const one = new fusion.FusionVm("vm1", { hypervisor, image, ssh });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const two = new fusion.FusionVm("vm0", { hypervisor, image, ssh${second} });
    return { one: one.address, two: two.address, host: two.dockerHost };
};
`;

describe("addresses that are left out, with the real engine", () => {
    let lab: Lab;
    let stack: TestStack;
    before(async () => {
        lab = await labUp("test-addresses", mkdtempSync(join(tmpdir(), "fusion-test-addresses-")));
        stack = await TestStack.create({ program: program(lab), wrap: lab.wrap });
    });
    after(async () => {
        await stack?.dispose();
        await labDown(lab.name, lab.dir);
    });

    it("are known at the first preview, and differ for machines that are constructed later", async () => {
        const { ok, text, steps } = await stack.preview();
        assert.equal(ok, true, text);
        assert.match(text, /one *: "10\.77\.0\.11"/);
        assert.match(text, /two *: "10\.77\.0\.12"/);
        assert.match(text, /host *: "ssh:\/\/fusion@10\.77\.0\.12"/);
        const records = steps.filter(({ type }) => type === "fusion:index:AddressRecord").map(({ name }) => name);
        assert.deepEqual(records.sort(), ["rack-addresses", "rack-addresses-2"]);
    });

    it("are not given by name to a machine that is constructed later", async () => {
        stack.setProgram(program(lab, ', address: "10.77.0.11"'));
        const { ok, text } = await stack.preview();
        assert.equal(ok, false);
        assert.match(text, /vm0\.address: "10\.77\.0\.11" is held by vm1/);
    });
});
