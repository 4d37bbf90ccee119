import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { userInfo } from "node:os";
import { keepPrivateKey } from "../../lib/sshFolder";
import type { EngineResult } from "../support/stack";
import { mostDuring, TwoLabs } from "../support/twoLabs";

/** Two hypervisors in one program, machines placed over them, containers over both. */
const program = (vms: string[], replicas: number) => `
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";

export = async () => {
    const config = new pulumi.Config();
    const labs = JSON.parse(config.require("labs"));
    const hypervisors = labs.map((lab: any, i: number) => new fusion.FusionHypervisor("rack" + (i + 1), {
        uri: lab.uri, domainType: lab.domainType, pool: { path: lab.poolPath },
        network: { cidr: "10.8" + (i + 1) + ".0.0/24" },
        labels: { zone: "z" + (i + 1) }, capacity: { memoryMiB: 8192 },
    }));
    const ask = { vcpus: 1, memoryMiB: 1024 };
    const on = await fusion.placeVms("machines", { hypervisors, vms: {
        vm1: { ...ask, require: { zone: ["z1"] } },
        vm2: { ...ask, antiAffinity: { with: ["vm1"], over: "zone" } },
        ${vms.includes("vm3") ? 'vm3: { ...ask, require: { zone: ["z2"] } },' : ""}
    } });
    const vms = Object.entries(on).map(([name, hypervisor]) => {
        const i = hypervisors.indexOf(hypervisor);
        return new fusion.FusionVm(name, {
            hypervisor, image: labs[i].image, ...ask, address: "10.8" + (i + 1) + ".0.1" + name.slice(2),
            ssh: i === 0 ? { privateKeyFile: labs[0].sshKey } : { privateKey: config.requireSecret("key") },
        });
    });
    const web = new fusion.FusionContainerSet("web", {
        hosts: vms.slice(0, 2), image: labs[0].httpd, replicas: 2, ports: [{ container: 80 }],
        healthCheck: { http: { path: "/", port: 80 } }, placement: { spreadOver: "zone" },
    });
    new fusion.FusionContainerSet("many", {
        hosts: vms.slice(0, 1), image: labs[0].httpd, replicas: ${replicas}, ports: [{ container: 80 }],
        healthCheck: { http: { path: "/", port: 80 }, timeoutSeconds: 900 },
    });
    return { endpoints: web.endpoints, placement: web.placement };
};
`;

const changes = ({ steps }: EngineResult) =>
    steps.filter(({ op }) => op !== "same" && op !== "read").map(({ op, name }) => `${op} ${name}`);

// One farm for all: to make one takes minutes under emulation.
describe("two hypervisors in one program, one of them remote", () => {
    let farm: TwoLabs;
    let first: EngineResult;
    /** Where the program puts the key of the second lab's machines. */
    let keyFile: string | undefined;
    const up = async (text: string, more: readonly string[] = []) => {
        farm.stack.setProgram(text);
        const result = await farm.stack.up(...more);
        assert.equal(result.ok, true, result.text);
        return result;
    };
    const start = program(["vm1", "vm2"], 1);
    before(async () => {
        farm = await TwoLabs.create("test-two", start);
        const key = readFileSync(farm.labs[1].sshKey, "utf8");
        keyFile = keepPrivateKey(key).file.replace("~", userInfo().homedir);
        rmSync(keyFile);
        first = await farm.stack.up();
    });
    after(async () => {
        await farm?.dispose();
        if (keyFile !== undefined) rmSync(keyFile, { force: true });
    });

    it("come up in one go, a machine on each", async () => {
        assert.equal(first.ok, true, first.text);
        const [a, b] = farm.labs;
        assert.equal(await farm.virsh(a, "list", "--name"), "vm1");
        assert.equal(await farm.virsh(b, "list", "--name"), "vm2");
        const { placement } = await farm.stack.outputs();
        assert.deepEqual(Object.values(placement ?? {}).sort(), ["vm1", "vm2"]);
    });

    it("serve from both, each in its own network", async () => {
        const { endpoints } = await farm.stack.outputs();
        assert.ok(Array.isArray(endpoints) && endpoints.length === 2);
        for (const { vm, address, port } of endpoints) {
            const lab = farm.labs[vm === "vm1" ? 0 : 1];
            const page = await farm.inside(lab, "curl", "--silent", "--max-time", "20", `http://${address}:${port}/`);
            assert.match(page, /It works/);
        }
    });

    it("change nothing in a second preview", async () => {
        const preview = await farm.stack.preview();
        assert.equal(preview.ok, true, preview.text);
        assert.deepEqual(changes(preview), []);
    });

    it("keep the key out of the state", async () => {
        const state = JSON.stringify(await farm.stack.export());
        assert.match(state, /IdentityFile=~\/\.ssh\/fusion-/);
        assert.doesNotMatch(state, /BEGIN OPENSSH PRIVATE KEY/);
    });

    it("carry 3 more containers of a machine over few connections, also where none is open yet", async () => {
        farm.forgetConnections();
        const watch = () => farm.sshConnections("10.81.0.11");
        const [, most] = await mostDuring(watch, up(program(["vm1", "vm2"], 4)));
        console.log(`      connections to one machine while 3 containers are made on it: ${most} at most`);
        assert.ok(most >= 1 && most <= 4, `${most} connections`);
    });

    it("are refreshed by an operator whose machine lacks the key with --run-program", async () => {
        rmSync(keyFile ?? "");
        farm.forgetConnections();
        const without = await farm.stack.refresh();
        assert.equal(without.ok, false, without.text);
        assert.match(without.text, /Permission denied \(publickey\)|fusion-[0-9a-f]{16}\.key/);
        const refreshed = await farm.stack.refresh("--run-program");
        assert.equal(refreshed.ok, true, refreshed.text);
        assert.deepEqual(changes(await farm.stack.preview()), []);
    });

    it("get a further machine's disk from the cached image with less than 1 MiB through the client", async () => {
        const before_ = await farm.bytes();
        // All of the machine but its start, which is a minute under emulation.
        const parts = ["FusionVm::vm3", "Volume::vm3", "Command::vm3-seed"];
        const result = await up(
            program(["vm1", "vm2", "vm3"], 4),
            parts.flatMap((part) => ["--target", `**${part}`]),
        );
        const moved = (await farm.bytes()) - before_;
        console.log(`      bytes between the client and the hypervisor for one more machine: ${moved}`);
        assert.deepEqual([...new Set(changes(result))].sort(), ["create vm3", "create vm3-seed"]);
        assert.equal(await farm.virsh(farm.labs[1], "list", "--all", "--name"), "vm2");
        const files = readdirSync(farm.labs[1].poolPath, { recursive: true }).join("\n");
        assert.match(files, /vm3-[0-9a-f]{8}\.qcow2/);
        assert.match(files, /vm3-[0-9a-f]+\.img/);
        assert.ok(moved > 0 && moved < 2 ** 20, `${moved} bytes`);
    });

    it("are left as they were", async () => {
        const destroyed = await farm.stack.destroy("--run-program");
        assert.equal(destroyed.ok, true, destroyed.text);
        for (const lab of farm.labs) {
            assert.equal(await farm.virsh(lab, "list", "--all", "--name"), "");
            assert.equal(await farm.virsh(lab, "pool-list", "--all", "--name"), "");
            assert.deepEqual(readdirSync(lab.poolPath, { recursive: true }), []);
        }
        assert.deepEqual(await farm.stack.export(), []);
    });
});
