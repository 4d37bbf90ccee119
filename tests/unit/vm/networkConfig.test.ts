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

    it("waits at boot for the first card alone, whose routes come first", () => {
        const { primary, extra0 } = parse(config(manyCards)).ethernets;
        assert.equal(primary.optional, undefined);
        assert.equal(extra0.optional, true);
        // Linux gives an IPv4 route without a metric 0 and an IPv6 route 1024; netplan gives those of DHCP 100.
        assert.deepEqual([primary.routes[0].metric, primary.routes[1].metric], [undefined, 100]);
        assert.deepEqual(
            extra0.routes.map(({ metric }: { metric: number }) => metric),
            [1000, 1000],
        );
    });
});
