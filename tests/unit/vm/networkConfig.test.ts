import assert from "node:assert/strict";
import { parse } from "yaml";
import { renderCloudInit } from "../../../lib/vm/renderCloudInit";
import { guest, manyCards } from "../../support/documents";
import { assertGolden } from "../../support/golden";

const config = (network: typeof guest.network) => renderCloudInit({ ...guest, network }).networkConfig;

describe("the guest's network configuration", () => {
    it("of many cards, IPv4 and IPv6, is what is kept in tests/golden", () =>
        assertGolden("vm/network-config-cards.yaml", config(manyCards)));

    it("has no default route and no name server where there is no gateway", () => {
        const { mac, address, prefix } = guest.network;
        const { primary } = parse(config({ mac, address, prefix })).ethernets;
        assert.deepEqual(Object.keys(primary).sort(), ["addresses", "match"]);
        const named = parse(config({ mac, address, prefix, nameservers: ["10.0.0.2"] })).ethernets.primary;
        assert.deepEqual(named.nameservers.addresses, ["10.0.0.2"]);
    });

    it("names no name server where none is wanted", () =>
        assert.equal("nameservers" in parse(config({ ...guest.network, nameservers: [] })).ethernets.primary, false));

    it("waits at boot for the first card alone", () => {
        const { primary, extra0 } = parse(config(manyCards)).ethernets;
        assert.equal(primary.optional, undefined);
        assert.equal(extra0.optional, true);
    });

    it("has one default route a family, of the first card that has a gateway", () => {
        const [one, ...more] = manyCards.interfaces ?? [];
        assert.ok(one);
        const interfaces = [...more, one, { ...one, gateway: "10.5.0.1", gateway6: "fd00:5::1" }];
        const { gateway: _, gateway6: __, ...isolated } = { ...manyCards, interfaces };
        const routes = (network: typeof guest.network) =>
            Object.entries(parse(config(network)).ethernets).flatMap(([name, card]) =>
                typeof card === "object" && card !== null && "routes" in card ? [[name, card.routes]] : [],
            );
        const halves = (via: string) => ["::/1", "8000::/1"].map((to) => ({ to, via }));
        assert.deepEqual(routes(manyCards), [
            ["primary", [{ to: "0.0.0.0/0", via: "10.77.0.1" }, ...halves("fd00:77::1")]],
        ]);
        assert.deepEqual(routes(isolated), [
            ["extra2", [{ to: "0.0.0.0/0", via: "192.168.1.1" }, ...halves("fd00:1::1")]],
        ]);
    });
});
