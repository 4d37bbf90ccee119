import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "../../lib";
import { type FarmArgs, farm, image } from "../support/farm";
import { type ProgramResult, runProgram } from "../support/mocks";
import { healthySurvey, surveyAs } from "../support/survey";

const RECORD = "fusion:index:AddressRecord";
const anyAddress = { vm: { address: undefined } };
const rackArgs = { uri: "qemu:///system", domainType: "qemu" } as const;
const vmArgs = {
    image: { source: "/etc/hosts", sha256: "a".repeat(64) },
    ssh: { authorizedKeys: ["ssh-ed25519 OPERATOR"] },
};

const run = async (args: FarmArgs, last?: ProgramResult["outputs"]) => {
    const result = await runProgram(() => farm({ ...anyAddress, ...args }), last);
    assert.deepEqual(result.errors, []);
    return result;
};
const addresses = ({ values }: ProgramResult) => values.addresses;
const recorded = ({ outputs }: ProgramResult) =>
    Object.values(outputs)
        .filter(({ type }) => type === RECORD)
        .map((record) => record.outputs.held);
const one = ({ registered }: ProgramResult, type: string, name: string) =>
    registered.find((resource) => resource.type === type && resource.name === name);
const domain = (result: ProgramResult, name: string) => one(result, "libvirt:index/domain:Domain", name);

describe("a network that libvirt makes anew", () => {
    it("is warned of: its machines are restarted all at once", async () => {
        const warned: string[] = [];
        const { warn } = pulumi.log;
        const first = await run({});
        const network = one(first, "libvirt:index/network:Network", "rack");
        const state = {
            ...first.outputs,
            "urn:pulumi:dev::project::fusion:index:FusionHypervisor$libvirt:index/network:Network::rack": {
                type: "libvirt:index/network:Network",
                outputs: network?.inputs ?? {},
            },
        };
        Reflect.set(pulumi.log, "warn", async (message: string) => warned.push(message));
        try {
            await run({}, state);
            assert.deepEqual(warned, []);
            await run({ hypervisor: { network: { mode: "routed", bridge: "br-new" } } }, state);
            assert.deepEqual(warned, [
                `rack: libvirt makes its network anew, for network.mode (nat -> route), network.bridge (${network?.inputs.bridge} -> br-new). vm1, vm2 have their cards on it and are restarted all at once, not in turn.`,
            ]);
        } finally {
            Reflect.set(pulumi.log, "warn", warn);
        }
    });
});

describe("addresses that are left out", () => {
    it("are known everywhere at preview: outputs, MACs, endpoints, the balancer's text, the record", async () => {
        const result = await run({});
        assert.deepEqual(addresses(result), ["10.77.0.11", "10.77.0.12"]);
        assert.deepEqual(domain(result, "vm2")?.inputs.networkInterfaces, [
            { networkName: "rack", mac: "52:54:00:4D:00:0C", waitForLease: false },
        ]);
        assert.match(JSON.stringify(result.values.endpoints), /"vm":"vm2","address":"10\.77\.0\.12"/);
        assert.match(String(result.values.config), /server web-1 10\.77\.0\.12:/);
        assert.deepEqual(recorded(result), [{ vm1: "10.77.0.11", vm2: "10.77.0.12" }]);
        const provider = one(result, "pulumi:providers:docker", "vm2");
        assert.equal(provider?.inputs.host, "ssh://fusion@10.77.0.12");
    });

    it("do not depend on the order of declaration, and stay when machines come", async () => {
        const first = await run({ vms: ["vm3", "vm2"] });
        assert.deepEqual(addresses(first), ["10.77.0.12", "10.77.0.11"]);
        const second = await run({ vms: ["vm1", "vm2", "vm3"] }, first.outputs);
        assert.deepEqual(addresses(second), ["10.77.0.13", "10.77.0.11", "10.77.0.12"]);
    });

    it("are not given to another while the machine that goes still exists, and are free afterwards", async () => {
        const first = await run({ vms: ["vm1", "vm2"] });
        const second = await run({ vms: ["vm2", "vm3"] }, first.outputs);
        assert.deepEqual(addresses(second), ["10.77.0.12", "10.77.0.13"]);
        assert.deepEqual(recorded(second), [{ vm1: "10.77.0.11", vm2: "10.77.0.12", vm3: "10.77.0.13" }]);
        const third = await run({ vms: ["vm2", "vm3", "vm4"] }, second.outputs);
        assert.deepEqual(addresses(third), ["10.77.0.12", "10.77.0.13", "10.77.0.11"]);
        assert.deepEqual(recorded(third), [{ vm2: "10.77.0.12", vm3: "10.77.0.13", vm4: "10.77.0.11" }]);
    });

    it("stay held by a machine that could not be deleted", async () => {
        const first = await run({ vms: ["vm1", "vm2"] });
        const second = await run({ vms: ["vm2"] }, first.outputs);
        const [left = ["", undefined]] = Object.entries(first.outputs).filter(([urn]) => urn.endsWith("FusionVm::vm1"));
        assert.ok(left[1]);
        const third = await run({ vms: ["vm2", "vm3"] }, { ...second.outputs, [left[0]]: left[1] });
        assert.deepEqual(addresses(third), ["10.77.0.12", "10.77.0.13"]);
    });

    it("stay what they were when they were given by name before", async () => {
        const first = await run({ vms: ["vm5", "vm6"], vm: {} });
        assert.deepEqual(addresses(first), ["10.77.0.15", "10.77.0.16"]);
        const second = await run({ vms: ["vm4", "vm5", "vm6"] }, first.outputs);
        assert.deepEqual(addresses(second), ["10.77.0.11", "10.77.0.15", "10.77.0.16"]);
    });

    it("may not be given by name to another", async () => {
        const first = await run({ vms: ["vm1", "vm2"] });
        const taken = { vms: ["vm3"], vm: { address: "10.77.0.12" } };
        const { errors } = await runProgram(() => farm(taken), first.outputs);
        assert.deepEqual(errors, [
            '1 wrong argument, nothing was created:\nvm3.address: "10.77.0.12" is held by vm2 until a deployment has moved it or taken it away; give another, or deploy that first',
        ]);
    });

    it("are decided before sets are placed, though one was constructed first", async () => {
        const { errors } = await runProgram(() => {
            const outside = { name: "vm1", address: "10.0.0.9" };
            const set = { image: image("1"), ports: [{ container: 80 }] };
            const before = new fusion.FusionContainerSet("before", { ...set, hosts: [outside] });
            const hypervisor = new fusion.FusionHypervisor("rack", rackArgs);
            const vm = new fusion.FusionVm("vm1", { ...vmArgs, hypervisor });
            const after = new fusion.FusionContainerSet("after", { ...set, hosts: [vm] });
            return { before: before.endpoints, after: after.endpoints };
        });
        assert.match(errors.join(), /is another host's name already \(10\.0\.0\.9 and 10\.77\.0\.11\)/);
    });

    it("differ on hypervisors whose machines are in one LAN", async () => {
        const lan = { mode: "bridge", bridge: "br0", cidr: "192.168.1.0/24", gateway: "none" } as const;
        const { errors, values } = await runProgram(() => {
            const network = { ...lan, range: { from: "192.168.1.100", to: "192.168.1.200" } };
            const vms = ["rack1", "rack2"].map((rack, index) => {
                const uri = `qemu+ssh://root@${rack}/system`;
                const hypervisor = new fusion.FusionHypervisor(rack, { ...rackArgs, uri, network });
                return new fusion.FusionVm(`vm${index}`, { ...vmArgs, hypervisor });
            });
            return { addresses: pulumi.all(vms.map((vm) => vm.address)) };
        });
        assert.deepEqual(errors, []);
        assert.deepEqual(values.addresses, ["192.168.1.100", "192.168.1.101"]);
    });
});

describe("networks", () => {
    it("of two families are one network of libvirt, and give each machine an address in both", async () => {
        const result = await run({ hypervisor: { network: { mode: "routed", cidr6: "fd00:77::/64" } } });
        const { inputs } = one(result, "libvirt:index/network:Network", "rack") ?? {};
        assert.equal(inputs?.mode, "route");
        assert.deepEqual(inputs?.addresses, ["10.77.0.0/24", "fd00:77::/64"]);
        assert.deepEqual(inputs?.dhcp, { enabled: false });
        const seed = String(one(result, "command:local:Command", "vm1-seed")?.inputs.stdin);
        const [, encoded = ""] = /^NETWORK_CONFIG=(\S+)$/m.exec(seed) ?? [];
        assert.match(Buffer.from(encoded.replaceAll("'", ""), "base64").toString(), /- fd00:77::b\/64/);
    });

    it("that are there already are not made", async () => {
        const lan = { cidr: "192.168.1.0/24", gateway: "192.168.1.1", nameservers: ["192.168.1.1"] };
        const vm = { address: "192.168.1.7", interfaces: [{ network: "storage" }] };
        const there = { uuid: "", bridge: undefined, active: true, cidrs: [] };
        const networks = new Map(["default", "storage"].map((name) => [name, there] as const));
        surveyAs(async () => ({ ...healthySurvey, networks, devices: ["br0", "eno1"] }));
        for (const [network, card] of [
            [{ mode: "bridge", bridge: "br0", ...lan }, { bridge: "br0" }],
            [{ mode: "macvtap", device: "eno1", ...lan }, { macvtap: "eno1" }],
            [{ mode: "existing", name: "default", ...lan }, { networkName: "default" }],
        ] as const) {
            const result = await run({ hypervisor: { network }, vms: ["vm1"], vm });
            assert.equal(one(result, "libvirt:index/network:Network", "rack"), undefined);
            const made = domain(result, "vm1");
            const [first, second] = Array.isArray(made?.inputs.networkInterfaces) ? made.inputs.networkInterfaces : [];
            assert.deepEqual(first, { ...card, mac: "52:54:00:A8:01:07", waitForLease: false });
            assert.equal(second?.networkName, "storage");
            assert.deepEqual(made?.replaceWith, []);
        }
        surveyAs();
    });

    it("that overlap on one machine are an error before anything is created", async () => {
        const { errors, registered } = await runProgram(() => {
            const racks = ["rack1", "rack2"].map((name) => new fusion.FusionHypervisor(name, rackArgs));
            return { uris: pulumi.all(racks.map(({ parts }) => parts)).apply(() => "made") };
        });
        assert.match(
            errors.join(),
            /^1 wrong argument, .*\nrack2\.network\.cidr: 10\.77\.0\.0\/24 overlaps 10\.77\.0\.0\/24 of rack1 on the same/,
        );
        assert.deepEqual(
            registered.filter(({ type }) => !type.startsWith("fusion:")),
            [],
        );
    });

    it("may be the same on two machines, unless a balancer has to reach both", async () => {
        const program = (balanced: boolean) => () => {
            const hosts = ["rack1", "rack2"].map((rack, index) => {
                const uri = `qemu+ssh://root@${rack}/system`;
                const hypervisor = new fusion.FusionHypervisor(rack, { ...rackArgs, uri });
                return new fusion.FusionVm(`vm${index}`, { ...vmArgs, hypervisor, address: `10.77.0.1${index}` });
            });
            const web = new fusion.FusionContainerSet("web", { hosts, image: image("1"), ports: [{ container: 80 }] });
            const lb = balanced ? new fusion.FusionBalancer("lb", { listen: 80, backends: [web] }) : undefined;
            return { url: lb?.url ?? pulumi.output(""), endpoints: web.endpoints };
        };
        assert.deepEqual((await runProgram(program(false))).errors, []);
        const { errors } = await runProgram(program(true));
        assert.match(
            errors.join(),
            /lb\.backends\[0\]: web brings hosts in two networks of the same addresses, 10\.77\.0\.0\/24 of rack1 and .* of rack2,/,
        );
    });

    it("may not be the same behind two sets of one balancer", async () => {
        const { errors } = await runProgram(() => {
            const [web, api] = ["web", "api"].map((name, index) => {
                const uri = `qemu+ssh://root@rack${index}/system`;
                const hypervisor = new fusion.FusionHypervisor(`rack${index}`, { ...rackArgs, uri });
                const vm = new fusion.FusionVm(`vm${index}`, { ...vmArgs, hypervisor, address: `10.77.0.1${index}` });
                return new fusion.FusionContainerSet(name, {
                    hosts: [vm],
                    image: image("1"),
                    ports: [{ container: 80 }],
                });
            });
            assert.ok(web && api);
            const backends = [web, { set: api, match: { paths: ["/api"] } }];
            return { url: new fusion.FusionBalancer("lb", { listen: 80, backends }).url };
        });
        assert.match(errors.join(), /lb\.backends\[1\]: api brings hosts in two networks of the same addresses/);
    });
});
