import assert from "node:assert/strict";
import type { HeldPorts } from "../../../lib/containers/assignPorts";
import { type ContainerSetSpec, containerSetSpec } from "../../../lib/containers/containerSetSpec";
import { explainSet } from "../../../lib/containers/explainSet";
import { moveWords } from "../../../lib/containers/moveWords";
import type { RoundPlan, Settled } from "../../../lib/containers/planRound";
import type { DockerHostSpec } from "../../../lib/dockerHost";
import { Faults } from "../../../lib/faults";
import { faultsOf } from "../../support/faults";
import { planRound } from "../../support/planRound";

const host = (name: string, labels: Record<string, string> = {}, memory = 1000): DockerHostSpec => ({
    name,
    address: `10.77.0.${name.charCodeAt(name.length - 1)}`,
    capacity: { cpu: 4000, memory },
    labels,
});
const vms = [host("vm1"), host("vm2"), host("vm3")];
const set = (name: string, args: object, hosts = vms, more: Partial<ContainerSetSpec> = {}): ContainerSetSpec => ({
    ...containerSetSpec(name, { hosts: [], image: "x", ports: [{ container: 80 }], ...args }, hosts, new Faults()),
    ...more,
});
const MiB = (memoryMiB: number, replicas = 1) => ({ replicas, resources: { memoryMiB } });
const nothing = (): Settled => ({ sets: [], plans: new Map() });
const ran = (table: Record<string, string>): Map<string, HeldPorts> =>
    new Map(
        Object.entries(table).map(([replica, vm], slot) => [replica, { vm, version: "v", slots: [slot], turn: 0 }]),
    );

const plan = (sets: ContainerSetSpec[], held: Record<string, string> = {}, settled = nothing()): RoundPlan => {
    const faults = new Faults();
    const found = planRound({ sets, held: ran(held) }, settled, faults);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    assert.ok(found);
    return found;
};
const wrong = (sets: ContainerSetSpec[], held: Record<string, string> = {}, settled = nothing()) =>
    faultsOf((faults) => planRound({ sets, held: ran(held) }, settled, faults));

describe("one replica on every host", () => {
    const agent = (hosts = vms) => set("agent", { replicas: "every-host", resources: { memoryMiB: 10 } }, hosts);

    it("is called by its host, and keeps its ports when others come and go", () => {
        const first = plan([agent()]);
        assert.deepEqual(first.assignment, { "agent-vm1": "vm1", "agent-vm2": "vm2", "agent-vm3": "vm3" });
        const held = { "agent-vm1": "vm1", "agent-vm2": "vm2", "agent-vm3": "vm3" };
        const fewer = plan([agent([host("vm0"), ...vms.slice(1)])], held);
        assert.deepEqual(fewer.assignment, { "agent-vm0": "vm0", "agent-vm2": "vm2", "agent-vm3": "vm3" });
        assert.deepEqual(fewer.moved, []);
        assert.deepEqual(fewer.plans.get("agent")?.get("agent-vm3")?.slots, [2]);
    });

    it("does not push away what runs, and says which host is too full", () => {
        const sets = [agent(), set("web", MiB(995))];
        assert.deepEqual(wrong(sets, { "web-0": "vm2" }), [
            'agent.replicas: agent-vm2 does not fit on "vm2" (memory: needs 10, 5 left); lower resources, or leave "vm2" out of hosts',
        ]);
    });

    it("is not mistaken for another set's", () => {
        const hosts = [host("vm1"), host("api-1")];
        assert.deepEqual(wrong([set("web", { replicas: "every-host" }, hosts), set("web-api", {}, hosts)]), [
            'web.hosts: web-api-1 would be called like a replica of web-api, got "api-1"; rename one of them',
        ]);
        const dashed = plan([
            set("web", { replicas: "every-host", survives: { vms: 1 } }, [host("vm-1"), host("vm-2")]),
        ]);
        assert.deepEqual(Object.keys(dashed.assignment), ["web-vm-1", "web-vm-2"]);
    });

    it("is explained as such", () => {
        assert.deepEqual(explainSet(plan([agent()]), "agent")["agent-vm1"], {
            host: "vm1",
            why: "one runs on every host",
            elsewhere: { vm2: "every host has its own", vm3: "every host has its own" },
        });
    });
});

describe("pins of a set", () => {
    it("bind a replica to a host, and are told by their path where they do not fit", () => {
        const pinned = set("web", { ...MiB(600, 2), placement: { pin: { "web-1": "vm1" } } });
        assert.deepEqual(plan([pinned]).assignment, { "web-0": "vm2", "web-1": "vm1" });
        assert.deepEqual(wrong([pinned, set("db", MiB(600))], { "db-0": "vm1", "web-1": "vm1" }), []);
        const both = { ...MiB(600, 2), placement: { pin: { "web-0": "vm1", "web-1": "vm1" } } };
        assert.deepEqual(wrong([set("web", both)]), [
            'web.placement.pin["web-1"]: web-1 does not fit on "vm1", which it is pinned to (memory: needs 600, 400 left); make room there, or pin it to another host',
        ]);
        assert.deepEqual(wrong([set("web", { placement: { pin: { "web-7": "vm1" } } })]), [
            'web.placement.pin["web-7"]: there is no replica "web-7"; there is web-0',
        ]);
    });
});

describe("replicas that stay with their data", () => {
    const stays = (args: object, hosts = vms) => set("db", args, hosts, { stays: true });

    it("are pinned to where they ran, new ones are free", () => {
        const free = set("db", { replicas: 2, placement: { prefer: { host: ["vm1"] }, move: { improve: 2 } } });
        const held = { "db-0": "vm3" };
        assert.deepEqual(plan([free], held).assignment, { "db-0": "vm1", "db-1": "vm1" });
        const bound = plan([{ ...free, stays: true }], held);
        assert.deepEqual(bound.assignment, { "db-0": "vm3", "db-1": "vm1" });
        const told = explainSet(bound, "db")["db-0"];
        assert.deepEqual([told?.why, told?.elsewhere.vm1], ["has its data there", "its data is on vm3"]);
    });

    it("are an error where that host is none of the set's any more, or is forbidden", () => {
        assert.deepEqual(wrong([stays({}, vms.slice(0, 2))], { "db-0": "vm3" }), [
            'db.hosts: lacks "vm3", where the data of db-0 is; keep it among the hosts, or, when the data is elsewhere now or given up, say where with placement.pin: { "db-0": HOST }',
        ]);
        assert.deepEqual(wrong([stays({ placement: { pin: { "db-0": "vm1" } } })], { "db-0": "vm3" }), [
            'db.placement.pin["db-0"]: is "vm1", but its data is on "vm3"; pin it there, or leave the pin out',
        ]);
        const zoned = [host("vm1", { zone: "a" }), host("vm2", { zone: "b" })];
        assert.deepEqual(wrong([stays({ placement: { require: { zone: ["a"] } } }, zoned)], { "db-0": "vm2" }), [
            'db.placement.require.zone: ["a"] leaves out "vm2", where the data of db-0 is; allow that host, or leave out the volume',
        ]);
    });

    it("are an error where they do not fit any more", () => {
        assert.deepEqual(wrong([stays(MiB(1200), [host("vm1"), host("vm2", {}, 2000)])], { "db-0": "vm1" }), [
            'db.replicas: db-0 does not fit on "vm1", where its data is (memory: needs 1200, 1000 left); make room there, or lower resources',
        ]);
    });

    it("do not care about data of replicas that are no more", () => {
        assert.deepEqual(plan([stays({ replicas: 1 }, vms.slice(0, 2))], { "db-1": "vm3" }).assignment, {
            "db-0": "vm1",
        });
    });
});

describe("sets with different objectives", () => {
    it("are placed one objective after the other, and share their hosts", () => {
        const sets = [
            set("web", { ...MiB(300, 3), placement: { objective: "spread" } }),
            set("batch", { ...MiB(300, 3), placement: { objective: "fewest-hosts" } }),
        ];
        const { assignment } = plan(sets);
        assert.equal(new Set(["batch-0", "batch-1", "batch-2"].map((replica) => assignment[replica])).size, 1);
        assert.equal(new Set(["web-0", "web-1", "web-2"].map((replica) => assignment[replica])).size, 2);
        assert.deepEqual(plan([...sets].reverse()).assignment, assignment);
    });

    it("leave what runs of the others where it is", () => {
        const sets = [
            set("web", { ...MiB(900), placement: { objective: "spread" } }),
            set("batch", { ...MiB(900), placement: { objective: "binpack" } }),
        ];
        assert.deepEqual(plan(sets, { "web-0": "vm1" }).assignment, { "batch-0": "vm2", "web-0": "vm1" });
    });

    it("may want to be with each other, but not in a circle", () => {
        const cache = set("cache", { placement: { objective: "spread", require: { host: ["vm3"] } } });
        const web = set("web", { placement: { objective: "binpack", affinity: ["cache"] } });
        assert.deepEqual(plan([web, cache]).assignment, { "cache-0": "vm3", "web-0": "vm3" });
        const apart = set("cache", {
            placement: { antiAffinity: { with: ["web"] }, require: { host: ["vm1", "vm2"] } },
        });
        const first = set("web", { placement: { objective: "binpack" } });
        assert.deepEqual(plan([first, apart]).assignment, { "cache-0": "vm2", "web-0": "vm1" });
        const circle = set("cache", { placement: { affinity: { with: ["web"], over: "host" } } });
        assert.deepEqual(wrong([web, circle]), [
            'cache.placement.objective: is "spread", and sets of different objectives want to be with each other; give those the same',
            'web.placement.objective: is "binpack", and sets of different objectives want to be with each other; give those the same',
        ]);
    });
});

describe("what a set asks to move", () => {
    it("moves its own replicas alone, as many as it says", () => {
        const held = { "web-0": "vm1", "web-1": "vm1", "web-2": "vm1", "api-0": "vm2", "api-1": "vm2" };
        const api = set("api", { replicas: 2 });
        const web = (improve: number) => set("web", { replicas: 3, placement: { move: { improve } } });
        assert.deepEqual(plan([web(0), api], held).moved, []);
        const one = plan([web(1), api], held);
        assert.deepEqual(
            one.moved.map(({ replica, from }) => [replica.split("-")[0], from]),
            [["web", "vm1"]],
        );
        assert.equal(plan([web(5), api], held).moved.length, 2);
        assert.match(
            moveWords(one, "web") ?? "",
            /^web: 1 of 3 replicas moves to another host\.\n {2}web-\d: vm1 -> vm\d \(betters the objective\)$/,
        );
        assert.equal(moveWords(one, "api"), undefined);
    });

    it("does not take what runs of a set with another objective", () => {
        const held = { "a-0": "vm1", "a-1": "vm1", "b-0": "vm2", "c-0": "vm3" };
        const sets = [
            set("a", { ...MiB(400, 2), placement: { objective: "balance", move: { improve: 2 } } }),
            set("b", { ...MiB(700), placement: { objective: "spread" } }),
            set("c", { ...MiB(700), placement: { objective: "spread" } }),
        ];
        const { assignment, moved } = plan(sets, held);
        assert.deepEqual([assignment["b-0"], assignment["c-0"], moved], ["vm2", "vm3", []]);
    });

    it("makes room for new replicas of any set", () => {
        const held = { "web-0": "vm1", "web-1": "vm2" };
        const two = vms.slice(0, 2);
        const db = set("db", MiB(700), two);
        assert.match(wrong([set("web", MiB(400, 2), two), db], held).join(), /db-0 fits on no host/);
        const moving = set("web", { ...MiB(400, 2), placement: { move: { add: 1 } } }, two);
        const { moved, assignment } = plan([moving, db], held);
        assert.deepEqual(
            moved.map(({ why }) => why),
            ["makes room for db-0"],
        );
        assert.equal(new Set([assignment["web-0"], assignment["web-1"]]).size, 1);
    });

    it("may forbid that what runs gives way to what has lost its host: the least of all sets counts", () => {
        const held = { "web-0": "vm1", "api-0": "vm2", "db-0": "vm9" };
        const sets = (restore?: number) => [
            set(
                "web",
                { ...MiB(400), ...(restore !== undefined && { placement: { move: { restore } } }) },
                vms.slice(0, 2),
            ),
            set("api", MiB(400), vms.slice(0, 2)),
            set("db", MiB(700), vms.slice(0, 2)),
        ];
        assert.equal(plan(sets(), held).moved.length, 2);
        assert.match(wrong(sets(0), held).join(), /db-0 fits on no host/);
    });

    it("is told shortly where it is much", () => {
        const moved = Array.from({ length: 30 }, (_, i) => ({
            replica: `web-${i}`,
            from: "vm9",
            to: "vm1",
            why: "vm9 is gone",
        }));
        const text = moveWords({ moved, sets: [set("web", { replicas: 30 })] }, "web") ?? "";
        assert.match(text, /^web: 30 of 30 replicas move to another host\./);
        assert.equal(text.split("\n").length, 22);
        assert.match(text, /\n {2}and 10 more$/);
    });
});

describe("sets of a later round", () => {
    it("take what earlier ones have left, and ports that those have not", () => {
        const settled = nothing();
        const first = plan([set("web", MiB(600, 2))], {}, settled);
        // The same machines, described once more.
        const again = ["vm1", "vm2", "vm3"].map((name) => host(name));
        const second = plan([set("api", { ...MiB(600) }, again), set("job", { replicas: 3 }, again)], {}, settled);
        assert.equal(second.assignment["api-0"], "vm3");
        const slots = [first, second].flatMap(({ plans, assignment }) =>
            [...plans.values()].flatMap((one) =>
                [...one].map(([name, { slots: own }]) => `${assignment[name]} ${own}`),
            ),
        );
        assert.equal(new Set(slots).size, slots.length);
        assert.deepEqual(wrong([set("db", MiB(600), again)], {}, settled), [
            "db.replicas: db-0 fits on no host (vm1: memory: needs 600, 400 left; vm2: memory: needs 600, 400 left; vm3: memory: needs 600, 400 left); add a host, or lower replicas or resources",
        ]);
    });

    it("keep away from earlier ones, follow them, and depend on them", () => {
        const settled = nothing();
        plan([set("web", { placement: { require: { host: ["vm2"] } } })], {}, settled);
        const { assignment } = plan(
            [
                set("api", { placement: { affinity: ["web"] } }),
                set("db", { replicas: 2, placement: { antiAffinity: { with: ["web", "db"] }, dependsOn: ["web"] } }),
            ],
            {},
            settled,
        );
        assert.deepEqual(assignment, { "api-0": "vm2", "db-0": "vm1", "db-1": "vm3", "web-0": "vm2" });
        const fault = wrong(
            [set("job", { survives: { vms: 1 }, replicas: 2, placement: { dependsOn: ["web"] } })],
            {},
            settled,
        );
        assert.match(fault.join(), /^job\.survives\.vms: losing host vm2 stops job: it depends on web/);
    });

    it("do not get a port that a container has which still runs", () => {
        const taken = [{ vm: "vm1", slots: [0, 1] }];
        const faults = new Faults();
        const found = planRound({ sets: [set("web", {}, [host("vm1")])], held: new Map(), taken }, nothing(), faults);
        assert.deepEqual(found?.plans.get("web")?.get("web-0")?.slots, [2]);
    });
});

describe("many replicas", () => {
    it("are planned and explained fast: 1,000 on 50 hosts", () => {
        const fifty = Array.from({ length: 50 }, (_, i) => host(`vm${i}`, { zone: `z${i % 3}` }, 32_768));
        const apart = fifty.map((one, i) => ({
            ...one,
            address: `10.78.0.${i}`,
            capacity: { cpu: 32_000, memory: 32_768 },
        }));
        const web = set("web", { ...MiB(128, 1000), placement: { spreadOver: "zone" } }, apart);
        const found = plan([web, set("agent", { replicas: "every-host" }, apart)]);
        assert.equal(Object.keys(found.assignment).length, 1050);
        assert.equal(Object.keys(explainSet(found, "web")).length, 1000);
    });
});

describe("rules over host, hypervisor and zone", () => {
    const farm = [
        host("vm1", { hypervisor: "rack1", zone: "a" }),
        host("vm2", { hypervisor: "rack1", zone: "a" }),
        host("vm3", { hypervisor: "rack2", zone: "a" }),
        host("vm4", { hypervisor: "rack3", zone: "b" }),
    ];
    const domain = (over: string, vm: string | undefined) => {
        const found = farm.find(({ name }) => name === vm);
        return over === "host" ? found?.name : found?.labels[over];
    };

    for (const [over, most] of [
        ["host", 4],
        ["hypervisor", 3],
        ["zone", 2],
    ] as const) {
        it(`keep replicas apart over ${over}, and say which is in the way`, () => {
            const apart = (replicas: number) =>
                set("web", { replicas, placement: { antiAffinity: { with: ["web"], over } } }, farm);
            const { assignment } = plan([apart(most)]);
            assert.equal(new Set(Object.values(assignment).map((vm) => domain(over, vm))).size, most);
            assert.match(
                wrong([apart(most + 1)]).join(),
                new RegExp(`vm1: antiAffinity: web is on ${over} ${domain(over, "vm1")}`),
            );
        });

        it(`bring sets together over ${over}`, () => {
            const cache = set("cache", { placement: { require: { host: ["vm3"] } } }, farm);
            const web = set("web", { replicas: 2, placement: { affinity: { with: ["cache"], over } } }, farm);
            const { assignment } = plan([cache, web]);
            for (const replica of ["web-0", "web-1"]) {
                assert.equal(domain(over, assignment[replica]), domain(over, "vm3"));
            }
            const alone = set(
                "web",
                { placement: { affinity: { with: ["cache"], over }, require: { host: ["vm4"] } } },
                farm,
            );
            assert.match(wrong([cache, alone]).join(), /vm4: affinity: cache is not (there|on \w+ \w+)/);
        });

        it(`spread with a maximum skew over ${over}`, () => {
            const web = set("web", { replicas: most * 2, placement: { spreadOver: over, maxSkew: 1 } }, farm);
            const counts = new Map<string | undefined, number>();
            for (const vm of Object.values(plan([web]).assignment)) {
                counts.set(domain(over, vm), (counts.get(domain(over, vm)) ?? 0) + 1);
            }
            assert.deepEqual([...counts.values()], new Array(most).fill(2));
        });
    }
});
