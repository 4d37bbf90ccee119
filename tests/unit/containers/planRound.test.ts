import assert from "node:assert/strict";
import type { HeldPorts } from "../../../lib/containers/assignPorts";
import { containerSetSpec } from "../../../lib/containers/containerSetSpec";
import type { SetPlan, Settled } from "../../../lib/containers/planRound";
import type { DockerHostSpec } from "../../../lib/dockerHost";
import { Faults } from "../../../lib/faults";
import { faultsOf } from "../../support/faults";
import { planRound } from "../../support/planRound";

const host = (name: string, cpu = 1000, address = `10.77.0.${name.slice(2)}`): DockerHostSpec => ({
    name,
    address,
    capacity: { cpu, memory: 1024 },
    labels: {},
});
const set = (name: string, hosts: DockerHostSpec[], args: object) =>
    containerSetSpec(name, { hosts: [], image: "x", ports: [{ container: 80 }], ...args }, hosts, new Faults());
type Set = ReturnType<typeof set>;

const nothing = (): Settled => ({ sets: [], plans: new Map() });
const plan = (sets: Set[], held: Record<string, HeldPorts> = {}, settled: Settled = nothing()) => {
    const faults = new Faults();
    const round = planRound({ sets, held: new Map(Object.entries(held)) }, settled, faults);
    assert.equal(faults.size, 0, faults.size > 0 ? faults.error().message : "");
    return round?.plans ?? new Map<string, SetPlan>();
};
const wrong = (sets: Set[], held: Record<string, HeldPorts> = {}) =>
    faultsOf((faults) => planRound({ sets, held: new Map(Object.entries(held)) }, nothing(), faults));
const where = (plans: ReadonlyMap<string, SetPlan>) =>
    Object.fromEntries([...plans.values()].flatMap((one) => [...one].map(([replica, { vm }]) => [replica, vm])));
const held = (vm: string, slot: number): HeldPorts => ({ vm, version: "v1", slots: [slot], turn: 0 });
const cpus = (count: number, replicas = 1) => ({ replicas, resources: { cpus: count } });

describe("planning the sets of one round", () => {
    it("shares the hosts' capacity between sets, whatever their order", () => {
        const hosts = [host("vm1"), host("vm2")];
        const sets = [set("web", hosts, cpus(0.6)), set("api", hosts, cpus(0.6))];
        const placed = where(plan(sets));
        assert.deepEqual(new Set(Object.values(placed)), new Set(["vm1", "vm2"]));
        assert.deepEqual(where(plan([...sets].reverse())), placed);
    });

    it("gives the replicas of two sets on one host different ports", () => {
        const hosts = [host("vm1")];
        const plans = plan([set("web", hosts, { replicas: 2 }), set("api", hosts, { replicas: 2 })]);
        const slots = [...plans.values()].flatMap((one) => [...one.values()].flatMap((replica) => replica.slots));
        assert.equal(new Set(slots).size, 4);
    });

    it("counts what an earlier round has used", () => {
        const hosts = [host("vm1"), host("vm2")];
        const settled: Settled = nothing();
        const [first] = Object.values(where(plan([set("web", hosts, cpus(0.6))], {}, settled)));
        const [second] = Object.values(where(plan([set("api", hosts, cpus(0.6))], {}, settled)));
        assert.notEqual(first, second);
        assert.match(
            faultsOf((faults) =>
                planRound({ sets: [set("db", hosts, cpus(0.6))], held: new Map() }, settled, faults),
            ).join(),
            /db-0 fits on no host/,
        );
    });

    it("moves nothing when a replica, a host or a set is added, or a replica goes", () => {
        const [one, two, three] = [host("vm1"), host("vm2"), host("vm3")];
        // Not where a fresh placement would put them.
        const before = { "web-0": held("vm2", 0), "web-1": held("vm2", 1), "web-2": held("vm1", 0) };
        const kept = { "web-0": "vm2", "web-1": "vm2" };
        for (const sets of [
            [set("web", [one, two], { replicas: 3 })],
            [set("web", [one, two], { replicas: 5 })],
            [set("web", [one, two, three], { replicas: 3 })],
            [set("web", [one, two], { replicas: 3 }), set("api", [one, two], { replicas: 2 })],
            [set("web", [one, two], { replicas: 2 })],
        ]) {
            const plans = plan(sets, before);
            const placed = where(plans);
            assert.deepEqual({ "web-0": placed["web-0"], "web-1": placed["web-1"] }, kept);
            assert.deepEqual(plans.get("web")?.get("web-1")?.slots, [1]);
        }
    });

    it("moves what was on a host that is gone", () => {
        const placed = where(
            plan([set("web", [host("vm1")], { replicas: 2 })], { "web-0": held("vm1", 0), "web-1": held("vm9", 0) }),
        );
        assert.deepEqual(placed, { "web-0": "vm1", "web-1": "vm1" });
    });

    it("gives a fixed port once a host, to all sets together", () => {
        const hosts = [host("vm1"), host("vm2")];
        const fixed = (replicas: number) => ({ replicas, ports: [{ container: 80, host: 80 }] });
        assert.equal(new Set(Object.values(where(plan([set("web", hosts, fixed(2))])))).size, 2);
        assert.match(
            wrong([set("web", hosts, fixed(1)), set("api", hosts, fixed(2))]).join(),
            /fits on no host .*port 80: taken by/,
        );
    });

    it("says of a replica that fits nowhere why, host by host", () => {
        const hosts = [host("vm1"), host("vm2", 500)];
        const told = wrong([set("web", hosts, cpus(0.6, 2))]);
        assert.equal(told.length, 1);
        assert.match(
            told[0] ?? "",
            /^web\.replicas: web-\d fits on no host \(vm1: cpu.*; vm2: cpu.*\); add a host, or lower/,
        );
    });

    it("names arguments as the user wrote them, not as the placement calls them", () => {
        const hosts = [host("vm1")];
        const told = wrong([
            set("api", hosts, {}),
            set("web", hosts, { placement: { dependsOn: ["nosuch"], needs: -1 } }),
        ]);
        assert.deepEqual(
            told.map((line) => line.replace(/:.*/, "")),
            ["web.placement.dependsOn[0]", "web.placement.needs"],
        );
        assert.match(
            faultsOf((faults) =>
                containerSetSpec("web", JSON.parse('{"survives":null,"image":"x"}'), hosts, faults),
            ).join(),
            /^web\.survives: must be an object, got null; give/,
        );
    });

    it("refuses two hosts of one name", () => {
        const told = wrong([set("web", [host("vm1"), host("vm1", 1000, "10.0.0.9")], {})]);
        assert.match(
            told.join(),
            /^web\.hosts\[1\]\.name: "vm1" is another host's name already \(10\.77\.0\.1 and 10\.0\.0\.9\); give/,
        );
    });

    describe("survives", () => {
        const zoned = (name: string, zone: string): DockerHostSpec => ({ ...host(name), labels: { zone } });
        const two = [zoned("vm1", "a"), zoned("vm2", "a")];
        const three = [...two, zoned("vm3", "b")];

        it("holds where the replicas are far enough apart", () => {
            const args = { replicas: 2, survives: { vms: 1, zones: 1 }, placement: { spreadOver: "zone" } };
            plan([set("web", three, args)]);
            plan([set("web", two, { replicas: 2, survives: { vms: 1 } })]);
        });

        it("is an error that says what stops the set, and what to do", () => {
            const [fault, ...more] = wrong([set("web", two, { replicas: 2, survives: { vms: 1, zones: 1 } })]);
            assert.match(fault ?? "", /^web\.survives\.zones: losing zone a stops web: both replicas are there; /);
            assert.deepEqual(more, []);
            const few = wrong([set("web", three, { replicas: 1, survives: { vms: 1 } })]);
            assert.match(few.join(), /^web\.survives\.vms: .* its only replica is there; /);
        });

        it("counts what the set needs, and the sets that it depends on", () => {
            const quorum = { replicas: 3, survives: { vms: 1 }, placement: { needs: 3 } };
            assert.match(wrong([set("web", three, quorum)]).join(), /and it needs 3/);
            const sets = [
                set("web", three, { replicas: 3, survives: { vms: 1 }, placement: { dependsOn: ["db"] } }),
                set("db", three, { replicas: 1 }),
            ];
            assert.match(wrong(sets).join(), /losing host vm\d stops web: it depends on db/);
        });

        it("speaks of the set's own hosts alone, and names one that lacks the label", () => {
            const other = set("lab", [host("vm9")], { replicas: 1 });
            plan([
                other,
                set("web", three, { replicas: 2, survives: { zones: 1 }, placement: { spreadOver: "zone" } }),
            ]);
            const fault = wrong([set("web", [...two, host("vm4")], { survives: { zones: 1 } })]).join();
            assert.match(fault, /web\.survives\.zones: .*vm4/);
            assert.match(
                wrong([set("web", two, { survives: { vms: -1 } })]).join(),
                /web\.survives\.vms: must be a whole/,
            );
        });
    });

    it("places two sets with one fixed port on different hosts, and says who has it", () => {
        const hosts = [host("vm1")];
        const fixed = { ports: [{ container: 80, host: 8080 }] };
        const faults = wrong([set("web", hosts, fixed), set("api", hosts, fixed)]);
        assert.match(faults.join(), /port 8080: taken by (web|api)-0/);
        const settled: Settled = nothing();
        plan([set("web", hosts, fixed)], {}, settled);
        assert.match(
            faultsOf((list) => planRound({ sets: [set("api", hosts, fixed)], held: new Map() }, settled, list)).join(),
            /port 8080: taken by web-0/,
        );
    });

    it("gives no port that another set has fixed, on any of its hosts", () => {
        const hosts = [host("vm1"), host("vm2")];
        const fixed = { replicas: 1, ports: [{ container: 80, host: 20_000 }] };
        const plans = plan([set("api", hosts, fixed), set("web", hosts, { replicas: 2 })]);
        assert.deepEqual(
            [...(plans.get("web")?.values() ?? [])].map(({ slots }) => slots),
            [[1], [1]],
        );
    });

    it("takes one number over TCP and UDP for one port", () => {
        const dns = {
            ports: [
                { container: 53, host: 53 },
                { container: 53, host: 53, protocol: "udp" },
            ],
        };
        assert.deepEqual(where(plan([set("dns", [host("vm1")], dns)])), { "dns-0": "vm1" });
    });

    it("keeps replicas apart whose data is in one directory of their host", () => {
        const data = { replicas: 2, volumes: [{ name: "data", path: "/data", hostPath: "/srv/data" }] };
        assert.match(wrong([set("db", [host("vm1")], data)]).join(), /db-1 fits on no host/);
        const placed = Object.values(where(plan([set("db", [host("vm1"), host("vm2")], data)])));
        assert.deepEqual(placed.sort(), ["vm1", "vm2"]);
    });

    it("brings a replica back to where its data is, however long it was away", () => {
        const hosts = [host("vm1"), host("vm2")];
        const data = { replicas: 1, volumes: [{ name: "data", path: "/data", hostPath: "/srv/data" }] };
        for (const home of ["vm1", "vm2"]) {
            const faults = new Faults();
            const problem = { sets: [set("db", hosts, data)], held: new Map(), homes: { "db-0": home } };
            assert.equal(planRound(problem, nothing(), faults)?.plans.get("db")?.get("db-0")?.vm, home);
        }
    });

    it("lets a replica whose host is gone go where it is pinned to, and nowhere else", () => {
        const data = (more: object) => ({ volumes: [{ name: "data", path: "/data" }], ...more });
        const sets = (more: object) => [set("db", [host("vm2"), host("vm3")], data(more))];
        const ran = { "db-0": held("vm1", 0) };
        assert.match(
            wrong(sets({}), ran).join(),
            /lacks "vm1", where the data of db-0 is; .*placement\.pin: { "db-0": HOST }/,
        );
        assert.deepEqual(where(plan(sets({ placement: { pin: { "db-0": "vm3" } } }), ran)), { "db-0": "vm3" });
    });
});
