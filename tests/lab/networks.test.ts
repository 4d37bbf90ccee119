import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, labDown, labUp } from "../../tools/lab";
import { run } from "../../tools/run";
import { TestStack } from "../support/stack";

const program = (body: string) => `
import * as pulumi from "@pulumi/pulumi";
import * as fusion from "pulumi-fusion";
const config = new pulumi.Config();
const hypervisor = (name: string, network: fusion.FusionHypervisorArgs["network"]) =>
    new fusion.FusionHypervisor(name, {
        uri: config.require("uri"), domainType: config.require("domainType") as "kvm" | "qemu", network,
        pool: { path: config.require("pool") + "/" + name },
    });
const ssh = { privateKeyFile: config.require("sshKey") };
const blank = { image: { source: config.require("blank"), sha256: config.require("blankSha256") }, diskGiB: 2, ssh };
${body}
`;
const nat = `const nat = hypervisor("nat", { cidr: "10.81.0.0/24", cidr6: "fd00:81::/64", bridge: "fus-nat6" });`;
const lan = `{ mode: "bridge", bridge: "br-lan", cidr: "10.91.0.0/24", gateway: "10.91.0.1", nameservers: ["10.91.0.1"] }`;

/** A network of libvirt and a bridge that were there before any program. */
const EXISTING =
    "<network><name>there</name><bridge name='there0'/><ip address='10.92.0.1' netmask='255.255.255.0'/></network>";

describe("networks on a real libvirt", () => {
    let lab: Lab;
    let stack: TestStack;
    const virsh = (...args: string[]) =>
        run("virsh", ["--connect", lab.uri, ...args]).then(({ stdout }) => stdout.trim());
    const inside = (...argv: string[]) => {
        const [command = "", ...wrap] = lab.wrap;
        return run(command, [...wrap, ...argv]).then(({ stdout }) => stdout.trim());
    };
    const onGuest = (address: string, command: string) => {
        const trust = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR"];
        return inside("ssh", ...trust, "-i", lab.sshKey, `fusion@${address}`, command);
    };
    const up = async (body: string) => {
        stack.setProgram(program(body));
        const result = await stack.up();
        assert.equal(result.ok, true, result.text);
        const again = await stack.preview();
        assert.deepEqual(Object.keys(again.changes), ["same"], again.text);
        return result;
    };

    before(async () => {
        lab = await labUp("test-networks", mkdtempSync(join(tmpdir(), "fusion-test-networks-")));
        const blank = join(lab.dir, "blank.qcow2");
        await run("qemu-img", ["create", "-q", "-f", "qcow2", blank, "1M"]);
        const { uri, domainType, poolPath: pool, image, sshKey } = lab;
        const blankSha256 = createHash("sha256").update(readFileSync(blank)).digest("hex");
        const config = {
            uri,
            domainType,
            pool,
            sshKey,
            source: image.source,
            sha256: image.sha256,
            blank,
            blankSha256,
        };
        stack = await TestStack.create({ program: program(nat), config, wrap: lab.wrap });
        const file = join(lab.dir, "there.xml");
        await run("tee", [file], { input: EXISTING });
        await virsh("net-define", file);
        await virsh("net-start", "there");
        await inside("ip", "link", "add", "br-lan", "type", "bridge");
        await inside("ip", "address", "add", "10.91.0.1/24", "dev", "br-lan");
        await inside("ip", "link", "set", "br-lan", "up");
    });
    after(async () => {
        // The lab takes all resources with it.
        rmSync(stack?.dir ?? "", { recursive: true, force: true });
        await labDown(lab.name, lab.dir);
    });

    it("are made in modes nat with IPv6, routed and isolated, and a second preview is empty", async () => {
        await up(`${nat}
hypervisor("routed", { mode: "routed", cidr: "10.82.0.0/24" });
hypervisor("isolated", { mode: "isolated", cidr: "10.83.0.0/24" });`);
        const natXml = await virsh("net-dumpxml", "nat");
        assert.match(natXml, /<forward mode='nat'>/);
        assert.match(natXml, /<bridge name='fus-nat6'/);
        assert.match(natXml, /<ip family='ipv4' address='10\.81\.0\.1' prefix='24'>/);
        assert.match(natXml, /<ip family='ipv6' address='fd00:81::1' prefix='64'>/);
        assert.match(await virsh("net-dumpxml", "routed"), /<forward mode='route'\/>/);
        assert.doesNotMatch(await virsh("net-dumpxml", "isolated"), /<forward/);
        for (const name of ["nat", "routed", "isolated"]) {
            assert.doesNotMatch(await virsh("net-dumpxml", name), /<dhcp/);
            assert.match(await virsh("net-info", name), /Active: +yes.*Autostart: +yes/s);
        }
        assert.match(await inside("ip", "-6", "address", "show", "dev", "fus-nat6"), /fd00:81::1\/64/);
    });

    it("go when the program names them no longer; those that were there stay", async () => {
        await up(nat);
        assert.deepEqual((await virsh("net-list", "--all", "--name")).split("\n").sort(), ["nat", "there"]);
    });

    it("that overlap are an error at preview that names both", async () => {
        stack.setProgram(program(`${nat}\nhypervisor("other", { cidr: "10.81.0.0/16" });`));
        const { ok, text } = await stack.preview();
        assert.equal(ok, false);
        assert.match(
            text,
            /other\.network\.cidr: 10\.81\.0\.0\/16 overlaps 10\.81\.0\.0\/24 of nat on the same machine/,
        );
    });

    it("that are there already are used: a bridge and a network of libvirt, and none is made", async () => {
        stack.setProgram(
            program(`${nat}
const lan = hypervisor("lan", ${lan});
const there = hypervisor("there", { mode: "existing", name: "there", cidr: "10.92.0.0/24", gateway: "10.92.0.1" });
new fusion.FusionVm("blank1", { hypervisor: lan, address: "10.91.0.21", readyTimeoutSeconds: 1, ...blank });
new fusion.FusionVm("blank2", {
    hypervisor: there, address: "10.92.0.22", mac: "52:54:00:AA:00:22", readyTimeoutSeconds: 1, ...blank,
});`),
        );
        const { ok, text, done } = await stack.up();
        assert.equal(ok, false, "a blank disk is never ready");
        assert.match(text, /blank1 \(10\.91\.0\.21\) is not ready/);
        assert.deepEqual(
            done.filter(({ type, op }) => type === "libvirt:index/network:Network" && op !== "same"),
            [],
        );
        assert.match(await virsh("domiflist", "blank1"), /bridge +br-lan +virtio +52:54:00:5b:00:15/);
        assert.match(await virsh("domiflist", "blank2"), /network +there +virtio +52:54:00:aa:00:22/);
        assert.match(await inside("ip", "-br", "link", "show", "master", "br-lan"), /vnet/);
        assert.deepEqual((await virsh("net-list", "--all", "--name")).split("\n").sort(), ["nat", "there"]);
    });

    describe("a guest with three cards and no address given", () => {
        before(() =>
            up(`${nat}
const vm = new fusion.FusionVm("vm1", {
    hypervisor: nat, image: { source: config.require("source"), sha256: config.require("sha256") }, ssh,
    interfaces: [
        { bridge: "br-lan", address: "10.91.0.31/24", address6: "fd00:91::31/64" },
        { network: "there", mac: "52:54:00:00:92:31", address: "10.92.0.31/24" },
    ],
});
export const address = vm.address;
export const address6 = vm.address6;
export const dockerHost = vm.dockerHost;`),
        );

        it("has the first that is free, in both families, in its outputs", async () => {
            assert.deepEqual(await stack.outputs(), {
                address: "10.81.0.11",
                address6: "fd00:81::b",
                dockerHost: "ssh://fusion@10.81.0.11",
            });
        });

        it("answers on each of its addresses, IPv6 too", async () => {
            for (const address of ["10.81.0.11", "fd00:81::b", "10.91.0.31", "10.92.0.31"]) {
                assert.equal(await onGuest(address, "hostname"), "vm1", address);
            }
        });

        it("has the cards that the program said, and one default route in each family", async () => {
            const cards = await virsh("domiflist", "vm1");
            assert.match(cards, /network +nat +virtio +52:54:00:51:00:0b/);
            assert.match(cards, /bridge +br-lan +virtio +56:/);
            assert.match(cards, /network +there +virtio +52:54:00:00:92:31/);
            assert.match(
                await onGuest("10.81.0.11", "ip -4 route show default"),
                /^default via 10\.81\.0\.1 dev \S+ [^\n]*$/,
            );
            assert.match(await onGuest("10.81.0.11", "ip -6 route get fd00:ffff::1"), /via fd00:81::1 dev/);
            assert.match(await onGuest("10.81.0.11", "ip -6 route get 2001:db8::1"), /via fd00:81::1 dev/);
            assert.match(await onGuest("10.81.0.11", "ip -6 address"), /fd00:91::31\/64/);
        });

        it("keeps its address when machines before it in the alphabet are added", async () => {
            stack.setProgram(
                program(`${nat}
const make = (name: string, more = {}) => new fusion.FusionVm(name, {
    hypervisor: nat, image: { source: config.require("source"), sha256: config.require("sha256") }, ssh, ...more,
});
export const first = make("a0").address;
export const second = make("vm1", { interfaces: [
    { bridge: "br-lan", address: "10.91.0.31/24", address6: "fd00:91::31/64" },
    { network: "there", mac: "52:54:00:00:92:31", address: "10.92.0.31/24" },
] }).address;`),
            );
            const { ok, text, steps } = await stack.preview();
            assert.equal(ok, true, text);
            assert.match(text, /first *: "10\.81\.0\.12"/);
            assert.match(text, /second *: "10\.81\.0\.11"/);
            assert.deepEqual(
                steps
                    .filter(({ name, op }) => name.startsWith("vm1") && op !== "same")
                    .map(({ op, urn }) => `${op} ${urn}`),
                [],
            );
        });
    });
});
