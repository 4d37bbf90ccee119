import assert from "node:assert/strict";
import fc from "fast-check";
import { networkOf, overlaps } from "../../lib/cidr";

describe("networks of both families", () => {
    it("have no host bits", () => {
        assert.equal(networkOf("10.77.3.1", "16"), "10.77.0.0/16");
        assert.equal(networkOf("10.77.3.1", "255.255.255.0"), "10.77.3.0/24");
        assert.equal(networkOf("10.77.3.1"), "10.77.3.1/32");
        assert.equal(networkOf("fd00:1::5", "64"), "fd00:1::/64");
    });

    for (const [address, mask] of [
        ["x", "8"],
        ["10.0.0.1", "33"],
        ["10.0.0.1", "255.0.255.0"],
        ["fd00::1", "255.255.255.0"],
        ["", "8"],
    ] as const) {
        it(`are not read from ${address}/${mask}`, () => assert.equal(networkOf(address, mask), undefined));
    }

    it("overlap when they share an address", () => {
        const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
        const any = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
        fc.assert(
            fc.property(any, any, ([a, aBits], [b, bBits]) => {
                const range = (text: string, bits: number) => {
                    const size = 2 ** (32 - bits);
                    const first = Math.floor(number(text) / size) * size;
                    return [first, first + size - 1] as const;
                };
                const [aFirst, aLast] = range(a, aBits);
                const [bFirst, bLast] = range(b, bBits);
                const one = networkOf(a, String(aBits)) ?? "";
                const other = networkOf(b, String(bBits)) ?? "";
                assert.equal(overlaps(one, other), aFirst <= bLast && bFirst <= aLast);
            }),
        );
        assert.equal(overlaps("0.0.0.0/0", "fd00::/8"), false);
        assert.equal(overlaps("fd00::/8", "fd12::/64"), true);
    });
});
