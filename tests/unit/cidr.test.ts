import assert from "node:assert/strict";
import { cidrContains, macFor, parseCidr } from "../../lib/cidr";

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
