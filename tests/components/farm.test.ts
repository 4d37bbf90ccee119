import assert from "node:assert/strict";
import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { farm, image } from "../support/farm";
import { type ProgramResult, type Registered, runProgram } from "../support/mocks";

const id = ({ type, name }: Registered) => `${type}::${name}`;

describe("the four components", () => {
    let result: ProgramResult;
    const one = (wanted: string): Registered => {
        const found = result.registered.filter((resource) => id(resource) === wanted);
        assert.equal(found.length, 1, `${found.length} resources are ${wanted}`);
        return found[0] as Registered;
    };
    before(async () => {
        result = await runProgram(() => farm({ env: { PASSWORD: pulumi.secret("hunter2") } }));
        assert.deepEqual(result.errors, []);
    });

    it("make exactly these children, each below its component", () => {
        const below = (vm: string) => [
            `fusion:index:FusionVm::${vm} < `,
            `fusion:index:MachineKeys::${vm} < fusion:index:FusionVm::${vm}`,
            `fusion:index:MachineRecord::${vm} < fusion:index:FusionVm::${vm}`,
            `libvirt:index/volume:Volume::${vm} < fusion:index:FusionVm::${vm}`,
            `command:local:Command::${vm}-seed < fusion:index:FusionVm::${vm}`,
            `libvirt:index/domain:Domain::${vm} < fusion:index:FusionVm::${vm}`,
            `command:local:Command::${vm} < fusion:index:FusionVm::${vm}`,
            `pulumi:providers:docker::${vm} < fusion:index:FusionVm::${vm}`,
        ];
        assert.deepEqual(
            result.registered.map((resource) => `${id(resource)} < ${resource.parent}`).sort(),
            [
                "fusion:index:FusionHypervisor::rack < ",
                "fusion:index:AddressRecord::rack-addresses < fusion:index:FusionHypervisor::rack",
                "pulumi:providers:libvirt::rack < fusion:index:FusionHypervisor::rack",
                "libvirt:index/pool:Pool::rack < fusion:index:FusionHypervisor::rack",
                "libvirt:index/network:Network::rack < fusion:index:FusionHypervisor::rack",
                "command:local:Command::rack-base-aaaaaaaaaaaaaaaa.qcow2 < fusion:index:FusionHypervisor::rack",
                "command:local:Command::rack-pool < fusion:index:FusionHypervisor::rack",
                ...below("vm1"),
                ...below("vm2"),
                "fusion:index:FusionContainerSet::web < ",
                "fusion:index:PlacementRecord::web < fusion:index:FusionContainerSet::web",
                "fusion:index:ReleaseRecord::web < fusion:index:FusionContainerSet::web",
                "command:local:Command::web-vm1 < fusion:index:FusionContainerSet::web",
                "command:local:Command::web-vm2 < fusion:index:FusionContainerSet::web",
                "docker:index/container:Container::web-0 < fusion:index:FusionContainerSet::web",
                "docker:index/container:Container::web-1 < fusion:index:FusionContainerSet::web",
                "command:local:Command::web-healthy < fusion:index:FusionContainerSet::web",
                "fusion:index:BalancerRecord::lb < fusion:index:FusionBalancer::lb",
                "fusion:index:FusionBalancer::lb < ",
                "command:local:Command::lb < fusion:index:FusionBalancer::lb",
                "command:local:Command::lb-vm1 < fusion:index:FusionBalancer::lb",
                "command:local:Command::lb-vm2 < fusion:index:FusionBalancer::lb",
            ].sort(),
        );
    });

    it("give the domain a fixed address, its disk and its seed", () => {
        const { inputs, dependsOn, deleteBeforeReplace } = one("libvirt:index/domain:Domain::vm1");
        assert.equal(inputs.name, "vm1");
        assert.equal(inputs.type, "qemu");
        assert.equal(inputs.memory, 2048);
        assert.deepEqual(inputs.networkInterfaces, [
            { networkName: "rack", mac: "52:54:00:4D:00:0B", waitForLease: false },
        ]);
        assert.match(
            JSON.stringify(inputs.disks),
            /images\/rack\/vm1-[0-9a-f]{8}\.qcow2.*images\/rack\/vm1-[0-9a-f]{12}\.img/,
        );
        assert.deepEqual(inputs.consoles, [{ type: "pty", targetType: "serial", targetPort: "0" }]);
        assert.equal(deleteBeforeReplace, true);
        for (const needed of [
            "libvirt:index/network:Network::rack",
            "libvirt:index/volume:Volume::vm1",
            "command:local:Command::vm1-seed",
        ]) {
            assert.ok(dependsOn.includes(needed), needed);
        }
    });

    it("make containers that go with their machine, on its own address", () => {
        const { inputs, dependsOn, deletedWith, replaceWith, replacementTrigger, deleteBeforeReplace } = one(
            "docker:index/container:Container::web-0",
        );
        assert.equal(inputs.image, image("1"));
        assert.match(String(inputs.name), /^web-0-[0-9a-f]{8}-0$/);
        assert.deepEqual(inputs.ports, [{ internal: 80, external: 20000, ip: "10.77.0.11", protocol: "tcp" }]);
        assert.deepEqual(inputs.envs, ["FUSION_HOST=vm1", "FUSION_REPLICA=web-0", "PASSWORD=hunter2"]);
        assert.equal(deletedWith, "libvirt:index/domain:Domain::vm1");
        assert.equal(replaceWith.length, 1);
        assert.equal(replacementTrigger, one("libvirt:index/volume:Volume::vm1").inputs.name);
        assert.ok(dependsOn.includes("command:local:Command::vm1"));
        assert.equal(deleteBeforeReplace, false);
    });

    it("put the balancer behind the gate, and the gate behind the containers", () => {
        assert.ok(one("command:local:Command::lb").dependsOn.includes("command:local:Command::web-healthy"));
        const gate = one("command:local:Command::web-healthy");
        for (const replica of ["docker:index/container:Container::web-0", "docker:index/container:Container::web-1"]) {
            assert.ok(gate.dependsOn.includes(replica) && gate.replaceWith.includes(replica));
        }
    });

    it("know everything that callers ask", () => {
        const { config, ...values } = result.values;
        assert.deepEqual(values, {
            url: "http://localhost:8080/",
            endpoints: [
                { name: "web-0", vm: "vm1", address: "10.77.0.11", port: 20000 },
                { name: "web-1", vm: "vm2", address: "10.77.0.12", port: 20000 },
            ],
            placement: { "web-0": "vm1", "web-1": "vm2" },
            addresses: ["10.77.0.11", "10.77.0.12"],
            ready: [true, true],
        });
        assert.match(String(config), /^ {4}server web-0 10\.77\.0\.11:20000 /m);
        assert.equal(one("command:local:Command::lb").inputs.stdin, config);
    });

    it("keep what is secret secret, and no more", () => {
        const secrets = result.registered.filter(({ secrets: found }) => found.length > 0);
        assert.deepEqual(secrets.map((resource) => `${id(resource)} ${resource.secrets}`).sort(), [
            "command:local:Command::vm1-seed stdin",
            "command:local:Command::vm2-seed stdin",
            "docker:index/container:Container::web-0 envs",
            "docker:index/container:Container::web-1 envs",
            "fusion:index:FusionContainerSet::web env",
        ]);
        const open = result.registered.map(({ inputs, secrets: found }) =>
            Object.entries(inputs).filter(([key]) => !found.includes(key)),
        );
        assert.doesNotMatch(JSON.stringify(open), /hunter2|PRIVATE KEY/);
        assert.doesNotMatch(JSON.stringify(open), /LS0tLS1CRUdJTi/, "the key in base64");
    });
});

describe("the callers' options", () => {
    it("reach the components", async () => {
        const { registered, errors } = await runProgram(() => {
            const parent = new pulumi.ComponentResource("test:index:Parent", "parent");
            return farm({ opts: (name) => ({ parent, protect: true, aliases: [{ name: `old-${name}` }] }) });
        });
        assert.deepEqual(errors, []);
        for (const name of ["rack", "vm1", "vm2", "web", "lb"]) {
            const component = registered.find((one) => one.name === name && /^fusion:index:Fusion/.test(one.type));
            assert.equal(component?.parent, "test:index:Parent::parent");
            assert.equal(component?.protect, true);
            assert.ok(component?.aliases.includes(`old-${name}`), String(component?.aliases));
        }
        const unprotected = registered.filter(({ type, protect }) => !protect && type !== "test:index:Parent");
        assert.deepEqual(unprotected.map(id), [], "children inherit protect");
    });

    it("let transformations see every child, and dependencies hold for the components", async () => {
        const seen = new Set<string>();
        const { registered, errors } = await runProgram(() => {
            const first = new command.local.Command("first", { create: "true" });
            const transformation: pulumi.ResourceTransformation = ({ type, name, props, opts }) => {
                seen.add(`${type}::${name}`);
                return type === "docker:index/container:Container"
                    ? { props: { ...props, memory: 64 }, opts }
                    : undefined;
            };
            return farm({ opts: () => ({ dependsOn: [first], transformations: [transformation] }) });
        });
        assert.deepEqual(errors, []);
        const made = registered.filter(({ name }) => name !== "first");
        assert.deepEqual(
            made.map(id).filter((one) => !seen.has(one)),
            [],
        );
        const containers = made.filter(({ type }) => type === "docker:index/container:Container");
        assert.deepEqual(
            containers.map(({ inputs }) => inputs.memory),
            [64, 64],
        );
        for (const component of made.filter(({ type }) => /^fusion:index:Fusion/.test(type))) {
            assert.ok(component.dependsOn.includes("command:local:Command::first"), id(component));
        }
    });
});
