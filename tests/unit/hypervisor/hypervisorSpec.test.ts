import assert from "node:assert/strict";
import { Faults } from "../../../lib/faults";
import type { FusionHypervisorArgs } from "../../../lib/hypervisor/FusionHypervisor";
import { hypervisorSpec } from "../../../lib/hypervisor/hypervisorSpec";
import { assertFault, type WrongCase } from "../../support/faults";

const uri = "qemu:///system";

/** A network that a session's libvirt can use. */
const lan = {
    network: {
        mode: "bridge" as const,
        cidr: "192.168.1.0/24",
        bridge: "br0",
        gateway: "none",
        nameservers: ["192.168.1.1"],
    },
};

describe("arguments of a hypervisor", () => {
    it("have the documented defaults", () => {
        const faults = new Faults();
        const { network, pool, domainType, labels, capacity } = hypervisorSpec("rack", { uri }, faults);
        assert.deepEqual(
            [network.name, network.cidr.text, network.cidr.gateway],
            ["rack", "10.77.0.0/24", "10.77.0.1"],
        );
        assert.match(network.bridge, /^fus-[0-9a-f]{8}$/);
        assert.deepEqual(pool, { name: "rack", path: "/var/lib/libvirt/images/rack" });
        assert.equal(domainType, "kvm");
        assert.deepEqual([labels, capacity], [{}, {}]);
        assert.equal(faults.size, 0);
    });

    it("give every network a bridge of its own, within Linux's 15 characters", () => {
        const bridges = Array.from({ length: 50 }, (_, i) =>
            hypervisorSpec(`rack-with-a-long-name-${i}`, { uri }, new Faults()),
        ).map(({ network }) => network.bridge);
        assert.equal(new Set(bridges).size, 50);
        assert.ok(bridges.every((bridge) => bridge.length <= 15));
    });

    const wrong: WrongCase<Partial<FusionHypervisorArgs>>[] = [
        ["no libvirt URI", { uri: "rack1" }, "rack.uri", /is not a libvirt URI: "rack1"; give/],
        [
            "TLS without a way for commands",
            { uri: "qemu+tls://rack1/system" },
            "rack.ssh",
            /is missing.*address: "rack1"/,
        ],
        [
            "another machine's session without a socket",
            { uri: "qemu+ssh://ann@rack1/session", pool: { path: "/home/ann/pool" }, ...lan },
            "rack.uri",
            /names no socket.*add "\?socket=/,
        ],
        [
            "another machine's session without a pool",
            { uri: "qemu+ssh://ann@rack1/session?socket=/s", ...lan },
            "rack.pool.path",
            /is missing; give a directory/,
        ],
        [
            "a network with host bits",
            { network: { cidr: "10.77.0.1/24" } },
            "rack.network.cidr",
            /"10.77.0.1\/24"; did you mean "10.77.0.0\/24"\?/,
        ],
        [
            "a network that is too small",
            { network: { cidr: "10.77.0.0/30" } },
            "rack.network.cidr",
            /of \/8 to \/29: "10.77.0.0\/30"/,
        ],
        [
            "a network that is too large",
            { network: { cidr: "0.0.0.0/0" } },
            "rack.network.cidr",
            /of \/8 to \/29: "0.0.0.0\/0"/,
        ],
        [
            "a long bridge",
            { network: { bridge: "a".repeat(16) } },
            "rack.network.bridge",
            /no name for a bridge: "a{16}"; use up to 15/,
        ],
        [
            "a network's name with a slash",
            { network: { name: "a/b", bridge: "br0" } },
            "rack.network.name",
            /"a\/b"; use up to 50/,
        ],
        ["a relative pool", { pool: { path: "images" } }, "rack.pool.path", /not an absolute path.*"images"; give/],
        ["a pool path with a space", { pool: { path: "/a b" } }, "rack.pool.path", /"\/a b"; give/],
        ["a pool path with a final slash", { pool: { path: "/a/" } }, "rack.pool.path", /"\/a\/"; give/],
        [
            "the label that is there already",
            { labels: { hypervisor: "x" } },
            "rack.labels.hypervisor",
            /is there already/,
        ],
        ["a label of two lines", { labels: { zone: "a\nb" } }, "rack.labels.zone", /a text on one line, got "a\\nb"/],
        ["no processors", { capacity: { cpus: 0 } }, "rack.capacity.cpus", /from 1 to \d+, got 0; give a number/],
        ["half a MiB", { capacity: { memoryMiB: 0.5 } }, "rack.capacity.memoryMiB", /whole number.*got 0.5; give MiB/],
        ["a pool's name with a quote", { pool: { name: "a'", path: "/a" } }, "rack.pool.name", /"a'"; use/],
    ];
    for (const [title, more, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () =>
            assertFault(path, says, (faults) => hypervisorSpec("rack", { uri, ...more }, faults)));
    }

    it("refuse an unknown kind of domain", () => {
        const given: { uri: string; domainType?: "kvm" | "qemu" } = JSON.parse(
            '{"uri":"qemu:///system","domainType":"xen"}',
        );
        assertFault("rack.domainType", /is not known: "xen"; use one of "kvm", "qemu"/, (faults) =>
            hypervisorSpec("rack", given, faults),
        );
    });
});
