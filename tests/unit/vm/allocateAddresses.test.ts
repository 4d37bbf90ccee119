import assert from "node:assert/strict";
import fc from "fast-check";
import { cidrContains, parseCidr } from "../../../lib/cidr";
import { type AddressPool, type AddressWish, allocateAddresses } from "../../../lib/vm/allocateAddresses";

function pool(text: string, range: AddressPool["range"] = "all"): AddressPool {
    const cidr = parseCidr(text);
    assert.ok(cidr);
    return { cidr, gateway: cidr.gateway, ...(range !== undefined && { range }) };
}
const net = pool("10.77.0.0/24");
const wish = (...vms: string[]): AddressWish[] => vms.map((vm) => ({ vm }));
const given = (vm: string, last: number): AddressWish => ({ vm, given: `10.77.0.${last}` });
const held = (addresses: Record<string, number>) =>
    new Map(Object.entries(addresses).map(([vm, last]) => [vm, `10.77.0.${last}`]));
const last = (wishes: AddressWish[], before: Record<string, number> = {}, from = net) => {
    const { addresses, refused } = allocateAddresses(from, wishes, held(before));
    assert.deepEqual(refused, []);
    return Object.fromEntries([...addresses].map(([vm, address]) => [vm, Number(address.split(".")[3])]));
};

describe("allocating addresses", () => {
    it("begins at the 11th, in the order of names", () =>
        assert.deepEqual(last(wish("vm2", "vm1", "vm3")), { vm1: 11, vm2: 12, vm3: 13 }));

    it("leaves out what others are given by name", () =>
        assert.deepEqual(last([...wish("a"), given("b", 11), given("c", 12)]), { a: 13, b: 11, c: 12 }));

    it("lets machines keep what they hold when others come and go", () => {
        assert.deepEqual(last(wish("a", "b", "c"), { b: 11, c: 12 }), { a: 13, b: 11, c: 12 });
        assert.deepEqual(last(wish("c"), { c: 12 }), { c: 12 });
        assert.deepEqual(last(wish("a"), { a: 99 }), { a: 99 });
    });

    it("hands out nothing that a machine holds which goes only at the end", () =>
        assert.deepEqual(last(wish("new"), { old: 11 }), { new: 12 }));

    it("hands out nothing that a machine holds which is to have another", () =>
        assert.deepEqual(last([given("a", 50), ...wish("b")], { a: 11 }), { a: 50, b: 12 }));

    it("gives a new address where the network is another, or what was held is the gateway's now", () => {
        assert.deepEqual(last(wish("a"), { a: 20 }, pool("10.78.0.0/24")), { a: 11 });
        assert.deepEqual(last(wish("a"), { a: 20 }, { ...net, gateway: "10.77.0.20" }), { a: 11 });
    });

    it("goes on with the second when the last is taken, and never gives network, gateway or broadcast", () => {
        const small = pool("10.77.0.0/29");
        const vms = ["a", "b", "c", "d", "e"];
        assert.deepEqual(Object.values(last(wish(...vms), {}, small)), [2, 3, 4, 5, 6]);
        const { refused } = allocateAddresses(small, wish(...vms, "f"), new Map());
        assert.deepEqual(refused, [
            { vm: "f", reason: "can have none, 10.77.0.0/29 has no free address left; take a larger network.cidr" },
        ]);
        const sixteen = pool("10.77.0.0/28");
        assert.deepEqual(Object.values(last(wish("a", "b", "c", "d", "e"), {}, sixteen)), [11, 12, 13, 14, 2]);
    });

    it("keeps to a range, and says when it is full", () => {
        const range = pool("10.77.0.0/24", { from: "10.77.0.100", to: "10.77.0.101" });
        assert.deepEqual(last(wish("a", "b"), {}, range), { a: 100, b: 101 });
        const { refused } = allocateAddresses(range, wish("a", "b", "c"), new Map());
        assert.match(
            refused[0]?.reason ?? "",
            /10\.77\.0\.100 to 10\.77\.0\.101 has no free .*; take a larger network\.range/,
        );
    });

    it("asks for an address where nothing is known to be free", () => {
        const lan = { ...net, range: undefined };
        assert.deepEqual(last([given("a", 5)], {}, lan), { a: 5 });
        assert.match(
            allocateAddresses(lan, wish("b"), new Map()).refused[0]?.reason ?? "",
            /which addresses of 10\.77\.0\.0\/24 are free is not known; give one, or the network's range/,
        );
    });

    it("refuses an address that two are given, or that another holds", () => {
        const refusals = (wishes: AddressWish[], before: Record<string, number>) =>
            allocateAddresses(net, wishes, held(before)).refused.map(({ vm, reason }) => `${vm}: ${reason}`);
        assert.deepEqual(refusals([given("a", 20), given("b", 20)], {}), [
            'b: "10.77.0.20" is the address of a already; give another',
        ]);
        for (const wishes of [[given("a", 20)], [given("a", 20), ...wish("b")], [given("a", 20), given("b", 30)]]) {
            assert.deepEqual(refusals(wishes, { b: 20 }), [
                'a: "10.77.0.20" is held by b until a deployment has moved it or taken it away; give another, or deploy that first',
            ]);
        }
    });

    describe("of any machines", () => {
        const name = fc.integer({ min: 0, max: 25 }).map((n) => `vm${n}`);
        const byte = fc.integer({ min: 2, max: 30 });
        const holding = fc
            .uniqueArray(fc.tuple(name, byte), { selector: ([vm]) => vm })
            .map((pairs) => [...new Map(pairs.map(([vm, at]) => [at, vm]))])
            .map((pairs) => new Map(pairs.map(([at, vm]) => [vm, `10.77.0.${at}`])));
        const wishes = fc.uniqueArray(
            fc.record(
                {
                    vm: name,
                    given: fc.option(
                        byte.map((at) => `10.77.0.${at}`),
                        { nil: undefined },
                    ),
                },
                { requiredKeys: ["vm"] },
            ),
            { selector: ({ vm }) => vm },
        );
        const anyPool = fc.constantFrom(net, pool("10.77.0.0/27"), pool("10.77.0.0/28"));

        it("never gives one address twice, nor one that another holds, nor the network's own", () => {
            fc.assert(
                fc.property(anyPool, wishes, holding, (from, wanted, before) => {
                    const { addresses, refused } = allocateAddresses(from, wanted, before);
                    assert.equal(new Set(addresses.values()).size, addresses.size);
                    assert.equal(addresses.size + refused.length, wanted.length);
                    for (const [vm, address] of addresses) {
                        for (const [holder, other] of before) {
                            assert.ok(holder === vm || other !== address, `${vm} has what ${holder} holds`);
                        }
                        if (wanted.find((one) => one.vm === vm)?.given === undefined) {
                            assert.ok(cidrContains(from.cidr, address));
                            assert.ok(![from.cidr.network, from.cidr.broadcast, from.gateway].includes(address));
                        }
                    }
                }),
            );
        });

        it("does not depend on the order of declaration", () => {
            fc.assert(
                fc.property(anyPool, wishes, holding, (from, wanted, before) => {
                    const vms = (list: AddressWish[]) => [...allocateAddresses(from, list, before).addresses].sort();
                    const free = wanted.filter(({ given: one }) => one === undefined);
                    assert.deepEqual(vms([...free].reverse()), vms(free));
                }),
            );
        });

        it("is stable: what was given once stays, whoever comes and goes", () => {
            fc.assert(
                fc.property(wishes, fc.uniqueArray(name), (wanted, coming) => {
                    const first = allocateAddresses(net, wanted, new Map()).addresses;
                    const staying = wanted.filter(({ vm }, index) => index % 2 === 0 && first.has(vm));
                    const next = [...wish(...coming.filter((vm) => !wanted.some((one) => one.vm === vm))), ...staying];
                    const second = allocateAddresses(net, next, first).addresses;
                    for (const { vm } of staying) {
                        assert.equal(second.get(vm), first.get(vm));
                    }
                }),
            );
        });
    });
});
