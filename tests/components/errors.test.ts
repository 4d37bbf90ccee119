import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { type FarmArgs, farm } from "../support/farm";
import { runProgram } from "../support/mocks";

/** Runs a wrong farm: one error, and nothing registered but components. Returns the error's lines. */
const refusedFarm = async (args: FarmArgs) => {
    const { registered, errors } = await runProgram(() => farm(args));
    assert.equal(errors.length, 1, errors.join("\n---\n"));
    assert.deepEqual(
        registered.filter(({ type }) => !/^fusion:index:Fusion/.test(type)).map(({ type }) => type),
        [],
        "nothing is created",
    );
    return (errors[0] ?? "").split("\n");
};

describe("wrong arguments", () => {
    it("of several components come as one error with all paths, and nothing is created", async () => {
        const [title, ...lines] = await refusedFarm({
            hypervisor: { uri: "nowhere", pool: { path: "relative" } },
            vm: { vcpus: 0 },
            set: { replicas: -1, ports: [{ container: 99_999 }] },
            balancer: { listen: 0 },
        });
        assert.equal(title, `${lines.length} wrong arguments, nothing was created:`);
        assert.deepEqual(
            lines.map((line) => line.replace(/: .*/, "")),
            [
                "lb.listen",
                "rack.pool.path",
                "rack.uri",
                "vm1.vcpus",
                "vm2.vcpus",
                "web.ports[0].container",
                "web.replicas",
            ],
        );
    });

    it("of one component come alone", async () => {
        const [title, ...lines] = await refusedFarm({ balancer: { listen: 70_000 } });
        assert.equal(title, "1 wrong argument, nothing was created:");
        assert.match(lines.join(), /^lb\.listen: .*got 70000; give/);
    });

    it("name the machine that has an address already", async () => {
        const [, ...lines] = await refusedFarm({ vm: { address: "10.77.0.20" } });
        assert.deepEqual(lines, ['vm2.address: "10.77.0.20" is the address of vm1 already; give another']);
    });

    it("name a replica that fits nowhere", async () => {
        const [, ...lines] = await refusedFarm({ replicas: 3, set: { resources: { cpus: 0.7 } } });
        assert.equal(lines.length, 1);
        assert.match(lines[0] ?? "", /^web\.replicas: web-\d fits on no host \(vm1: cpu.*; vm2: cpu/);
    });

    it("say which loss would stop a set that is to survive it", async () => {
        const [, ...lines] = await refusedFarm({ replicas: 1, set: { survives: { vms: 1 } } });
        assert.equal(lines.length, 1);
        assert.match(
            lines[0] ?? "",
            /^web\.survives\.vms: losing host vm\d stops web: its only replica is there; give web 2/,
        );
    });

    it("name an image that is not there", async () => {
        const [, ...lines] = await refusedFarm({ vm: { image: { source: "/no/such.qcow2", sha256: "a".repeat(64) } } });
        assert.equal(lines.length, 2);
        assert.match(lines[0] ?? "", /^vm1\.image\.source: is not there: "\/no\/such\.qcow2"; give/);
    });

    it("name a container image whose digest cannot be found", async () => {
        const [, ...lines] = await refusedFarm({ image: "127.0.0.1:1/httpd:2.4" });
        assert.equal(lines.length, 1);
        assert.match(lines[0] ?? "", /^web\.image: .*give it as 127\.0\.0\.1:1\/httpd@sha256/);
    });

    it("of one round do not spoil the next", async () => {
        await refusedFarm({ balancer: { listen: 0 } });
        assert.deepEqual((await runProgram(() => farm())).errors, []);
    });
});

describe("a machine that exists already", () => {
    it("is a host like another, without anything made on a hypervisor", async () => {
        const { registered, errors, values } = await runProgram(() => {
            const host = { name: "old1", address: "192.0.2.7", ssh: { user: "ops", port: 2222 } };
            const image = `127.0.0.1:1/httpd@sha256:${"1".repeat(64)}`;
            const web = new fusion.FusionContainerSet("web", { hosts: [host], image, ports: [{ container: 80 }] });
            return { endpoints: web.endpoints };
        });
        assert.deepEqual(errors, []);
        assert.deepEqual(values.endpoints, [{ name: "web-0", vm: "old1", address: "192.0.2.7", port: 20000 }]);
        const provider = registered.find(({ type }) => type === "pulumi:providers:docker");
        assert.equal(provider?.name, "fusion-old1");
        assert.equal(provider?.inputs.host, "ssh://ops@192.0.2.7:2222");
        assert.equal(provider?.parent, "", "it is there for all sets");
        assert.ok(!registered.some(({ type }) => type.startsWith("libvirt:")));
    });

    it("has one docker provider for all sets", async () => {
        const host = { name: "old1", address: "192.0.2.7" };
        const image = `127.0.0.1:1/httpd@sha256:${"1".repeat(64)}`;
        const { registered, errors } = await runProgram(() => {
            const [web, api] = ["web", "api"].map(
                (name) => new fusion.FusionContainerSet(name, { hosts: [host], image }),
            );
            return { web: web?.endpoints ?? pulumi.output([]), api: api?.endpoints ?? pulumi.output([]) };
        });
        assert.deepEqual(errors, []);
        assert.equal(registered.filter(({ type }) => type === "pulumi:providers:docker").length, 1);
    });

    it("has Docker installed when asked, and its images wait for that", async () => {
        const { registered, errors } = await runProgram(() => {
            const docker = { install: true as const, version: "27.3.1", daemon: { debug: true } };
            const host = { name: "old1", address: "192.0.2.7", ssh: { user: "ops" }, docker };
            const image = `127.0.0.1:1/httpd@sha256:${"1".repeat(64)}`;
            const web = new fusion.FusionContainerSet("web", { hosts: [host], image, ports: [{ container: 80 }] });
            return { endpoints: web.endpoints };
        });
        assert.deepEqual(errors, []);
        const install = registered.find(({ name }) => name === "fusion-old1-docker");
        assert.equal(install?.type, "command:local:Command");
        assert.match(String(install?.inputs.create), /^ssh -o BatchMode=yes .* -l ops -- 192\.0\.2\.7 /);
        assert.match(String(install?.inputs.stdin), /^DOCKER_VERSION=27\.3\.1$/m);
        assert.equal(install?.inputs.delete, undefined, "its deletion leaves the machine as it is");
        const pulled = registered.find(({ type, name }) => type === "command:local:Command" && name === "web-old1");
        assert.ok(pulled?.dependsOn.includes("command:local:Command::fusion-old1-docker"));
    });

    it("is checked as a virtual machine is", async () => {
        const { errors } = await runProgram(() => {
            const docker = { install: true as const, version: "new" };
            const host = { name: "old1", address: "192.0.2.7", docker };
            const web = new fusion.FusionContainerSet("web", { hosts: [host], image: "x@sha256:1" });
            return { endpoints: web.endpoints };
        });
        assert.match(errors[0] ?? "", /^web\.hosts\[0\]\.docker\.version: is no version of a package: "new"; give/m);
    });

    it("is refused with a way to it that ssh would not take", async () => {
        const { errors } = await runProgram(() => {
            const ssh = { user: "-x", hostKey: "AAAA", jump: { address: "a b" } };
            const hosts = [{ name: "old1", address: "192.0.2.7", ssh }];
            const web = new fusion.FusionContainerSet("web", {
                hosts,
                image: `127.0.0.1:1/a@sha256:${"1".repeat(64)}`,
            });
            return { endpoints: web.endpoints };
        });
        for (const path of ["user", "hostKey", "jump.address"]) {
            assert.ok(errors[0]?.includes(`web.hosts[0].ssh.${path}: is n`), errors[0]);
        }
    });
});
