import assert from "node:assert/strict";
import fc from "fast-check";
import { assignSlots, type HeldPorts, hostPort, turnFor } from "../../../lib/containers/assignPorts";

const held = (vm: string, slots: number[], version = "v1", turn = 0): HeldPorts => ({
    vm,
    slots,
    version,
    turn,
});

describe("host ports", () => {
    it("start at 20000 and differ on one host", () => {
        const slots = assignSlots(
            new Map([
                ["web-0", { vm: "vm1", ports: 1 }],
                ["web-1", { vm: "vm1", ports: 2 }],
                ["web-2", { vm: "vm2", ports: 1 }],
            ]),
            new Map(),
        );
        assert.deepEqual([...slots.values()], [[0], [1, 2], [0]]);
        assert.equal(hostPort(0, 0), 20000);
        assert.equal(hostPort(2, 1), 20017);
    });

    it("stay with a replica that stays, and are not given away by one that leaves until it has left", () => {
        const before = new Map([
            ["web-0", held("vm1", [0])],
            ["web-1", held("vm1", [1])],
        ]);
        const wanted = new Map([
            ["api-0", { vm: "vm1", ports: 1 }],
            ["web-1", { vm: "vm1", ports: 1 }],
        ]);
        assert.deepEqual(
            [...assignSlots(wanted, before)],
            [
                ["api-0", [2]],
                ["web-1", [1]],
            ],
        );
    });

    it("take turns between versions", () => {
        const turn = (version: string, slots: number[], before?: HeldPorts) =>
            turnFor({ vm: "vm1", version, slots }, before);
        assert.equal(turn("v1", [0]), 0);
        assert.equal(turn("v1", [0], held("vm1", [0], "v1", 1)), 1);
        assert.equal(turn("v2", [0], held("vm1", [0], "v1", 1)), 2);
        assert.equal(turn("v2", [0], held("vm1", [0], "v1", 7)), 0);
        // What was before may still be there, by its name.
        assert.equal(turn("v1", [5], held("vm1", [0], "v1", 0)), 1);
        assert.equal(turn("v1", [0], held("vm2", [0], "v1", 0)), 1);
    });

    it("are never those of the container that serves, however many versions have failed since", () => {
        let before = held("vm1", [0], "v0", 5);
        for (let failed = 1; failed <= 20; failed++) {
            const now = { vm: "vm1", slots: [0], version: `v${failed}` };
            before = { ...now, turn: turnFor(now, before, 5) };
            assert.notEqual(before.turn, 5);
        }
        assert.equal(turnFor({ vm: "vm1", slots: [0], version: "v0" }, held("vm1", [0], "v0", 5), 5), 5);
    });

    it("never clash, whatever came before", () => {
        const replica = fc.record({ vm: fc.constantFrom("vm1", "vm2"), ports: fc.integer({ min: 0, max: 3 }) });
        const names = fc.uniqueArray(
            fc.integer({ min: 0, max: 30 }).map((n) => `web-${n}`),
            { maxLength: 20 },
        );
        fc.assert(
            fc.property(names, names, fc.array(replica, { minLength: 40, maxLength: 40 }), (first, second, specs) => {
                const want = (list: string[], offset: number) =>
                    new Map(list.map((name, i) => [name, specs[offset + i] ?? { vm: "vm1", ports: 1 }]));
                const one = want(first, 0);
                const given = assignSlots(one, new Map());
                const before = new Map(
                    [...given].map(([name, slots]) => [name, held(one.get(name)?.vm ?? "", [...(slots ?? [])])]),
                );
                const two = want(second, 20);
                const after = assignSlots(two, before);
                const used = new Set<string>();
                const claim = (name: string, vm: string, slots: readonly number[]) => {
                    for (const slot of slots) {
                        const key = `${vm}/${slot}`;
                        assert.ok(!used.has(key), `${name} clashes at ${key}`);
                        used.add(key);
                    }
                };
                for (const [name, was] of before) {
                    if (after.get(name) !== was.slots) {
                        claim(`old ${name}`, was.vm, was.slots);
                    }
                }
                for (const [name, slots] of after) {
                    assert.equal(slots?.length, two.get(name)?.ports);
                    claim(name, two.get(name)?.vm ?? "", slots ?? []);
                }
            }),
        );
    });

    it("run out on a host that has given them all", () => {
        assert.deepEqual(
            [...assignSlots(new Map([["a-0", { vm: "vm1", ports: 1251 }]]), new Map()).values()],
            [undefined],
        );
    });
});
