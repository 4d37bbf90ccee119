import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { farm } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";

describe("a machine with a private key from Pulumi's secrets", () => {
    const dir = mkdtempSync(join(tmpdir(), "fusion-key-"));
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", join(dir, "key")]);
    const key = readFileSync(join(dir, "key"), "utf8");
    const publicKey = readFileSync(join(dir, "key.pub"), "utf8").trim();
    const secretLine = key.split("\n")[2] ?? "";
    let result: ProgramResult;
    let file = "";
    const jump = { address: "gate", user: "ops" };
    before(async () => {
        result = await runProgram(() => farm({ vm: { ssh: { privateKey: pulumi.secret(key), jump } } }));
        assert.deepEqual(result.errors, []);
        file = /IdentityFile=(~\/\.ssh\/fusion-[0-9a-f]{16}\.key)/.exec(JSON.stringify(result.registered))?.[1] ?? "";
    });
    after(() => {
        rmSync(dir, { recursive: true, force: true });
        rmSync(file.replace("~", userInfo().homedir), { force: true });
    });

    it("is logged in to with a file that has it, through the bastion host", () => {
        const providers = result.registered.filter(({ type }) => type === "pulumi:providers:docker");
        assert.equal(providers.length, 2);
        for (const { inputs, secrets } of providers) {
            assert.deepEqual(secrets, []);
            assert.ok(String(inputs.sshOpts).includes(`IdentityFile=${file}`), String(inputs.sshOpts));
            assert.match(String(inputs.sshOpts), /ProxyCommand=ssh .* -l ops -W %h:%p -- gate/);
        }
        assert.equal(readFileSync(file.replace("~", userInfo().homedir), "utf8"), key);
    });

    it("lets its public half in", () => {
        const keys = Object.values(result.outputs).filter(({ type }) => type === "fusion:index:MachineKeys");
        assert.deepEqual(
            keys.map(({ outputs }) => outputs.authorizedKeys),
            [[publicKey], [publicKey]],
        );
    });

    it("keeps the key out of the state and of every command", () => {
        assert.ok(secretLine.length > 30);
        assert.ok(!JSON.stringify([result.registered, result.outputs]).includes(secretLine));
    });

    it("is the same in a second deployment", async () => {
        const again = await runProgram(
            () => farm({ vm: { ssh: { privateKey: pulumi.secret(key), jump } } }),
            result.outputs,
        );
        const inputs = ({ registered }: ProgramResult) =>
            new Map(registered.map((one) => [`${one.type} ${one.name}`, JSON.stringify(one.inputs)]));
        assert.deepEqual(inputs(again), inputs(result));
    });

    it("is refused at preview when it is none, secret or not, without being shown", async () => {
        for (const wrong of ["no key", pulumi.secret("no key")]) {
            const { errors } = await runProgram(() =>
                farm({ vms: ["vm1"], replicas: 1, vm: { ssh: { privateKey: wrong } } }),
            );
            assert.match(errors.join("\n"), /vm1\.ssh\.privateKey.*is no private key that ssh takes/s);
            assert.doesNotMatch(errors.join("\n"), /no key/);
        }
        const both = { privateKey: key, privateKeyFile: "/k", authorizedKeys: ["ssh-ed25519 A"] };
        const { errors } = await runProgram(() => farm({ vms: ["vm1"], replicas: 1, vm: { ssh: both } }));
        assert.match(errors.join("\n"), /vm1\.ssh\.privateKey: is given beside privateKeyFile; give one of the two/);
        assert.ok(existsSync(file.replace("~", userInfo().homedir)));
    });
});
