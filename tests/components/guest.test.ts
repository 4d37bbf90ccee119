import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { farm } from "../support/farm";
import { runProgram } from "../support/mocks";

const TOKEN = "t0ken-of-a-guest";
const files = (content: pulumi.Input<string>) => [{ path: "/etc/token", content, permissions: "0600" }];

describe("what is to be in a machine's system", () => {
    it("comes into the machine's seed, a secret file as a secret only", async () => {
        const { registered, errors } = await runProgram(() =>
            farm({ vms: ["vm1"], replicas: 1, vm: { files: files(pulumi.secret(TOKEN)), timezone: "Etc/UTC" } }),
        );
        assert.deepEqual(errors, []);
        const seed = registered.find(({ name }) => name === "vm1-seed");
        const data = /^USER_DATA=(\S+)$/m.exec(String(seed?.inputs.stdin))?.[1] ?? "";
        const text = Buffer.from(data, "base64").toString("utf8");
        assert.match(text, /^timezone: Etc\/UTC$/m);
        assert.match(text, new RegExp(`^ {4}content: ${TOKEN}$`, "m"));
        const encoded = Buffer.from(TOKEN).toString("base64").slice(0, -4);
        for (const { type, name, inputs, secrets } of registered) {
            const open = Object.entries(inputs).filter(([key]) => !secrets.includes(key));
            const shown = JSON.stringify(open);
            assert.ok(!shown.includes(TOKEN) && !shown.includes(encoded) && !shown.includes(data), `${type} ${name}`);
        }
    });

    it("is another disk when it changes, and only then", async () => {
        const first = await runProgram(() => farm({ vms: ["vm1"], replicas: 1, vm: { files: files("a") } }));
        const disk = async (content: pulumi.Input<string>) => {
            const program = () => farm({ vms: ["vm1"], replicas: 1, vm: { files: files(content) } });
            const { registered } = await runProgram(program, first.outputs);
            return registered.find(({ type }) => type === "libvirt:index/volume:Volume")?.inputs.name;
        };
        const before = await disk("a");
        assert.match(String(before), /^vm1-[0-9a-f]{8}\.qcow2$/);
        assert.equal(await disk(pulumi.output("a")), before);
        assert.notEqual(await disk("b"), before);
    });

    it("is checked with all else", async () => {
        const { errors } = await runProgram(() =>
            farm({ vms: ["vm1"], vm: { vcpus: 0, timezone: "../x", cloudInit: { ssh_pwauth: true } } }),
        );
        assert.deepEqual(
            (errors[0] ?? "")
                .split("\n")
                .slice(1)
                .map((line) => line.replace(/: .*/, "")),
            ["vm1.cloudInit.ssh_pwauth", "vm1.timezone", "vm1.vcpus"],
        );
    });
});
