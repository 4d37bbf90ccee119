import assert from "node:assert/strict";
import type { DockerHostSpec } from "../../../lib/dockerHost";
import { Faults } from "../../../lib/faults";
import type { SurvivalDemands, SwarmService } from "../../../lib/graph";
import { checkSwarmSurvival } from "../../../lib/swarm/checkSurvival";

const nodes: DockerHostSpec[] = ["a", "b"].map((zone, i) => ({
    name: `vm${i + 1}`,
    address: `10.77.0.${11 + i}`,
    capacity: { cpu: 1000, memory: 1024 },
    labels: { zone },
}));
const services: SwarmService[] = [
    { name: "web", replicas: 2, demand: { cpu: 0, memory: 1024 }, dependsOn: ["db"] },
    { name: "db", replicas: 2, maxPerNode: 1, dependsOn: ["store"] },
    { name: "store", placed: { vm1: 1 } },
    { name: "other", replicas: 1, dependsOn: ["gone"] },
];

function told(name: string, survives: SurvivalDemands): string[] {
    const faults = new Faults();
    checkSwarmSurvival(name, services, nodes, survives, faults);
    return faults.size === 0 ? [] : faults.error().message.split("\n");
}

describe("survives of a set on a swarm", () => {
    it("is refused with a worst placement and the remedy", () => {
        assert.deepEqual(told("db", { vms: 1 }), [
            "db.survives.vms: losing host vm1 may stop db: it depends on store, of which vm1 runs the only replica; only 1 host may run store: let it run on another host",
        ]);
        // The program's capacity has room for one a machine, but Swarm goes by what Docker reports there.
        assert.match(
            told("web", { zones: 1 }).join(),
            /^web\.survives\.zones: losing zone a may stop web: a may run both/,
        );
    });

    it("holds where it holds, and asks nothing where nothing is demanded", () => {
        assert.deepEqual(told("db", { vms: 0 }), []);
        assert.deepEqual(told("other", {}), []);
    });

    it("tells a wrong demand with the set's path", () => {
        assert.deepEqual(told("db", { rack: 1 }), [
            'db.survives.rack: hosts vm1, vm2 have no label "rack"; give it to every host, or leave it out here',
        ]);
    });
});
