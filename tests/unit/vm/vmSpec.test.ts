import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import type { FusionHypervisor } from "../../../lib/hypervisor/FusionHypervisor";
import { hypervisorSpec } from "../../../lib/hypervisor/hypervisorSpec";
import { authorizedKeys } from "../../../lib/vm/authorizedKeys";
import type { FusionVmArgs } from "../../../lib/vm/FusionVm";
import { vmSpec } from "../../../lib/vm/vmSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const uri = "qemu+ssh://root@rack1/system";
const rack = hypervisorSpec("rack", { uri }, new Faults());
const image = { source: "https://example.org/debian.qcow2", sha256: "a".repeat(64) };
// The specification is made of plain values alone: the component is not looked at.
const args: FusionVmArgs = { hypervisor: {} as FusionHypervisor, image, address: "10.77.0.11" };

const spec = (name: string, more: Partial<FusionVmArgs>, faults: Faults) =>
    vmSpec(name, { ...args, ...more }, rack, faults);

describe("arguments of a virtual machine", () => {
    it("have the documented defaults", () => {
        const faults = new Faults();
        assert.deepEqual(vmSpec("vm1", args, rack, faults), {
            name: "vm1",
            address: "10.77.0.11",
            mac: "52:54:00:4d:00:0b",
            interfaces: [],
            ...{ vcpus: 1, maxVcpus: 1, memoryMiB: 2048, maxMemoryMiB: 2048, diskGiB: 10, dataDisks: [] },
            ...{ autostart: true, description: "", onUserDataChange: "replace", lost: false, shutdownSeconds: 90 },
            image,
            user: "fusion",
            ssh: { address: "10.77.0.11", user: "fusion", jump: { address: "rack1", user: "root" } },
            labels: { hypervisor: "rack" },
            capacity: { cpu: 1000, memory: 1792 },
            readyTimeoutSeconds: 900,
        });
        assert.equal(faults.size, 0);
    });

    it("inherit the hypervisor's labels below their own, and its way in where no other is given", () => {
        const faults = new Faults();
        const labelled = hypervisorSpec("rack", { uri, labels: { zone: "a", power: "p1" } }, faults);
        const { labels, ssh } = vmSpec(
            "vm1",
            { ...args, labels: { zone: "b" }, ssh: { jump: { address: "gate" } } },
            labelled,
            faults,
        );
        assert.deepEqual(labels, { zone: "b", power: "p1", hypervisor: "rack" });
        assert.deepEqual(ssh.jump, { address: "gate" });
        assert.equal(faults.size, 0);
    });

    const wrong: WrongCase<Partial<FusionVmArgs>>[] = [
        [
            "a bastion without an address",
            { ssh: { jump: { address: "" } } },
            "vm1.ssh.jump.address",
            /host name: ""; give/,
        ],
        ["no processor", { vcpus: 0 }, "vm1.vcpus", /from 1 to 1024, got 0; give/],
        ["half a processor", { vcpus: 0.5 }, "vm1.vcpus", /whole number.*got 0.5/],
        ["too little memory", { memoryMiB: 64 }, "vm1.memoryMiB", /from 512 to \d+, got 64; give MiB/],
        ["a disk of no size", { diskGiB: Number.NaN }, "vm1.diskGiB", /got NaN; give GiB/],
        [
            "a maximum below what it has",
            { vcpus: 2, maxVcpus: 1 },
            "vm1.maxVcpus",
            /from 2 to 1024, got 1; give at least/,
        ],
        ["less memory at most", { maxMemoryMiB: 1024 }, "vm1.maxMemoryMiB", /from 2048 .*got 1024; give at least/],
        ["an unknown policy", { onUserDataChange: "never" as "ignore" }, "vm1.onUserDataChange", /"replace", "ignore"/],
        ["a description of two lines", { description: "a\nb" }, "vm1.description", /on one line/],
        [
            "a relative loader",
            { firmware: { loader: "OVMF.fd" } },
            "vm1.firmware.loader",
            /absolute path: "OVMF.fd"; give/,
        ],
        ["what the library sets", { domain: { memory: 5 } }, "vm1.domain.memory", /use memoryMiB and maxMemoryMiB/],
        [
            "a data disk of no name",
            { dataDisks: [{ name: "My Data", sizeGiB: 1, path: "/srv/data" }] },
            "vm1.dataDisks[0].name",
            /label of a file system: "My Data"; use/,
        ],
        [
            "a data disk of no size",
            { dataDisks: [{ name: "d", sizeGiB: 0 }] },
            "vm1.dataDisks[0].sizeGiB",
            /got 0; give GiB/,
        ],
        [
            "a data disk that is mounted outside",
            { dataDisks: [{ name: "d", sizeGiB: 1, path: "/srv/../etc" }] },
            "vm1.dataDisks[0].path",
            /no plain absolute path: "\/srv\/..\/etc"; give/,
        ],
        [
            "an unknown file system",
            { dataDisks: [{ name: "d", sizeGiB: 1, filesystem: "ntfs" as "xfs" }] },
            "vm1.dataDisks[0].filesystem",
            /"ext4", "xfs"/,
        ],
        [
            "two data disks of one name",
            {
                dataDisks: [
                    { name: "d", sizeGiB: 1 },
                    { name: "d", sizeGiB: 1, path: "/d" },
                ],
            },
            "vm1.dataDisks[1].name",
            /is that of dataDisks\[0\] too: "d"; give another/,
        ],
        ["a time-out of nothing", { readyTimeoutSeconds: 0 }, "vm1.readyTimeoutSeconds", /got 0; give seconds/],
        [
            "an address outside",
            { address: "10.78.0.11" },
            "vm1.address",
            /"10.78.0.11" is outside the network rack \(10.77.0.0\/24\); give/,
        ],
        [
            "the network's own address",
            { address: "10.77.0.0" },
            "vm1.address",
            /"10.77.0.0" is the network's own.*give another/,
        ],
        [
            "the gateway's address",
            { address: "10.77.0.1" },
            "vm1.address",
            /"10.77.0.1" is the gateway's.*give another/,
        ],
        [
            "the broadcast address",
            { address: "10.77.0.255" },
            "vm1.address",
            /"10.77.0.255" is the broadcast.*give another/,
        ],
        ["no address", { address: "vm1.local" }, "vm1.address", /is not an IPv4 address: "vm1.local"; give one/],
        ["an address with a leading zero", { address: "10.77.0.011" }, "vm1.address", /is not an IPv4 address/],
        [
            "a relative path",
            { image: { ...image, source: "debian.qcow2" } },
            "vm1.image.source",
            /URL .*got "debian.qcow2"/,
        ],
        ["another protocol", { image: { ...image, source: "ftp://x/y" } }, "vm1.image.source", /got "ftp:\/\/x\/y"/],
        ["a quote in a path", { image: { ...image, source: "/a'b" } }, "vm1.image.source", /got "\/a'b"/],
        [
            "a short checksum",
            { image: { ...image, sha256: "abc" } },
            "vm1.image.sha256",
            /64 .*got "abc"; see the SHA256SUMS/,
        ],
        ["root as the user", { ssh: { user: "root" } }, "vm1.ssh.user", /is no user that can be made: "root"; give/],
        ["a user with a colon", { ssh: { user: "a:b" } }, "vm1.ssh.user", /is no user that can be made: "a:b"/],
        ["a label of two lines", { labels: { zone: "a\nb" } }, "vm1.labels.zone", /a text on one line, got "a\\nb"/],
    ];
    for (const [title, more, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () => assertFault(path, says, (faults) => spec("vm1", more, faults)));
    }

    for (const name of ["", "-vm", "vm 1", "vm/1", "a".repeat(51), "vm\n1"]) {
        it(`the name ${JSON.stringify(name)} is refused`, () =>
            assertFault(name, /is a name that libvirt, Docker or HAProxy would not take: .*; use/, (faults) =>
                spec(name, {}, faults),
            ));
    }

    it("are all told at once, in the order of their paths", () => {
        const told = faultsOf((faults) => spec("vm1", { vcpus: 0, address: "x", diskGiB: 1 }, faults));
        assert.deepEqual(
            told.map((line) => line.split(":")[0]),
            ["vm1.address", "vm1.diskGiB", "vm1.vcpus"],
        );
    });
});

describe("a fault of a maximum", () => {
    it("does not build upon a number that is wrong itself", () => {
        const faults = new Faults();
        spec("vm1", { vcpus: 0, maxVcpus: 1e9 }, faults);
        assert.deepEqual(faults.error().message.split("\n"), [
            "vm1.maxVcpus: must be a whole number from 1 to 1024, got 1000000000; give at least what the machine is to have",
            "vm1.vcpus: must be a whole number from 1 to 1024, got 0; give processors, such as 1",
        ]);
    });
    it("names the machine's own number where that is right", () =>
        assertFault("vm1.maxVcpus", /from 4 to 1024, got 2; give at least what the machine has, 4$/, (faults) =>
            spec("vm1", { vcpus: 4, maxVcpus: 2 }, faults),
        ));
});

describe("the keys that may log in", () => {
    const of = (given: { authorizedKeys?: string[]; privateKeyFile?: string }, faults = new Faults()) =>
        authorizedKeys("vm1.ssh", given, faults);

    it("lose their comments", () =>
        assert.deepEqual(of({ authorizedKeys: ["ssh-ed25519 AAAA me@home", "ssh-rsa BBBB"] }), [
            "ssh-ed25519 AAAA",
            "ssh-rsa BBBB",
        ]));
    it("must be public keys", () =>
        assertFault("vm1.ssh.authorizedKeys[1]", /is no public ssh key: "no key"; give a line such as/, (faults) =>
            of({ authorizedKeys: ["ssh-ed25519 AAAA", "no key"] }, faults),
        ));
    it("must not be none", () =>
        assertFault("vm1.ssh.authorizedKeys", /is empty, and nobody could log in; give a public key/, (faults) =>
            of({ authorizedKeys: [] }, faults),
        ));
    it("are looked for beside a private key, which the fault names", () => {
        assertFault(
            "vm1.ssh.privateKeyFile",
            /^is not there: "\/no\/such\/key", and no "\/no\/such\/key\.pub" beside it; correct the path, or make both with: ssh-keygen/,
            (faults) => of({ privateKeyFile: "/no/such/key" }, faults),
        );
        assertFault(
            "vm1.ssh.privateKeyFile",
            /^"\/etc\/hosts" has no public key beside it: "\/etc\/hosts\.pub" is not there; write it with: ssh-keygen -y/,
            (faults) => of({ privateKeyFile: "/etc/hosts" }, faults),
        );
    });
    it("cannot smuggle in a second line", () =>
        assertFault("vm1.ssh.authorizedKeys[0]", /is no public ssh key/, (faults) =>
            of({ authorizedKeys: ["ssh-ed25519 AAAA x\nssh-ed25519 EVIL"] }, faults),
        ));
});
