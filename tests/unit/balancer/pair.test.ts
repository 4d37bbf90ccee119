import assert from "node:assert/strict";
import type { StandbyArgs } from "../../../lib/balancer/balancerArgs";
import { type BalancerSpec, balancerSpec } from "../../../lib/balancer/balancerSpec";
import type { FusionBalancerArgs } from "../../../lib/balancer/FusionBalancer";
import { renderHaproxyConfig } from "../../../lib/balancer/renderHaproxyConfig";
import { type KeepalivedSpec, renderKeepalivedConfig } from "../../../lib/balancer/renderKeepalivedConfig";
import { Faults } from "../../../lib/faults";
import type { SshTarget } from "../../../lib/ssh";
import { assertFault, faultsOfCall, type WrongCase } from "../../support/faults";
import { assertGolden } from "../../support/golden";
import { haproxyCheck } from "../../support/haproxy";
import { needPrograms } from "../../support/programs";

const backends = [{ name: "web", servers: [{ name: "a", address: "10.0.0.9", port: 8080 }] }];
const first = { address: "192.0.2.11" };
const other = { ssh: { address: "192.0.2.12" } };

interface Given {
    args?: Partial<FusionBalancerArgs>;
    standby?: Partial<StandbyArgs>;
    /** How the first is reached; null: it is this machine. */
    ssh?: SshTarget | null;
    /** The same of the standby. */
    to?: SshTarget | null;
}

function spec({ args = {}, standby = {}, ssh = first, to = other.ssh }: Given, faults: Faults): BalancerSpec {
    const all = { listen: 80, backends, ...args, standby: { host: other, address: "192.0.2.10/24", ...standby } };
    return balancerSpec("lb", all, ssh ?? undefined, faults, to ?? undefined);
}

const good = (given: Given) => {
    const faults = new Faults();
    const made = spec(given, faults);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    return made;
};

describe("the standby of a balancer", () => {
    before(() => needPrograms("haproxy"));

    it("has the documented defaults", () => {
        const { standby, url, install } = good({});
        assert.deepEqual(standby, {
            ssh: other.ssh,
            address: "192.0.2.10/24",
            interface: undefined,
            routerId: 30,
            peers: ["192.0.2.11", "192.0.2.12"],
        });
        assert.equal(url, "http://192.0.2.10/");
        assert.equal(install, undefined);
        assert.deepEqual(good({ args: { haproxy: { install: true } } }).install, { version: "", keepalived: true });
    });

    it("leaves the URL to those who name an address for it", () => {
        assert.equal(good({ args: { address: "www.example.org" } }).url, "http://www.example.org/");
        assert.equal(good({ args: { listen: { address: "192.0.2.20", port: 8080 } } }).url, "http://192.0.2.20:8080/");
        const six = { address: "2001:db8::10/64", peers: ["2001:db8::1", "2001:db8::2"] };
        assert.equal(good({ standby: six }).url, "http://[2001:db8::10]/");
    });

    it("has both listen on addresses that one of them does not have", async () => {
        const listen = [{ port: 80 }, { address: "192.0.2.10", port: 81 }, { address: "2001:db8::10", port: 81 }];
        const { haproxy } = good({ args: { listen, metrics: { listen: { address: "10.0.0.1", port: 8405 } } } });
        const text = renderHaproxyConfig({ ...haproxy, socket: "/run/lb.sock" });
        assert.deepEqual(text.match(/^ *bind .*$/gm), [
            "    bind *:80",
            "    bind 192.0.2.10:81 transparent",
            "    bind [2001:db8::10]:81 transparent",
            "    bind 10.0.0.1:8405 transparent",
        ]);
        assert.deepEqual(await haproxyCheck([text]), [undefined]);
    });

    it("is found by addresses of its own where those of ssh are none", () => {
        const peers = ["10.0.0.1", "10.0.0.2"];
        const given = { ssh: null, to: { address: "lb2.example.org" }, standby: { peers } };
        assert.deepEqual(good(given).standby?.peers, peers);
    });

    const at = (address: string): Given => ({ standby: { address } });
    const wrong: WrongCase<Given>[] = [
        ["no host", { standby: { host: undefined } as never }, "lb.standby.host", /is missing; give another machine/],
        ["the same host", { to: first }, "lb.standby.host", /is the machine of the first balancer; give another one/],
        [
            "an ssh address",
            { to: { address: "a b" }, standby: { peers: ["10.0.0.1", "10.0.0.2"] } },
            "lb.standby.host.ssh.address",
            /neither/,
        ],
        [
            "an address without a prefix",
            at("192.0.2.10"),
            "lb.standby.address",
            /lacks .* did you mean "192.0.2.10\/24"\?/,
        ],
        [
            "an IPv6 address without a prefix",
            { standby: { address: "fd00::1", peers: ["fd00::2", "fd00::3"] } },
            "lb.standby.address",
            /"fd00::1\/64"/,
        ],
        [
            "no address",
            at("www.example.org/24"),
            "lb.standby.address",
            /no address with .*: "www.example.org\/24"; give/,
        ],
        ["a long prefix", at("192.0.2.10/33"), "lb.standby.address", /"192.0.2.10\/33"; give one such as/],
        ["a prefix of 0", at("192.0.2.10/0"), "lb.standby.address", /"192.0.2.10\/0"; give one such as/],
        [
            "a network",
            at("192.0.2.0/24"),
            "lb.standby.address",
            /no address that a machine may have: "192.0.2.0\/24"; give/,
        ],
        ["all of a network", at("192.0.2.255/24"), "lb.standby.address", /no address that a machine may have/],
        ["a loopback address", at("127.0.0.2/8"), "lb.standby.address", /no address that a machine may have/],
        ["an address of the first", at("192.0.2.11/24"), "lb.standby.address", /own address of one of the machines/],
        [
            "another kind of address",
            at("fd00::10/64"),
            "lb.standby.address",
            /is IPv6, and .* by IPv4 \(192.0.2.11\); give standby.peers/,
        ],
        ["text that would be a line", at("192.0.2.10/24\n}"), "lb.standby.address", /no address with/],
        [
            "one peer",
            { standby: { peers: ["10.0.0.1"] } },
            "lb.standby.peers",
            /two IP addresses, .* got \["10.0.0.1"\]; give/,
        ],
        [
            "a peer twice",
            { standby: { peers: ["10.0.0.1", "10.0.0.1"] } },
            "lb.standby.peers",
            /must be two IP addresses/,
        ],
        [
            "peers on this machine",
            { ssh: null },
            "lb.standby.peers",
            /the first balancer is on this machine, .*; give those of both/,
        ],
        [
            "a host name as a peer",
            { to: { address: "lb2" } },
            "lb.standby.peers",
            /the standby is reached as "lb2", which is no IP/,
        ],
        [
            "an interface",
            { standby: { interface: "eth0 {" } },
            "lb.standby.interface",
            /no name of a network interface: "eth0 {"; give/,
        ],
        ["a number", { standby: { routerId: 256 } }, "lb.standby.routerId", /from 1 to 255, got 256; give/],
    ];
    for (const [title, given, path, says] of wrong) {
        it(`${title} is refused at ${path}`, () => assertFault(path, says, (faults) => spec(given, faults)));
    }
});

describe("keepalived's configuration", () => {
    const least = {
        ...{ name: "lb", directory: "/var/lib/fusion/lb", address: "192.0.2.10/24", routerId: 36 },
        ...{ own: "192.0.2.11", peer: "192.0.2.12" },
    };
    const standby = { ...least, own: "192.0.2.12", peer: "192.0.2.11", interface: "eth0", startupDelaySeconds: 10 };
    const six = { ...least, address: "fd00::10/64", own: "fd00::1", peer: "fd00::2" };

    it("is as kept in tests/golden", () => {
        assertGolden("balancer/keepalived.conf", renderKeepalivedConfig(least));
        assertGolden("balancer/keepalived-standby.conf", renderKeepalivedConfig(standby));
        assertGolden("balancer/keepalived-ipv6.conf", renderKeepalivedConfig(six));
    });

    const refused: [string, Partial<KeepalivedSpec>][] = [
        ["name", { name: "lb {\n}" }],
        ["directory", { directory: '/var/lib/a"b' }],
        ["address", { address: "192.0.2.10/24 dev lo" }],
        ["own", { own: "192.0.2.11 # " }],
        ["peer", { peer: "lb2" }],
        ["interface", { interface: "eth0\n" }],
        ["interface", { interface: "$EVIL" }],
        ["routerId", { routerId: 0 }],
        ["startupDelaySeconds", { startupDelaySeconds: -1 }],
    ];
    for (const [path, more] of refused) {
        it(`is refused with ${JSON.stringify(more)}`, () => {
            const faults = faultsOfCall(() => renderKeepalivedConfig({ ...least, ...more }));
            assert.ok(faults[0]?.startsWith(`${path}: `), faults.join("\n"));
        });
    }
});
