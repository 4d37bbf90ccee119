import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import { checkCards } from "../../../lib/hypervisor/checkCards";
import type { FusionHypervisor, FusionHypervisorArgs } from "../../../lib/hypervisor/FusionHypervisor";
import { hypervisorSpec } from "../../../lib/hypervisor/hypervisorSpec";
import type { FusionVmArgs } from "../../../lib/vm/FusionVm";
import { domainInterfaces, guestNetwork, interfaceMac } from "../../../lib/vm/interfaces";
import { settleAddress } from "../../../lib/vm/settleAddress";
import { vmSpec } from "../../../lib/vm/vmSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

const rackOf = (network: FusionHypervisorArgs["network"]) =>
    hypervisorSpec("rack", { uri: "qemu:///system", network }, new Faults());
const rack = rackOf({ cidr6: "fd00:77::/64" });
const args: FusionVmArgs = {
    // The specification is made of plain values alone: the component is not looked at.
    hypervisor: {} as FusionHypervisor,
    image: { source: "https://example.org/debian.qcow2", sha256: "a".repeat(64) },
};
const spec = (name: string, more: Partial<FusionVmArgs>, hypervisor = rack, faults = new Faults()) =>
    vmSpec(name, { ...args, ...more }, hypervisor, faults);
const lan = { cidr: "192.168.1.0/24", gateway: "192.168.1.254", nameservers: ["192.168.1.2"] };

describe("a machine's address", () => {
    it("brings the MAC, the ssh target and an IPv6 address of the same number", () => {
        const vm = spec("vm1", { address: "10.77.0.17" });
        assert.deepEqual([vm.mac, vm.ssh.address, vm.address6], ["52:54:00:4d:00:11", "10.77.0.17", "fd00:77::11"]);
    });

    it("may be filled in later, and leaves a MAC and an IPv6 address that were given", () => {
        const vm = spec("vm1", { mac: "52:54:00:AB:cd:ef", address6: "FD00:77:0::99" });
        assert.deepEqual([vm.address, vm.mac], ["", "52:54:00:ab:cd:ef"]);
        settleAddress(vm, rack.network, "10.77.0.18");
        assert.deepEqual(
            [vm.address, vm.ssh.address, vm.mac, vm.address6],
            ["10.77.0.18", "10.77.0.18", "52:54:00:ab:cd:ef", "fd00:77::99"],
        );
    });

    it("is reached through a remote hypervisor, but for a macvtap card, which cannot talk to it", () => {
        const remote = (network: FusionHypervisorArgs["network"]) =>
            hypervisorSpec("rack", { uri: "qemu+ssh://root@rack1/system", network }, new Faults());
        const jump = (network: FusionHypervisorArgs["network"]) =>
            spec("vm1", { address: "192.168.1.7" }, remote(network)).ssh.jump?.address;
        assert.equal(jump({ mode: "bridge", bridge: "br0", ...lan }), "rack1");
        assert.equal(jump({ mode: "macvtap", device: "eno1", ...lan }), undefined);
    });

    it("has no IPv6 where the network has none", () =>
        assert.equal("address6" in spec("vm1", { address: "10.77.0.17" }, rackOf({})), false));
});

describe("a machine's network cards", () => {
    it("are connected as the hypervisor's network says, in the domain and in the guest", () => {
        const first = (network: FusionHypervisorArgs["network"], address: string) => {
            const hypervisor = rackOf(network);
            const vm = spec("vm1", { address }, hypervisor);
            return [domainInterfaces(vm, hypervisor)[0], guestNetwork(vm, hypervisor)] as const;
        };
        const [nat, natGuest] = first({ cidr6: "fd00:77::/64" }, "10.77.0.17");
        assert.deepEqual(nat, { networkName: "rack", mac: "52:54:00:4D:00:11", waitForLease: false });
        assert.deepEqual(natGuest, {
            mac: "52:54:00:4d:00:11",
            address: "10.77.0.17",
            prefix: 24,
            gateway: "10.77.0.1",
            address6: "fd00:77::11/64",
            gateway6: "fd00:77::1",
            nameservers: ["10.77.0.1"],
        });
        const [bridge, bridgeGuest] = first({ mode: "bridge", bridge: "br0", ...lan }, "192.168.1.7");
        assert.deepEqual(bridge, { bridge: "br0", mac: "52:54:00:A8:01:07", waitForLease: false });
        assert.equal(bridgeGuest.gateway, "192.168.1.254");
        assert.deepEqual(bridgeGuest.nameservers, ["192.168.1.2"]);
        const [macvtap] = first({ mode: "macvtap", device: "eno1", ...lan }, "192.168.1.7");
        assert.equal(macvtap?.macvtap, "eno1");
        const [existing] = first({ mode: "existing", name: "default", ...lan }, "192.168.1.7");
        assert.equal(existing?.networkName, "default");
        const [isolated, isolatedGuest] = first({ mode: "isolated", cidr6: "fd00:77::/64" }, "10.77.0.17");
        assert.equal(isolated?.networkName, "rack");
        assert.deepEqual([isolatedGuest.gateway, isolatedGuest.gateway6], [undefined, undefined]);
    });

    it("behind the first have fixed MACs of their own, and the order in which they were given", () => {
        const interfaces = [{ network: "storage", address: "10.5.0.9/24" }, { bridge: "br1" }, { macvtap: "eno2" }];
        const cards = domainInterfaces(spec("vm1", { address: "10.77.0.17", interfaces }), rack);
        assert.deepEqual(
            cards.map(({ networkName, bridge, macvtap }) => networkName ?? bridge ?? macvtap),
            ["rack", "storage", "br1", "eno2"],
        );
        assert.equal(cards[1]?.mac, interfaceMac("vm1", 0).toUpperCase());
        const macs = ["vm1", "vm2", "vm11"].flatMap((vm) => Array.from({ length: 20 }, (_, i) => interfaceMac(vm, i)));
        assert.equal(new Set(macs).size, macs.length);
        assert.ok(macs.every((mac) => /^56(:[0-9a-f]{2}){5}$/.test(mac)));
    });

    const card = (more: object): Partial<FusionVmArgs> => ({ interfaces: [{ network: "n", ...more }] });
    const wrong: WrongCase<Partial<FusionVmArgs>>[] = [
        ["a MAC of five bytes", { mac: "52:54:00:12:34" }, "mac", /is no MAC address: "52:54:00:12:34"; give/],
        ["a group's MAC", { mac: "53:54:00:12:34:56" }, "mac", /no address of one card: "53:.*even first byte/],
        ["the MAC of nobody", { mac: "00:00:00:00:00:00" }, "mac", /no address of one card/],
        [
            "an IPv6 address elsewhere",
            { address6: "fd00:78::1" },
            "address6",
            /no address of fd00:77::\/64: "fd00:78::1"/,
        ],
        ["no IPv6 address", { address6: "10.77.0.11" }, "address6", /no address of fd00:77::\/64/],
        ["the IPv6 gateway's address", { address6: "fd00:77::1" }, "address6", /is the gateway's; give another/],
        ["the IPv6 network's own", { address6: "fd00:77::" }, "address6", /is the network's own; give another/],
        ["a card on nothing", { interfaces: [{}] }, "interfaces[0]", /one of network, bridge and macvtap, has 0; give/],
        ["a card on two things", card({ bridge: "br0" }), "interfaces[0]", /has 2; give the one/],
        ["a card on a wrong bridge", { interfaces: [{ bridge: "a b" }] }, "interfaces[0].bridge", /"a b"; give one/],
        ["a card with a wrong MAC", card({ mac: "x" }), "interfaces[0].mac", /is no MAC address: "x"/],
        [
            "a card's address without prefix",
            card({ address: "10.5.0.9" }),
            "interfaces[0].address",
            /prefix: "10.5.0.9"; give/,
        ],
        ["a card's short address", card({ address: "10.5/16" }), "interfaces[0].address", /no address with a prefix/],
        [
            "a card in the first's network",
            card({ address: "10.77.0.9/24" }),
            "interfaces[0].address",
            /overlaps 10.77.0.0\/24/,
        ],
        [
            "a card's IPv4 as IPv6",
            card({ address6: "10.5.0.9/24" }),
            "interfaces[0].address6",
            /no address with a prefix/,
        ],
        [
            "a router out of reach",
            card({ address: "10.5.0.9/24", gateway: "10.6.0.1" }),
            "interfaces[0].gateway",
            /"10.6.0.1" is not in the interface's network \("10.5.0.9\/24"\)/,
        ],
        [
            "a router's name",
            card({ address: "10.5.0.9/24", gateway: "r" }),
            "interfaces[0].gateway",
            /not an IPv4 address/,
        ],
        ["a wrong name server", card({ nameservers: ["x"] }), "interfaces[0].nameservers[0]", /no IP address: "x"/],
        [
            "two cards in one network",
            {
                interfaces: [
                    { bridge: "a", address: "10.5.0.9/24" },
                    { bridge: "b", address: "10.5.0.8/16" },
                ],
            },
            "interfaces[1].address",
            /overlaps 10.5.0.9\/24, in which the machine is already/,
        ],
    ];
    for (const [title, more, key, says] of wrong) {
        it(`refuse ${title}`, () => assertFault(`vm1.${key}`, says, (faults) => spec("vm1", more, rack, faults)));
    }

    it("refuse an IPv6 address where there is no IPv6", () =>
        assertFault("vm1.address6", /of no use: the network rack has no IPv6; leave it out, or give/, (faults) =>
            spec("vm1", { address6: "fd00::1" }, rackOf({}), faults),
        ));

    it("take no MAC and no IPv6 address that another has", () => {
        const told = (...more: Partial<FusionVmArgs>[]) =>
            faultsOf((faults) =>
                checkCards(
                    more.map((one, i) => ({
                        spec: spec(`vm${i}`, { address: `10.77.0.2${i}`, ...one }),
                        hypervisor: rack,
                    })),
                    faults,
                ),
            );
        assert.deepEqual(told({}, {}), []);
        assert.deepEqual(told({ mac: "52:54:00:4d:00:15" }, {}), [
            'vm1.mac: "52:54:00:4d:00:15" is that of vm0.mac too; give another',
        ]);
        assert.deepEqual(told(card({ mac: "52:00:00:00:00:01" }), card({ mac: "52:00:00:00:00:01" })), [
            'vm1.interfaces[0].mac: "52:00:00:00:00:01" is that of vm0.interfaces[0].mac too; give another',
        ]);
        assert.deepEqual(told({ address6: "fd00:77::15" }, {}), [
            'vm1.address6: "fd00:77::15" is that of vm0.address6 too; give another',
        ]);
    });
});
