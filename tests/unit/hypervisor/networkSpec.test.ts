import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import type { FusionHypervisorArgs } from "../../../lib/hypervisor/FusionHypervisor";
import { hypervisorSpec } from "../../../lib/hypervisor/hypervisorSpec";
import { assertFault, faultsOf, type WrongCase } from "../../support/faults";

type NetworkArgs = NonNullable<FusionHypervisorArgs["network"]>;
const lan = { cidr: "192.168.1.0/24", gateway: "192.168.1.254", nameservers: ["192.168.1.2"] };

const spec = (network: NetworkArgs, faults = new Faults(), uri = "qemu:///system") =>
    hypervisorSpec("rack", { uri, network, pool: { path: "/pool" } }, faults).network;
const good = (network: NetworkArgs, uri?: string) => {
    const faults = new Faults();
    const read = spec(network, faults, uri);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    return read;
};

describe("the network of a hypervisor", () => {
    it("is made by libvirt in modes nat, routed and isolated, which has no way out", () => {
        for (const mode of ["nat", "routed", "isolated"] as const) {
            const { gateway, defaultRoute, nameservers, range, bridge } = good({ mode, cidr: "10.1.0.0/24" });
            assert.equal(gateway, "10.1.0.1");
            assert.equal(defaultRoute, mode !== "isolated");
            assert.deepEqual(nameservers, mode === "isolated" ? [] : ["10.1.0.1"]);
            assert.equal(range, "all");
            assert.match(bridge, /^fus-/);
        }
    });

    it("is there already in the others, of whose addresses nothing is known to be free", () => {
        const bridge = good({ mode: "bridge", bridge: "vmbr0.12", ...lan });
        assert.deepEqual([bridge.bridge, bridge.gateway, bridge.range], ["vmbr0.12", "192.168.1.254", undefined]);
        assert.deepEqual(bridge.nameservers, ["192.168.1.2"]);
        assert.equal(good({ mode: "macvtap", device: "eno1", ...lan }).device, "eno1");
        const existing = good({
            mode: "existing",
            name: "default",
            cidr: "192.168.122.0/24",
            gateway: "192.168.122.1",
        });
        assert.deepEqual([existing.name, existing.bridge], ["default", ""]);
        assert.deepEqual(existing.nameservers, ["192.168.122.1"]);
    });

    it("may have no router", () => {
        const { gateway, defaultRoute, nameservers } = good({
            mode: "bridge",
            bridge: "br0",
            cidr: "192.168.1.0/24",
            gateway: "none",
        });
        assert.deepEqual([gateway, defaultRoute, nameservers], ["", false, []]);
    });

    it("has IPv6 beside IPv4, written as libvirt reads it back", () => {
        const { cidr6, gateway6 } = good({ cidr6: "FD00:77:0::/64" });
        assert.deepEqual([cidr6?.text, gateway6], ["fd00:77::/64", "fd00:77::1"]);
        assert.equal(good({ mode: "bridge", bridge: "br0", ...lan, cidr6: "fd00:77::/64" }).gateway6, undefined);
        assert.equal(
            good({ mode: "bridge", bridge: "br0", ...lan, cidr6: "fd00:77::/64", gateway6: "fe80::1" }).gateway6,
            "fe80::1",
        );
    });

    const range = (from: string, to: string) => ({ range: { from, to } });
    const wrong: WrongCase<NetworkArgs>[] = [
        [
            "a bridge without a name",
            { mode: "bridge", ...lan },
            "bridge",
            /is needed in mode "bridge"; give the bridge/,
        ],
        [
            "a device without a name",
            { mode: "macvtap", ...lan },
            "device",
            /needed in mode "macvtap"; give the .* device/,
        ],
        [
            "an existing network without a name",
            { mode: "existing", cidr: lan.cidr, gateway: lan.gateway },
            "name",
            /needed in mode "existing"; give libvirt's name/,
        ],
        [
            "a LAN without a CIDR",
            { ...lan, mode: "bridge", bridge: "br0", cidr: undefined, gateway: "none" },
            "cidr",
            /needed/,
        ],
        [
            "a LAN without a router",
            { mode: "bridge", bridge: "br0", ...lan, gateway: undefined },
            "gateway",
            /needed in mode "bridge"; give the router's address.*or "none"/,
        ],
        [
            "a LAN without name servers",
            { mode: "bridge", bridge: "br0", ...lan, nameservers: undefined },
            "nameservers",
            /needed in mode "bridge"; give their addresses, such as \["192.168.1.254"\]/,
        ],
        ["a router in a NAT network", { gateway: "10.77.0.9" }, "gateway", /of no use in mode "nat"; leave it out/],
        ["a device in a NAT network", { device: "eth0" }, "device", /of no use in mode "nat"; leave it out/],
        [
            "a router elsewhere",
            { mode: "bridge", bridge: "br0", ...lan, gateway: "10.0.0.1" },
            "gateway",
            /"10.0.0.1" is outside 192.168.1.0\/24; give/,
        ],
        [
            "an IPv6 router without IPv6",
            { mode: "bridge", bridge: "br0", ...lan, gateway6: "fd00::1" },
            "gateway6",
            /of no use without an IPv6 network; give network.cidr6/,
        ],
        [
            "a bridge of 16 characters",
            { mode: "bridge", ...lan, bridge: "a".repeat(16) },
            "bridge",
            /no network interface's name: "a{16}"; give one of up to 15/,
        ],
        [
            "IPv6 with host bits",
            { cidr6: "fd00::1/64" },
            "cidr6",
            /is not an IPv6 network of \/48 to \/124: "fd00::1\/64"/,
        ],
        ["IPv4 for IPv6", { cidr6: "10.0.0.0/24" }, "cidr6", /is not an IPv6 network/],
        ["an IPv6 network too large", { cidr6: "fd00::/32" }, "cidr6", /of \/48 to \/124: "fd00::\/32"/],
        ["an IPv6 network too small", { cidr6: "fd00::/124" }, "cidr6", /fewer addresses than 10.77.0.0\/24.*\/120 or/],
        ["a wrong name server", { nameservers: ["ns1"] }, "nameservers[0]", /is no IP address: "ns1"; give/],
        ["a range elsewhere", range("10.78.0.1", "10.78.0.9"), "range.from", /"10.78.0.1" is outside 10.77.0.0\/24/],
        ["a range that ends first", range("10.77.0.9", "10.77.0.2"), "range", /ends before it begins.*exchange/],
    ];
    for (const [title, args, key, says] of wrong) {
        it(`refuses ${title}`, () => assertFault(`rack.network.${key}`, says, (faults) => spec(args, faults)));
    }

    it("refuses an unknown mode", () => {
        const given: NetworkArgs = JSON.parse('{"mode":"open"}');
        assertFault("rack.network.mode", /is not known: "open"; use one of "nat", "routed"/, (faults) =>
            spec(given, faults),
        );
    });

    it("cannot be made, nor be a macvtap, where libvirt has no rights", () => {
        for (const uri of ["qemu:///session", "qemu+ssh://me@rack1/session?keyfile=/k&socket=/s"]) {
            for (const args of [
                {},
                { mode: "routed" },
                { mode: "isolated" },
                { mode: "macvtap", device: "eth0", ...lan },
            ]) {
                assertFault(
                    "rack.network.mode",
                    /session's libvirt has no rights; use "bridge" .*"qemu:\/\/\/system"/,
                    (f) => spec(args as NetworkArgs, f, uri),
                );
            }
            good({ mode: "bridge", bridge: "br0", ...lan }, uri);
        }
        assert.deepEqual(
            faultsOf((faults) => spec({}, faults, "qemu+unix:///system?socket=/run/session")),
            [],
        );
    });
});
