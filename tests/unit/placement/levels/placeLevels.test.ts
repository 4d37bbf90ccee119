import assert from "node:assert/strict";
import { FusionInputError } from "../../../../lib/inputError";
import { type LevelsProblem, placeLevels } from "../../../../lib/placement";

const rack = (name: string, memory: number, zone = "a"): LevelsProblem["hypervisors"][number] => ({
    name,
    capacity: { memory },
    labels: { zone },
});

const problem: LevelsProblem = {
    hypervisors: [rack("hv1", 8), rack("hv2", 8), rack("hv3", 8, "b")],
    vms: [{ name: "vm", replicas: 6, demand: { memory: 4 }, offers: { cpu: 4 } }],
    services: [{ name: "db", replicas: 3, demand: { cpu: 1 }, antiAffinity: { with: ["db"], over: "hypervisor" } }],
};

describe("placeLevels", () => {
    it("keeps replicas on different hypervisors, which containers see as a label of their machine", () => {
        const { vms, services } = placeLevels(problem);
        assert.deepEqual([vms.unplaced, services.unplaced], [[], []]);
        const under = Object.values(services.assignment).map((vm) => vms.assignment[vm]);
        assert.deepEqual(under.sort(), ["hv1", "hv2", "hv3"]);
    });

    it("lets machines inherit their hypervisor's labels, but for those they have themselves", () => {
        const { vms, services } = placeLevels({
            ...problem,
            services: [
                { name: "web", replicas: 1, require: { zone: ["b"] } },
                { name: "lab", replicas: 1, require: { zone: ["own"] } },
            ],
            vms: [
                ...problem.vms.map((of) => ({ ...of, replicas: 5 })),
                { name: "lab", replicas: 1, labels: { zone: "own" } },
            ],
        });
        assert.equal(vms.assignment[services.assignment["web-0"] ?? ""], "hv3");
        assert.equal(services.assignment["lab-0"], "lab-0");
    });

    it("places the machines further apart when the containers ask for it", () => {
        // As few hypervisors as possible would be one; three replicas apart need three.
        const wide = {
            ...problem,
            hypervisors: problem.hypervisors.map((of) => ({ ...of, capacity: { memory: 99 } })),
        };
        const { vms, services } = placeLevels({ ...wide, vmObjective: "fewest-hosts" });
        assert.deepEqual(services.unplaced, []);
        assert.equal(new Set(Object.values(vms.assignment)).size, 3);
        const alone = placeLevels({ ...wide, vmObjective: "fewest-hosts", services: [{ name: "web", replicas: 2 }] });
        assert.equal(new Set(Object.values(alone.vms.assignment)).size, 1);
    });

    it("leaves both levels as they are when nothing changed, and moves no machine for a new container", () => {
        const first = placeLevels(problem);
        const previous = { vms: first.vms.assignment, services: first.services.assignment };
        const again = placeLevels({ ...problem, previous });
        assert.deepEqual([again.vms.moves, again.services.moves], [0, 0]);
        assert.deepEqual(again.services.assignment, first.services.assignment);
        const more = [...problem.services, { name: "web", replicas: 4, demand: { cpu: 1 } }];
        const grown = placeLevels({ ...problem, previous, services: more });
        assert.deepEqual([grown.vms.moves, grown.services.moves, grown.services.unplaced.length], [0, 0, 0]);
    });

    it("says why no container runs when no machine does", () => {
        const { vms, services } = placeLevels({ ...problem, hypervisors: [rack("hv1", 3)] });
        assert.equal(vms.unplaced[0]?.reasons.hv1, "memory: needs 4, 3 left");
        assert.equal(services.unplaced[0]?.reasons["vm-0"], "is on no hypervisor");
    });

    it("names wrong arguments by their place in the whole problem", () => {
        const wrong = (change: object, path: string): void => {
            assert.throws(
                () => placeLevels({ ...problem, ...change }),
                (error) =>
                    error instanceof FusionInputError && error.errors.some(({ propertyPath }) => propertyPath === path),
                path,
            );
        };
        wrong({ hypervisors: [] }, "hypervisors");
        wrong({ hypervisors: [{ name: "hv1", capacity: { memory: -1 } }] }, "hypervisors[0].capacity.memory");
        wrong({ vms: [{ name: "vm", replicas: 1.5 }] }, "vms[0].replicas");
        wrong({ vms: [{ name: "vm", replicas: 1, offers: { cpu: 0.5 } }] }, "vms[0].offers.cpu");
        wrong({ services: [{ name: "web", replicas: 1, demand: { gpu: 1 } }] }, "services[0].demand.gpu");
        wrong({ vmObjective: "most" }, "vmObjective");
        wrong({ previous: { vms: { "vm-0": 3 } } }, 'previous.vms["vm-0"]');
        wrong({ machines: [] }, "machines");
        wrong({ vms: [7] }, "vms[0]");
        for (const text of ["null", "{}", "[]", "3", '{"vms": null, "services": [], "hypervisors": {}}']) {
            assert.throws(() => placeLevels(JSON.parse(text)), FusionInputError, text);
        }
    });
});
