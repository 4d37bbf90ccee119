import assert from "node:assert/strict";
import { type PlacementProblem, place } from "../../../lib/placement";

const hosts = [
    { name: "vm1", capacity: { cpu: 4000, memory: 2048 }, labels: { zone: "a" } },
    { name: "vm2", capacity: { cpu: 4000, memory: 2048 }, labels: { zone: "a" } },
    { name: "vm3", capacity: { cpu: 4000, memory: 2048 }, labels: { zone: "b" } },
];
const web = { name: "web", replicas: 4, demand: { cpu: 250, memory: 128 } };

describe("place", () => {
    it("spreads by default, and proves it", () => {
        const { assignment, objective, moves } = place({ hosts, services: [web] });
        assert.deepEqual(assignment, { "web-0": "vm1", "web-1": "vm2", "web-2": "vm3", "web-3": "vm1" });
        assert.deepEqual(objective, { value: 1, lowerBound: 1, gap: 0, proven: true });
        assert.equal(moves, 0);
    });

    const values: Record<NonNullable<PlacementProblem["objective"]>, number> = {
        spread: 1,
        balance: 125_000,
        "fewest-hosts": 1,
        binpack: 333_334,
    };
    for (const objective of ["spread", "balance", "fewest-hosts", "binpack"] as const) {
        it(`reaches the optimum of ${objective}`, () => {
            const answer = place({ hosts, services: [web], objective });
            assert.equal(answer.objective.value, values[objective]);
            assert.equal(answer.objective.proven, true);
        });
    }

    it("prefers the small host when it packs", () => {
        const small = { name: "tiny", capacity: { cpu: 1000, memory: 512 } };
        const { assignment } = place({ hosts: [...hosts, small], services: [web], objective: "binpack" });
        assert.deepEqual([...new Set(Object.values(assignment))], ["tiny"]);
    });

    it("says for every host why a replica fits nowhere", () => {
        const picky = {
            ...web,
            demand: { cpu: 3000 },
            require: { zone: ["b", "c"] },
            antiAffinity: { with: ["web"], over: "zone" },
        };
        const { unplaced } = place({ hosts, services: [{ ...picky, replicas: 2 }] });
        assert.deepEqual(unplaced, [
            {
                replica: "web-1",
                reasons: {
                    vm1: "zone: needs b or c, is a",
                    vm2: "zone: needs b or c, is a",
                    vm3: "cpu: needs 3000, 1000 left; antiAffinity: web is on zone b",
                },
            },
        ]);
    });

    it("keeps the skew, and says so when it is in the way", () => {
        const full = [
            ...hosts.slice(0, 2),
            { name: "vm3", capacity: { cpu: 250, memory: 2048 }, labels: { zone: "b" } },
        ];
        const { assignment, unplaced } = place({ hosts: full, services: [{ ...web, spreadOver: "zone" }] });
        assert.equal(Object.keys(assignment).length, 3);
        const reasons = unplaced[0]?.reasons;
        assert.equal(reasons?.vm1, "spreadOver: zone a has 2, another only 1, maxSkew is 1");
        assert.equal(reasons?.vm3, "cpu: needs 250, 0 left");
    });

    it("keeps anti-affinity in both directions, whoever states it", () => {
        const db = { name: "a-db", replicas: 1, demand: { cpu: 100 } };
        const services = [{ ...web, replicas: 2, antiAffinity: { with: ["a-db"], over: "zone" } }, db];
        const { assignment } = place({ hosts, services });
        const zone = (replica: string): string => (assignment[replica] === "vm3" ? "b" : "a");
        assert.notEqual(zone("a-db-0"), zone("web-0"));
        assert.equal(zone("web-0"), zone("web-1"));
    });

    it("moves only what was on the lost host", () => {
        const services = [{ ...web, replicas: 9 }];
        const before = place({ hosts, services }).assignment;
        const lost = Object.values(before).filter((host) => host === "vm2").length;
        const after = place({ hosts: hosts.filter(({ name }) => name !== "vm2"), services, previous: before });
        assert.equal(after.moves, lost);
        for (const [replica, host] of Object.entries(before)) {
            if (host !== "vm2") assert.equal(after.assignment[replica], host);
        }
    });

    it("moves as few as can be when a host has become smaller", () => {
        const services = [
            { name: "big", replicas: 1, demand: { cpu: 3000 } },
            { name: "small", replicas: 3, demand: { cpu: 500 } },
        ];
        const previous = { "big-0": "vm1", "small-0": "vm1", "small-1": "vm1" };
        const shrunk = [
            { name: "vm1", capacity: { cpu: 3500 } },
            { name: "vm2", capacity: { cpu: 4000 } },
        ];
        const { moves, assignment } = place({ hosts: shrunk, services, previous });
        assert.equal(moves, 1);
        assert.equal(assignment["small-0"], "vm1");
    });

    it("makes room for what fits nowhere by moving what does not run yet", () => {
        // Largest first puts 5 beside 4; only 5 + 3 + 2 and 4 + 4 + 2 fill both hosts.
        const two = [
            { name: "vm1", capacity: { cpu: 10 } },
            { name: "vm2", capacity: { cpu: 10 } },
        ];
        const services = [5, 4, 4, 3, 2, 2].map((cpu, i) => ({ name: `s${i}`, replicas: 1, demand: { cpu } }));
        assert.deepEqual(place({ hosts: two, services, objective: "binpack" }).unplaced, []);
    });

    it("empties a host that greedy packing opened needlessly", () => {
        const three = ["vm1", "vm2", "vm3"].map((name) => ({ name, capacity: { cpu: 10 } }));
        const services = [5, 4, 4, 3, 2, 2].map((cpu, i) => ({ name: `s${i}`, replicas: 1, demand: { cpu } }));
        const { objective } = place({ hosts: three, services, objective: "fewest-hosts" });
        assert.deepEqual(objective, { value: 2, lowerBound: 2, gap: 0, proven: true });
    });

    it("puts a service where those that want to be with it can be", () => {
        const cache = { name: "cache", replicas: 2, demand: { cpu: 100 } };
        const services = [cache, { ...web, replicas: 1, require: { zone: ["b"] }, affinity: ["cache"] }];
        const { assignment, unplaced } = place({ hosts, services, objective: "fewest-hosts" });
        assert.deepEqual(unplaced, []);
        assert.equal(assignment["web-0"], "vm3");
    });

    it("does not move a running replica for a new one", () => {
        const two = [
            { name: "vm1", capacity: { cpu: 4 } },
            { name: "vm2", capacity: { cpu: 4 } },
        ];
        const services = [
            { name: "old", replicas: 2, demand: { cpu: 1 } },
            { name: "wide", replicas: 1, demand: { cpu: 4 } },
        ];
        const answer = place({ hosts: two, services, previous: { "old-0": "vm1", "old-1": "vm2" } });
        assert.deepEqual(answer.assignment, { "old-0": "vm1", "old-1": "vm2" });
        assert.equal(answer.unplaced[0]?.reasons.vm1, "cpu: needs 4, 3 left");
    });

    it("gives each host port once, and says who has it", () => {
        const pair = [
            { name: "vm1", portsInUse: [80, 81] },
            { name: "vm2", capacity: {} },
        ];
        const { assignment, unplaced } = place({ hosts: pair, services: [{ name: "web", replicas: 2, ports: [80] }] });
        assert.deepEqual(assignment, { "web-0": "vm2" });
        assert.deepEqual(unplaced[0]?.reasons, {
            vm1: "port 80: in use on the host",
            vm2: "port 80: taken by web-0",
        });
    });

    it("treats ports that are always taken together as one, however many they are", () => {
        const ports = Array.from({ length: 1000 }, (_, i) => 1000 - i);
        const many = Array.from({ length: 100 }, (_, i) => ({ name: `vm${i}`, capacity: {} }));
        const services = Array.from({ length: 50 }, (_, i) => ({ name: `s${i}`, replicas: 3, ports }));
        const { unplaced, conflict } = place({ hosts: many, services });
        assert.equal(unplaced.length, 50);
        assert.match(unplaced[0]?.reasons.vm0 ?? "", /^port 1, 2, 3, 4, 5 and 995 more: taken by s\d+-\d$/);
        assert.equal(conflict?.requirements[0]?.says, "3 x s0 with port 1, 2, 3, 4, 5 and 995 more of the host");
        // What differs in one port is not the same.
        const [first, second] = [[80, 81], [81]].map((of, i) => ({ name: `t${i}`, replicas: 1, ports: of }));
        const two = [{ name: "vm1", portsInUse: [80] }, { name: "vm2" }];
        assert.ok(first && second);
        assert.deepEqual(place({ hosts: two, services: [first, second] }).assignment, { "t0-0": "vm2", "t1-0": "vm1" });
    });

    it("puts replicas on the hosts they prefer before the objective counts", () => {
        const picky = { ...web, prefer: { zone: ["b"] } };
        const answer = place({ hosts, services: [picky] });
        assert.deepEqual([...new Set(Object.values(answer.assignment))], ["vm3"]);
        assert.deepEqual(answer.preferences, { missed: 0, lowerBound: 0 });
        assert.deepEqual(answer.objective, { value: 6, lowerBound: 1, gap: 5, proven: false });
        const full = place({ hosts, services: [{ ...picky, demand: { cpu: 2000 } }] });
        assert.deepEqual(full.preferences, { missed: 2, lowerBound: 2 });
    });

    it("says why each replica moves", () => {
        const three = ["vm1", "vm2"].map((name) => ({ name, capacity: { cpu: 4 } }));
        const services = [
            { name: "big", replicas: 1, demand: { cpu: 4 } },
            { name: "small", replicas: 2, demand: { cpu: 1 } },
        ];
        const previous = { "big-0": "vm3", "small-0": "vm1", "small-1": "vm2" };
        const { moved, moves, fewestMoves } = place({ hosts: three, services, previous });
        assert.deepEqual(moved, [
            { replica: "big-0", from: "vm3", to: "vm1", why: "vm3 is gone" },
            { replica: "small-0", from: "vm1", to: "vm2", why: "makes room for big-0" },
        ]);
        assert.deepEqual([moves, fewestMoves], [2, 2]);
        const kept = place({ hosts: three, services, previous, move: { restore: 0 } });
        assert.deepEqual([kept.moves, kept.unplaced.length], [0, 1]);
    });

    it("moves two for one where one is not enough", () => {
        const three = ["vm1", "vm2", "vm3"].map((name) => ({ name, capacity: { cpu: 4 } }));
        const services = [
            { name: "big", replicas: 1, demand: { cpu: 4 } },
            { name: "small", replicas: 2, demand: { cpu: 2 } },
            { name: "two", replicas: 1, demand: { cpu: 2 }, require: { host: ["vm2"] } },
            { name: "three", replicas: 1, demand: { cpu: 2 }, require: { host: ["vm3"] } },
        ];
        const previous = { "big-0": "vm4", "small-0": "vm1", "small-1": "vm1", "two-0": "vm2", "three-0": "vm3" };
        const { moves, fewestMoves, unplaced } = place({ hosts: three, services, previous });
        assert.deepEqual([moves, fewestMoves, unplaced], [3, 3, []]);
    });

    it("betters the objective by as many moves as it may", () => {
        const services = [{ name: "web", replicas: 3, demand: { cpu: 1 } }];
        const previous = { "web-0": "vm1", "web-1": "vm1", "web-2": "vm1" };
        const figures = [0, 1, 2].map((improve) => {
            const { moved, objective } = place({ hosts, services, previous, move: { improve } });
            for (const { why } of moved) assert.equal(why, "betters the objective");
            return [moved.length, objective.value];
        });
        assert.deepEqual(figures, [
            [0, 3],
            [1, 1],
            [2, 0],
        ]);
    });
});
