import assert from "node:assert/strict";
import fc from "fast-check";
import { addressAt, cidrContains, macFor, numberOf, overlaps, parseCidr, parseCidr6 } from "../../lib/cidr";

describe("IPv4 networks", () => {
    it("are read with their gateway and broadcast address", () => {
        assert.deepEqual(parseCidr("10.77.0.0/24"), {
            text: "10.77.0.0/24",
            prefix: 24,
            network: "10.77.0.0",
            gateway: "10.77.0.1",
            broadcast: "10.77.0.255",
        });
    });

    for (const text of [
        "10.77.0.1/24",
        "10.77.0.0",
        "10.77.0.0/33",
        "10.77.0/24",
        "010.77.0.0/24",
        "300.1.1.0/24",
        "::/64",
    ]) {
        it(`${text} is none`, () => assert.equal(parseCidr(text), undefined));
    }

    it("contain their addresses", () => {
        const cidr = parseCidr("10.77.0.0/24");
        assert.ok(cidr);
        assert.equal(cidrContains(cidr, "10.77.0.200"), true);
        assert.equal(cidrContains(cidr, "10.77.1.1"), false);
    });

    it("give each address a MAC of its own", () => {
        assert.equal(macFor("10.77.0.11"), "52:54:00:4d:00:0b");
        assert.notEqual(macFor("10.77.0.11"), macFor("10.77.1.11"));
    });
});

describe("IPv6 networks", () => {
    it("are read, and written as RFC 5952 wants it", () => {
        assert.deepEqual(parseCidr6("FD00:77:0:0::/64"), {
            text: "fd00:77::/64",
            prefix: 64,
            network: "fd00:77::",
            gateway: "fd00:77::1",
        });
    });

    for (const text of ["fd00::1/64", "fd00::", "fd00::/129", "10.0.0.0/24", "fe80::%eth0/64", "fd00:/64", ""]) {
        it(`${JSON.stringify(text)} is none`, () => assert.equal(parseCidr6(text), undefined));
    }
});

describe("the addresses of a network", () => {
    it("are counted from its own, across bytes", () => {
        assert.equal(addressAt({ network: "10.77.0.0" }, 300), "10.77.1.44");
        assert.equal(addressAt({ network: "10.0.255.252" }, 4), "10.1.0.0");
        assert.equal(addressAt({ network: "fd00:77::" }, 11), "fd00:77::b");
        assert.equal(addressAt({ network: "fd00::ff00" }, 65_536), "fd00::1:ff00");
    });

    it("have the number by which they were counted", () => {
        const cidr = parseCidr("10.0.0.0/8");
        assert.ok(cidr);
        fc.assert(
            fc.property(fc.integer({ min: 0, max: 2 ** 24 - 1 }), (number) => {
                const address = addressAt(cidr, number);
                assert.equal(numberOf(cidr, address), number);
                assert.ok(cidrContains(cidr, address));
            }),
        );
    });
});

describe("two networks", () => {
    for (const [a, b, expected] of [
        ["10.77.0.0/24", "10.77.0.0/24", true],
        ["10.77.0.0/24", "10.0.0.0/8", true],
        ["10.77.0.128/25", "10.77.0.0/25", false],
        ["10.77.0.5/24", "10.77.0.77", true],
        ["10.77.0.0/24", "10.77.1.1", false],
        ["0.0.0.0/0", "192.168.1.0/24", true],
        ["fd00:77::/64", "fd00:77::/48", true],
        ["fd00:77::/64", "fd00:77::1", true],
        ["fd00:77::/64", "fd00:78::/64", false],
        ["10.77.0.0/24", "::/0", false],
        ["10.77.0.0/24", "default", false],
        ["10.77.0.0/24", "10", false],
        ["", "10.77.0.0/24", false],
    ] as const) {
        it(`${a} and ${b} ${expected ? "overlap" : "do not overlap"}`, () => {
            assert.equal(overlaps(a, b), expected);
            assert.equal(overlaps(b, a), expected);
        });
    }

    it("overlap exactly when one has the first address of the other", () => {
        const any = fc
            .tuple(fc.integer({ min: 0, max: 2 ** 16 - 1 }), fc.integer({ min: 16, max: 32 }))
            .map(([at, prefix]) => {
                const base = at - (at % 2 ** (32 - prefix));
                return {
                    cidr: `${addressAt({ network: "10.9.0.0" }, base)}/${prefix}`,
                    base,
                    end: base + 2 ** (32 - prefix),
                };
            });
        fc.assert(
            fc.property(any, any, (a, b) => assert.equal(overlaps(a.cidr, b.cidr), a.base < b.end && b.base < a.end)),
        );
    });
});
