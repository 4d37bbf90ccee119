import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import { checkNetworks, machineOf, segmentOf } from "../../../lib/hypervisor/checkNetworks";
import type { FusionHypervisorArgs } from "../../../lib/hypervisor/FusionHypervisor";
import { hypervisorSpec } from "../../../lib/hypervisor/hypervisorSpec";
import { faultsOf } from "../../support/faults";

type NetworkArgs = NonNullable<FusionHypervisorArgs["network"]>;
const here = "qemu:///system";
const rack1 = "qemu+ssh://root@rack1/system";
const hypervisor = (name: string, uri: string, network: NetworkArgs = {}) =>
    hypervisorSpec(name, { uri, network }, new Faults());
const told = (...hypervisors: ReturnType<typeof hypervisor>[]) =>
    faultsOf((faults) => checkNetworks(hypervisors, [], faults));
const lan = (bridge: string, cidr = "192.168.1.0/24"): NetworkArgs => ({
    mode: "bridge",
    bridge,
    cidr,
    gateway: "none",
});
const existing = (name: string): NetworkArgs => ({
    mode: "existing",
    name,
    cidr: "192.168.122.0/24",
    gateway: "192.168.122.1",
});

describe("the networks of a program", () => {
    it("must not overlap on one machine, the default neither", () => {
        assert.deepEqual(told(hypervisor("a", here), hypervisor("b", here)), [
            'b.network.cidr: 10.77.0.0/24 overlaps 10.77.0.0/24 of a on the same machine; give one of them another, such as "10.78.0.0/24"',
        ]);
        assert.match(
            told(hypervisor("a", rack1, { cidr: "10.0.0.0/8" }), hypervisor("b", `${rack1}?keyfile=/k`)).join(),
            /^b\.network\.cidr: 10\.77\.0\.0\/24 overlaps 10\.0\.0\.0\/8 of a/,
        );
        assert.deepEqual(told(hypervisor("a", here), hypervisor("b", here, { cidr: "10.78.0.0/24" })), []);
    });

    it("must not overlap in IPv6 either", () =>
        assert.deepEqual(
            told(
                hypervisor("a", here, { cidr6: "fd00:1::/64" }),
                hypervisor("b", here, { cidr: "10.78.0.0/24", cidr6: "fd00:1::/56" }),
            ),
            ["b.network.cidr6: fd00:1::/56 overlaps fd00:1::/64 of a on the same machine; give one of them another"],
        ));

    it("must not overlap where this machine is two hypervisors, which it would have to reach both", () =>
        assert.equal(told(hypervisor("a", here), hypervisor("b", "qemu+unix:///system?socket=/run/lab2")).length, 1));

    it("must not overlap where machines are reached directly, as those with a macvtap card are", () => {
        const macvtap = { ...lan("x", "10.77.0.0/16"), mode: "macvtap", bridge: undefined, device: "eno1" } as const;
        assert.deepEqual(told(hypervisor("a", here), hypervisor("b", rack1, macvtap)), [
            'b.network.cidr: 10.77.0.0/16 overlaps 10.77.0.0/24 of a and this machine has to reach both; give one of them another, such as "10.78.0.0/16"',
        ]);
        assert.deepEqual(
            told(hypervisor("a", rack1, macvtap), hypervisor("b", "qemu+ssh://root@rack2/system", macvtap)),
            [],
        );
        assert.deepEqual(told(hypervisor("a", rack1, macvtap), hypervisor("b", "qemu+ssh://root@rack2/system")), []);
    });

    it("may be the same on two machines that are reached through their own ssh", () => {
        assert.deepEqual(told(hypervisor("a", rack1), hypervisor("b", "qemu+ssh://root@rack2/system")), []);
        assert.deepEqual(told(hypervisor("a", here), hypervisor("b", rack1)), []);
        assert.notEqual(
            machineOf(hypervisor("a", rack1)),
            machineOf(hypervisor("a", "qemu+ssh://root@rack1:2222/system")),
        );
    });

    it("must not overlap those of earlier rounds", () =>
        assert.match(
            faultsOf((faults) => checkNetworks([hypervisor("b", here)], [hypervisor("a", here)], faults)).join(),
            /^b\.network\.cidr/,
        ));

    it("must have their own names and bridges", () => {
        const other = { cidr: "10.78.0.0/24" };
        const same = told(hypervisor("a", here, { name: "n" }), hypervisor("b", here, { ...other, name: "n" }));
        assert.match(
            same.join(),
            /^b\.network\.name: "n" is the name of a's network on the same machine; give another/,
        );
        const bridges = told(hypervisor("a", here, { bridge: "x" }), hypervisor("b", here, { ...other, bridge: "x" }));
        assert.match(bridges.join(), /^b\.network\.bridge: "x" is the bridge of a's network.*; give another/);
    });

    it("may be used by several hypervisors where they are there already", () => {
        assert.deepEqual(told(hypervisor("a", here, lan("br0")), hypervisor("b", here, lan("br0"))), []);
        assert.deepEqual(told(hypervisor("a", here, existing("x")), hypervisor("b", here, existing("x"))), []);
        assert.equal(told(hypervisor("a", here, lan("br0")), hypervisor("b", here, lan("br1"))).length, 1);
        assert.equal(told(hypervisor("a", here, existing("x")), hypervisor("b", here, existing("y"))).length, 1);
        assert.equal(
            told(hypervisor("a", here, lan("br0")), hypervisor("b", here, lan("br0", "192.168.0.0/16"))).length,
            1,
        );
    });

    it("share their addresses where they are one LAN, or one network of one libvirt", () => {
        const [a, b] = [hypervisor("a", here, lan("br0")), hypervisor("b", rack1, lan("vmbr0"))];
        assert.equal(segmentOf(a), segmentOf(b));
        assert.notEqual(segmentOf(hypervisor("a", rack1)), segmentOf(hypervisor("b", here)));
        assert.notEqual(
            segmentOf(hypervisor("a", here, existing("default"))),
            segmentOf(hypervisor("b", rack1, existing("default"))),
        );
    });
});
